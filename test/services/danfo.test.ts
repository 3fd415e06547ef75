/**
 * Frames of the real danfo, both ways. `.ci/run` installs it outside the lockfile and names the folder in
 * MILLRACE_DANFO; by hand, `npm run bench:rivals` does so in `.rivals/npm`.
 */
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { read } from 'millrace'

interface DanfoFrame {
  readonly columns: string[]
  readonly dtypes: string[]
  readonly shape: number[]
  readonly values: unknown[][]
  column(name: string): { readonly values: unknown }
  isNa(): { readonly values: unknown[][] }
}

const folder = resolve(process.env['MILLRACE_DANFO'] ?? '.rivals/npm')
const dfd = createRequire(join(folder, 'package.json'))('danfojs') as {
  DataFrame: new (data: object, options?: object) => DanfoFrame
}

const rows = [
  { i: 1, wide: 2 ** 53 - 1, f: 0.5, s: 'a', b: true, at: '2024-02-29T01:02:03.000004Z', day: '1969-12-31', big: '7' },
  { i: null, wide: null, f: NaN, s: null, b: null, at: null, day: null, big: null },
  { i: -3, wide: 0, f: -Infinity, s: '', b: false, at: '1970-01-01T00:00:00Z', day: '2000-01-01', big: '-9' },
]

const schema = {
  i: 'int32?',
  wide: 'int64?',
  f: 'float64',
  s: 'utf8?',
  b: 'bool?',
  at: 'timestamp?',
  day: 'date?',
  big: 'bigint?',
} as const

test('a table goes to danfo with its nulls, and comes back', async () => {
  const table = await read
    .rows(
      rows.map(row => ({ ...row, big: row.big === null ? null : BigInt(row.big) })),
      { schema },
    )
    .collect()
  const frame = table.toDanfo(dfd)
  expect(frame.shape).toEqual([3, 8])
  expect(frame.dtypes).toEqual(['int32', 'int32', 'float32', 'string', 'boolean', 'string', 'string', 'string'])
  expect(frame.values.map(values => Object.fromEntries(frame.columns.map((name, i) => [name, values[i]])))).toEqual(
    rows,
  )
  expect(frame.isNa().values[1]).toEqual([true, true, true, true, true, true, true, true])
  const back = await read.danfo(frame, { schema: { ...schema, big: 'utf8?' } }).collect()
  expect(back.rows({ times: 'iso' })).toEqual(rows)
})

test('a frame that danfo made is read by its values', async () => {
  const frame = new dfd.DataFrame({ k: ['x', null], n: [1, 2], f: [1.5, null] })
  expect(read.danfo(frame).schema).toEqual({ k: 'utf8?', n: 'int64', f: 'float64?' })
  expect((await read.danfo(frame).collect()).rows()).toEqual([
    { k: 'x', n: 1, f: 1.5 },
    { k: null, n: 2, f: null },
  ])
})

test('an empty table is an empty frame with its columns', async () => {
  const table = await read.rows([], { schema: { a: 'int32', b: 'utf8' } }).collect()
  expect(table.toDanfo(dfd).columns).toEqual(['a', 'b'])
})
