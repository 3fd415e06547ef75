/** Verbs over a table in memory against arquero, on one thread: a million rows of text, integer and float columns. */
import { count, read, type BatchFrame } from 'millrace'
import type { Bench, Case, Scale } from './harness/bench.ts'

const KEYS = 300
const rowsOf = ({ quick }: Scale): number => (quick ? 20_000 : 1_000_000)

interface Data {
  readonly key: string[]
  readonly id: Int32Array
  readonly value: Float64Array
}

function data(rows: number): Data {
  let state = 1
  const uniform = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
  const out: Data = { key: [], id: new Int32Array(rows), value: new Float64Array(rows) }
  for (let i = 0; i < rows; i++) {
    out.key.push(`K${Math.floor(uniform() * KEYS)}`)
    out.id[i] = Math.floor(uniform() * rows)
    out.value[i] = uniform() * 100
  }
  return out
}

type Frame = BatchFrame<{ key: 'utf8'; id: 'int32'; value: 'float64' }>
type Arquero = typeof import('arquero')
type ArqueroTable = ReturnType<Arquero['table']>

interface Verb {
  readonly name: string
  readonly floor: number
  readonly ours: (frame: Frame) => { collect(): Promise<{ readonly length: number }> }
  readonly rival: (table: ArqueroTable, aq: Arquero) => ArqueroTable
}

/** Both sides give a whole new table, and the bench compares how many rows it has. */
const verb = ({ name, floor, ours, rival }: Verb): Case => ({
  name: `${name}, 1e6 rows`,
  metric: 'cpu s',
  floor,
  ours: async scale => {
    const { key, id, value } = data(rowsOf(scale))
    const objects = key.map((text, i) => ({ key: text, id: id[i]!, value: value[i]! }))
    const frame = await read.rows(objects, { schema: { key: 'utf8', id: 'int32', value: 'float64' } }).collect()
    return async () => (await ours(frame).collect()).length
  },
  rival: {
    name: 'arquero 8.0.3',
    side: async scale => {
      const aq = await import('arquero')
      const table = aq.table({ ...data(rowsOf(scale)) })
      return () => rival(table, aq).reify().numRows()
    },
  },
  agree: (mine, theirs) => mine === theirs,
})

export const bench: Bench = {
  name: 'batch',
  cases: [
    verb({
      name: 'group by text, 5 aggregates',
      floor: 3,
      ours: frame =>
        frame.groupBy('key').aggregate(t => ({
          n: count(),
          sum: t.value.sum(),
          mean: t.value.mean(),
          least: t.value.min(),
          most: t.value.max(),
        })),
      rival: (table, { op }) =>
        table.groupby('key').rollup({
          n: op.count(),
          sum: op.sum('value'),
          mean: op.mean('value'),
          least: op.min('value'),
          most: op.max('value'),
        }),
    }),
    verb({
      name: 'group by integer, 6e5 groups',
      floor: 2,
      ours: frame => frame.groupBy('id').aggregate(t => ({ n: count(), sum: t.value.sum() })),
      rival: (table, { op }) => table.groupby('id').rollup({ n: op.count(), sum: op.sum('value') }),
    }),
    verb({
      name: 'filter and derive',
      floor: 3,
      ours: frame => frame.filter(t => t.value.gt(50)).derive(t => ({ twice: t.value.mul(2).add(t.id) })),
      rival: table =>
        table
          .filter((d: { value: number }) => d.value > 50)
          .derive({ twice: (d: { value: number; id: number }) => d.value * 2 + d.id }),
    }),
    verb({
      name: 'order by a float',
      floor: 1.5,
      ours: frame => frame.orderBy('value'),
      rival: table => table.orderby('value'),
    }),
    verb({
      name: 'join with 300 rows',
      floor: 2,
      ours: frame =>
        frame.join(
          frame.groupBy('key').aggregate(t => ({ mean: t.value.mean() })),
          { on: 'key' },
        ),
      rival: (table, { op }) => table.join(table.groupby('key').rollup({ mean: op.mean('value') }), 'key'),
    }),
  ],
}
