/** Aggregates: literal groups, the law that taking back undoes adding, snapshots, and generated code against plain code. */
import { inspect, isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Batch } from '../../../../sdk/data/batch.ts'
import type { Value } from '../../../../sdk/data/column.ts'
import { Schema } from '../../../../sdk/data/schema.ts'
import type { Columns } from '../../../../sdk/data/type.ts'
import { compileAccumulators, type Accumulators, type Places } from '../../../../sdk/engine/vector/accumulate.ts'
import { count, nodeOf, type Cols } from '../../../../sdk/expr/column.ts'
import { infer } from '../../../../sdk/expr/infer.ts'
import { examples, moderate } from '../../expr/aggregate-examples.ts'
import { columnar, COLUMNS, row } from '../../expr/random-expr.ts'
import { batchOf, typed, valuesOf } from '../../expr/table.ts'

/** The value of an aggregate over one group, by every way. */
function total<S extends Columns>(
  columns: S,
  data: { [K in keyof S]: unknown[] },
  aggregate: (t: Cols<S>) => unknown,
): Value {
  const batch = batchOf(columns, data)
  const [a, ...others] = [true, false].flatMap(generated =>
    [true, false].map(updates => {
      const slots = compileAccumulators([typed(columns, aggregate)], batch.schema, generated, updates)
      slots.grow(1)
      slots.add(batch, new Int32Array(batch.length))
      return slots.value(0, 0)
    }),
  )
  for (const other of others) expect(other).toEqual(a)
  return a!
}

const num = (
  type: 'int32?' | 'int64?' | 'float64?' | 'bigint?' | 'decimal(18,2)?',
  values: unknown[],
  name: string,
): Value => total<Columns>({ a: type }, { a: values }, t => t.a[name]())

describe('over numbers', () => {
  test.each([
    ['sum', [1, null, 2], 3],
    ['sum', [], null],
    ['sum', [null, null], null],
    ['sum', [NaN, 1], NaN],
    ['sum', [Infinity, 1], Infinity],
    ['sum', [Infinity, -Infinity], NaN],
    ['sum', [-Infinity, 1, -Infinity], -Infinity],
    ['sum', [1e308, 1e308], Infinity],
    ['variance', [NaN, 1], NaN],
    ['variance', [Infinity], null],
    ['sum', [1, 1e100, 1, -1e100], 2],
    ['mean', [1, null, 2], 1.5],
    ['mean', [null], null],
    ['min', [3, null, NaN, -1], -1],
    ['min', [NaN], NaN],
    ['max', [3, null, NaN, -1], NaN],
    ['max', [], null],
    ['variance', [1, 2, 3, 4, null], 5 / 3],
    ['variance', [1], null],
    ['stddev', [2, 4, 4, 4, 5, 5, 7, 9], Math.sqrt(32 / 7)],
    ['stddev', [1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16], Math.sqrt(30)],
    ['count', [1, null, NaN], 2],
    ['count', [], 0],
    ['countDistinct', [1, 1, NaN, NaN, null, 0, -0], 3],
    ['first', [null, 7, 8], 7],
    ['last', [7, 8, null], 8],
    ['first', [null], null],
  ] as const)('%s of %j is %j', (name, values, expected) => {
    expect(num('float64?', [...values], name)).toEqual(expected)
  })

  test('a sum of int32 is exact over more rows than are added unlooked at', () => {
    const rows = 2 ** 20
    const schema = Schema.of({ a: 'int32' })
    const all = (value: number): Batch =>
      new Batch(schema, rows, [
        {
          layout: 'flat',
          type: { kind: 'int32' },
          length: rows,
          valid: null,
          values: new Int32Array(rows).fill(value),
        },
      ])
    const aggregates = [typed<Columns>({ a: 'int32' }, t => t.a.sum()), typed<Columns>({ a: 'int32' }, t => t.a.mean())]
    const slots = compileAccumulators(aggregates, schema, true, false)
    slots.grow(1)
    const zeros = new Int32Array(rows)
    const add = (value: number, times: number): void => {
      const batch = all(value)
      for (let i = 0; i < times; i++) slots.add(batch, zeros)
    }
    add(2 ** 31 - 1, 7)
    expect(slots.value(1, 0)).toBe(2 ** 31 - 1)
    expect(() => slots.value(0, 0)).toThrow('int64 overflow')
    add(-(2 ** 31), 7)
    expect(slots.value(0, 0)).toBe(-7 * rows)
  })

  test('aggregates of the same rows, some of them null in one, are as each alone', () => {
    const columns: Columns = { a: 'int32', b: 'float64', c: 'int32?' }
    const batch = batchOf(columns, { a: [3, -1, 4], b: [NaN, 0.5, -2], c: [null, 9, null] })
    const aggregates = [
      (t: Cols<Columns>) => t.a.mean(),
      (t: Cols<Columns>) => t.c.mean(),
      (t: Cols<Columns>) => t.a.max(),
      (t: Cols<Columns>) => t.b.min(),
      (t: Cols<Columns>) => t.a.first(),
      (t: Cols<Columns>) => t.a.sum().where(t.a.gt(0)),
      () => count(),
      (t: Cols<Columns>) => t.a.sum(),
    ].map(aggregate => typed(columns, aggregate))
    const slots = compileAccumulators(aggregates, batch.schema, true, false)
    slots.grow(2)
    slots.add(batch, Int32Array.of(0, 0, 0))
    const restored = compileAccumulators(aggregates, batch.schema, true, false)
    restored.restore(structuredClone(slots.snapshot()))
    for (const each of [slots, restored]) {
      expect(aggregates.map((_, k) => each.value(k, 0))).toEqual([2, 9, 4, -2, 3, 7, 3, 6])
      expect(aggregates.map((_, k) => each.value(k, 1))).toEqual([null, null, null, null, null, null, 0, null])
    }
  })

  test('a sum of int64 is exact where partial sums are not', () => {
    const big = 2 ** 53 - 1
    expect(num('int64?', [big, 1, 1, 1, -big, -1, -1], 'sum')).toBe(1)
    expect(num('int64?', [big, big, -big, -1], 'sum')).toBe(big - 1)
  })

  test('a sum of int64 that does not fit fails and names the expression', () => {
    expect(() => num('int64?', [2 ** 53 - 1, 1], 'sum')).toThrow('t.a.sum(): int64 overflow')
  })

  test('sums of bigint and decimal are exact', () => {
    expect(num('bigint?', [2n ** 62n, 2n ** 62n, -1n, -(2n ** 62n)], 'sum')).toBe(2n ** 62n - 1n)
    expect(() => num('bigint?', [2n ** 62n, 2n ** 62n], 'sum')).toThrow('t.a.sum(): bigint overflow')
    expect(num('decimal(18,2)?', ['0.10', '0.20', '-99.99'], 'sum')).toBe(-9969n)
    expect(num('decimal(18,2)?', ['0.10', '0.20'], 'mean')).toBe(0.15)
    expect(num('bigint?', [5n, -(2n ** 60n), null], 'min')).toBe(-(2n ** 60n))
  })

  test('quantiles interpolate between neighbours', () => {
    const quantile = (values: unknown[], q: number): Value =>
      total({ a: 'float64?' }, { a: values }, t => t.a.quantile(q))
    expect(quantile([4, 1, null, 3, 2], 0.5)).toBe(2.5)
    expect(quantile([4, 1, 3, 2], 0)).toBe(1)
    expect(quantile([4, 1, 3, 2], 1)).toBe(4)
    expect(quantile([10, 20], 0.25)).toBe(12.5)
    expect(quantile([Infinity, Infinity], 0.5)).toBe(Infinity)
    expect(quantile([], 0.5)).toBe(null)
  })

  test('a correlation of a line is one', () => {
    const corr = total({ a: 'float64?', b: 'float64?' }, { a: [1, 2, null, 3], b: [10, 20, 99, 30] }, t =>
      t.a.corr(t.b),
    )
    expect(corr).toBeCloseTo(1, 14)
  })
})

test.each([true, false])('a sum of zeros, an extreme and a negated zero are no missing values', generated => {
  const columns = { a: 'int32?', f: 'float64?' } as const
  const batch = batchOf(columns, { a: [0, null, 0], f: [-0, null, 0] })
  const aggregates = [
    typed(columns, t => t.a.sum()),
    typed(columns, t => t.a.mul(-1).sum()),
    typed(columns, t => t.f.sum()),
    typed(columns, t => t.a.max()),
    typed(columns, t => t.a.min()),
  ]
  const slots = compileAccumulators(aggregates, batch.schema, generated, false)
  slots.grow(3)
  slots.add(batch, Int32Array.of(0, 1, 0))
  const values = (slot: number): unknown[] => aggregates.map((_, k) => slots.value(k, slot))
  expect(values(0).map(value => (value as number) + 0)).toEqual([0, 0, 0, 0, 0])
  expect([values(1), values(2)]).toEqual([
    [null, null, null, null, null],
    [null, null, null, null, null],
  ])
})

test('a column of bools sums and averages as 0 and 1', () => {
  expect(total({ a: 'bool?' }, { a: [true, false, null, true] }, t => t.a.sum())).toBe(2)
  expect(total({ a: 'bool?' }, { a: [true, false, null, false] }, t => t.a.mean())).toBe(1 / 3)
  expect(total({ a: 'bool?' }, { a: [null, true, false] }, t => t.a.first())).toBe(true)
})

test('text orders by code point in min and max', () => {
  expect(total({ a: 'utf8?' }, { a: ['b', null, '\uffee', '😀'] }, t => t.a.max())).toBe('😀')
  expect(total({ a: 'utf8?' }, { a: ['b', '', 'a'] }, t => t.a.min())).toBe('')
  expect(total({ a: 'utf8?' }, { a: ['b', 'a'] }, t => t.a.last())).toBe('a')
})

test('times keep their type', () => {
  expect(total({ a: 'timestamp?' }, { a: ['1969-12-31T23:59:59Z', '1970-01-01'] }, t => t.a.min())).toBe(-1e6)
  expect(total({ a: 'duration' }, { a: [5, 7] }, t => t.a.sum())).toBe(12_000)
})

test('arguments are expressions, and rows go to the slots that are named', () => {
  const batch = batchOf({ a: 'int32?', s: 'utf8' }, { a: [1, 2, 3, null], s: ['x', 'y', 'x', 'x'] })
  const aggregates = [
    typed({ a: 'int32?', s: 'utf8' }, t => t.a.mul(10).sum()),
    typed({ a: 'int32?', s: 'utf8' }, () => count()),
    typed({ a: 'int32?', s: 'utf8' }, t => t.s.eq('x').sum()),
  ]
  const slots = compileAccumulators(aggregates, batch.schema)
  slots.grow(3)
  slots.add(batch, Int32Array.of(0, 2, -1, 0))
  const all = Int32Array.of(0, 1, 2)
  expect([0, 1, 2].map(k => valuesOf(slots.column(k, all, 3)))).toEqual([
    [10, null, 20],
    [2, 0, 1],
    [2, null, 0],
  ])
  slots.clear(0)
  expect([0, 1, 2].map(k => slots.value(k, 0))).toEqual([null, 0, null])
})

test('an aggregate without a way back refuses an updated row', () => {
  const batch = batchOf({ a: 'int32' }, { a: [1, 1] })
  const updates = new Batch(batch.schema, 2, batch.columns, Uint8Array.of(0, 3))
  for (const generated of [true, false]) {
    const slots = compileAccumulators([typed({ a: 'int32' }, t => t.a.max())], batch.schema, generated)
    slots.grow(1)
    expect(() => slots.add(updates, new Int32Array(2))).toThrow('t.a.max(): the aggregate cannot take a row back.')
  }
})

const retractable = [
  (t: Cols<typeof COLUMNS>) => t.j.sum(),
  (t: Cols<typeof COLUMNS>) => t.l.sum(),
  (t: Cols<typeof COLUMNS>) => t.b.sum(),
  (t: Cols<typeof COLUMNS>) => t.p.sum(),
  (t: Cols<typeof COLUMNS>) => t.s.countDistinct(),
  (t: Cols<typeof COLUMNS>) => t.f.countDistinct(),
  (t: Cols<typeof COLUMNS>) => t.j.quantile(0.3),
  (t: Cols<typeof COLUMNS>) => t.j.count(),
  (t: Cols<typeof COLUMNS>) => t.x.sum(),
  () => count(),
].map(aggregate => typed(COLUMNS, aggregate))

function outcome(slots: Accumulators, k: number, slot: number): Value | string {
  try {
    return slots.value(k, slot)
  } catch (error) {
    return String(error).replace(/ in row.*/s, '')
  }
}

const rows = fc.array(row, { minLength: 1, maxLength: 20 })

test('what retracts exactly is as if the row had never come, with and without generated code', () => {
  fc.assert(
    fc.property(rows, rows, fc.boolean(), (kept, gone, generated) => {
      const [stay, go] = [kept, gone].map(each => batchOf(COLUMNS, columnar(each))) as [Batch, Batch]
      const back = new Batch(go.schema, go.length, go.columns, new Uint8Array(go.length).fill(3))
      const [with_, without] = [0, 1].map(() => {
        const slots = compileAccumulators(retractable, stay.schema, generated)
        slots.grow(1)
        return slots
      }) as [Accumulators, Accumulators]
      with_.add(go, new Int32Array(go.length))
      with_.add(stay, new Int32Array(stay.length))
      with_.add(back, new Int32Array(go.length))
      without.add(stay, new Int32Array(stay.length))
      const all = retractable.map((_, k) => k)
      expect(all.map(k => outcome(with_, k, 0))).toEqual(all.map(k => outcome(without, k, 0)))
    }),
    { numRuns: 150 },
  )
})

test.each(['sum', 'mean', 'stddev', 'variance', 'corr'])('%s takes NaN and Infinity back', name => {
  const columns = { a: 'float64', b: 'float64' } as const
  const aggregate = typed(columns, t => (name === 'corr' ? t.a.corr(t.b) : t.a[name as 'sum']()))
  const odd = [Infinity, 5, NaN, -Infinity, -Infinity]
  const add = batchOf(columns, { a: [...odd, 1, 2, 4], b: [...odd.map(() => 1), 1, 2, 5] })
  const gone = add.take(Int32Array.of(0, 1, 2, 3, 4))
  const only = add.take(Int32Array.of(5, 6, 7))
  for (const generated of [true, false]) {
    const [slots, plain] = [0, 1].map(() => {
      const made = compileAccumulators([aggregate], add.schema, generated)
      made.grow(1)
      return made
    }) as [Accumulators, Accumulators]
    slots.add(add, new Int32Array(8))
    expect(slots.value(0, 0)).toBeNaN()
    slots.add(new Batch(gone.schema, 5, gone.columns, new Uint8Array(5).fill(3)), new Int32Array(5))
    plain.add(only, new Int32Array(3))
    expect(slots.value(0, 0)).toBeCloseTo(plain.value(0, 0) as number, 12)
  }
})

const every = [
  ...retractable,
  ...[
    (t: Cols<typeof COLUMNS>) => t.g.sum(),
    (t: Cols<typeof COLUMNS>) => t.f.mean(),
    (t: Cols<typeof COLUMNS>) => t.f.variance(),
    (t: Cols<typeof COLUMNS>) => t.f.min(),
    (t: Cols<typeof COLUMNS>) => t.f.max(),
    (t: Cols<typeof COLUMNS>) => t.s.max(),
    (t: Cols<typeof COLUMNS>) => t.b.min(),
    (t: Cols<typeof COLUMNS>) => t.d.first(),
    (t: Cols<typeof COLUMNS>) => t.x.last(),
    (t: Cols<typeof COLUMNS>) => t.f.corr(t.g),
  ].map(aggregate => typed(COLUMNS, aggregate)),
]

test('a restored snapshot goes on as if nothing had been', () => {
  fc.assert(
    fc.property(rows, rows, fc.boolean(), (early, late, generated) => {
      const [first, second] = [early, late].map(each => batchOf(COLUMNS, columnar(each))) as [Batch, Batch]
      const slotsOf = (batch: Batch): Int32Array => Int32Array.from({ length: batch.length }, (_, i) => i % 3)
      const straight = compileAccumulators(every, first.schema, generated)
      straight.grow(3)
      straight.add(first, slotsOf(first))
      const state = structuredClone(straight.snapshot())
      straight.add(second, slotsOf(second))
      const same = compileAccumulators(every, first.schema, generated)
      const other = compileAccumulators(retractable, first.schema, !generated)
      same.restore(state)
      same.add(second, slotsOf(second))
      const all = (slots: Accumulators): unknown[] =>
        every.map((_, k) => [0, 1, 2].map(slot => outcome(slots, k, slot)))
      expect(all(same)).toEqual(all(straight))
      other.grow(3)
      for (const batch of [first, second]) other.add(batch, slotsOf(batch))
      expect(retractable.map((_, k) => outcome(other, k, 1))).toEqual(
        retractable.map((_, k) => outcome(straight, k, 1)),
      )
    }),
    { numRuns: 60 },
  )
})

/** Equal, or both numbers that rounding alone sets apart. */
function close(a: unknown, b: unknown): boolean {
  if (typeof a !== 'number' || typeof b !== 'number' || !Number.isFinite(a)) return isDeepStrictEqual(a, b)
  return Math.abs(a - b) <= 1e-6 * Math.max(1, Math.abs(a), Math.abs(b))
}

test('merged groups are as one to which all rows were added, each alone and all together', () => {
  const schema = batchOf(COLUMNS, columnar([])).schema
  const merging = examples.filter(example => compileAccumulators([example], schema, true, false).merges)
  const named = new Set(merging.map(({ fn }) => fn.name))
  for (const name of ['count', 'sum', 'mean', 'min', 'stddev', 'kurtosis', 'corr', 'product', 'weightedMean', 'any'])
    expect(named).toContain(name)
  for (const name of ['countDistinct', 'approxCountDistinct', 'quantile', 'smallest', 'histogram', 'topK'])
    expect(named).toContain(name)
  // what the order of the rows decides is never merged
  for (const name of ['first', 'last', 'collect', 'joinText', 'argMin']) expect(named).not.toContain(name)
  const sets = [...merging.map(each => [each]), merging]
  const few = fc.array(moderate, { maxLength: 12 })
  fc.assert(
    fc.property(few, few, few, fc.boolean(), (a, b, c, generated) => {
      const parts = [a, b, c].map(each => batchOf(COLUMNS, columnar(each)))
      for (const set of sets) {
        const made = (groups: number): Accumulators => {
          const slots = compileAccumulators(set, schema, generated, false)
          slots.grow(groups)
          return slots
        }
        const [apart, target, whole] = [made(3), made(3), made(1)]
        for (const [slot, part] of parts.entries()) {
          apart.add(part, new Int32Array(part.length).fill(slot))
          whole.add(part, new Int32Array(part.length))
        }
        const before = structuredClone(apart.snapshot())
        target.merge(Int32Array.of(1, 1, 1), apart, Int32Array.of(0, 1, 2), 3)
        expect(apart.snapshot()).toEqual(before)
        for (const [k, { fn }] of set.entries()) {
          const [found, expected] = [outcome(target, k, 1), outcome(whole, k, 0)]
          expect(close(found, expected), `${fn.name}: ${inspect(found)}, not ${inspect(expected)}`).toBe(true)
        }
      }
    }),
    { numRuns: 15 },
  )
})

test('a float sum is within 1e-12 of the sum of magnitudes in any order', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ noNaN: true, min: -1e15, max: 1e15 }), { minLength: 1 }), values => {
      const forward = num('float64?', values, 'sum') as number
      const backward = num('float64?', [...values].reverse(), 'sum') as number
      const magnitude = values.reduce((sum, value) => sum + Math.abs(value), 0)
      expect(Math.abs(forward - backward)).toBeLessThanOrEqual(1e-12 * magnitude)
    }),
    { numRuns: 100 },
  )
})

test('aggregates of aggregates, and values per row beside them, are refused', () => {
  const schema = batchOf({ a: 'int32' }, { a: [] }).schema
  const one = (expr: (t: Cols<{ a: 'int32' }>) => unknown) => () => typed({ a: 'int32' }, expr)
  // @ts-expect-error -- the types refuse it too
  expect(one(t => t.a.sum().mean())).toThrow(
    'derive: t.a.sum().mean(): mean takes a value per row, and t.a.sum() has one per group.',
  )
  // @ts-expect-error -- the types refuse it too
  expect(one(t => t.a.sum().sub(t.a))).toThrow('t.a.sum() has one value per group and t.a has one value per row')
  expect(() => infer(nodeOf(1), schema, 'x')).not.toThrow()
})

test('a median is that of all values, however many come before it is asked for, and between', () => {
  const [median, columns] = [(t: Cols<{ v: 'float64' }>) => t.v.median(), { v: 'float64' } as const]
  const rows = 700_001 // more than wait, in two times
  const schema = Schema.of(columns)
  const column = (values: Float64Array): Batch =>
    new Batch(schema, rows, [{ layout: 'flat', type: { kind: 'float64' }, length: rows, valid: null, values }])
  const slots = Int32Array.from({ length: rows }, (_, i) => i % 3)
  const up = column(Float64Array.from({ length: rows }, (_, i) => (i % 3) * 1e7 + i))
  const down = column(Float64Array.from({ length: rows }, (_, i) => (i % 3) * 1e7 - i))
  const made = compileAccumulators([typed(columns, median)], schema, true, false)
  made.grow(3)
  made.add(up, slots)
  made.add(down, slots)
  expect([0, 1, 2].map(slot => made.value(0, slot))).toEqual([0, 1e7, 2e7])
  made.clear(1)
  made.add(up, slots)
  const copy = compileAccumulators([typed(columns, median)], schema, true, false)
  copy.restore(structuredClone(made.snapshot()))
  made.add(up, slots)
  for (const each of [made, copy]) expect(each.value(0, 1)).toBe(1e7 + 350_000.5)
  expect(copy.value(0, 0)).toBe(174_999)
})

describe('at the places of keys', () => {
  const batch = batchOf({ v: 'int32' }, { v: [0, 0, 0, 0, 1, 2, 4, 8, 16, 32] })
  const added = (keys: Places['keys'], slots: readonly number[]): unknown => {
    const sums = compileAccumulators([typed({ v: 'int32' }, t => t.v.sum())], batch.schema, true, false)
    sums.grow(3)
    const rows = sums.addAt(batch, { slots: Int32Array.from(slots), keys })
    return [rows, sums.value(0, 0), sums.value(0, 1), sums.value(0, 2)]
  }
  /** Of four rows of 7, and of these. */
  const key = (values: readonly number[], valid: readonly number[] | null = null): Places['keys'][number] => ({
    values: Int32Array.of(7, 7, 7, 7, ...values),
    valid: valid === null ? null : Uint8Array.of(1, 1, 1, 1, ...valid),
    least: 7,
    span: 2,
    safe: false,
  })

  test('each row goes to the slot of its value, and null to that of place 0', () => {
    expect(added([key([7, 8, 7, 8, 8, 7])], [-1, 0, 2])).toEqual([10, 37, null, 26])
    expect(added([key([7, 8, 0, 8, 9, 7], [1, 1, 0, 1, 0, 1])], [1, 0, 2])).toEqual([10, 33, 20, 10])
  })

  test('two keys have the places of the second next to each other', () => {
    const slots = [-1, -1, -1, -1, 0, 1, -1, 2, 0]
    expect(added([key([7, 7, 8, 8, 7, 7]), key([7, 8, 7, 8, 7, 8])], slots)).toEqual([10, 25, 34, 4])
  })

  test('adding stops before the eight rows of which one is out of range or has no slot, and at the end at that row', () => {
    expect(added([key([7, 8, 7, 8, 9, 7])], [-1, 0, 2])).toEqual([8, 5, null, 10])
    expect(added([key([7, 8, 7, 8, 7, 6])], [-1, 0, 2])).toEqual([9, 21, null, 10])
    expect(added([key([7, 8, -(2 ** 31), 2 ** 31 - 1, 7, 6])], [-1, 0, 2])).toEqual([0, null, null, null])
    expect(added([key([7, 7, 7, 7, 7, 8])], [-1, 0, -1])).toEqual([9, 31, null, null])
    expect(added([key([7, 7, 7, 7, 7, 8], [1, 1, 1, 1, 1, 0])], [-1, 0, -1])).toEqual([9, 31, null, null])
  })

  test('where lanes are many, adding stops before the sixteen rows of which one is out of range', () => {
    const many = batchOf({ v: 'int32' }, { v: Array.from({ length: 40 }, (_, i) => i) })
    const sums = (outside: number | null): unknown => {
      const all = compileAccumulators([typed({ v: 'int32' }, t => t.v.sum())], many.schema, true, false)
      all.grow(2 ** 18)
      const values = Int32Array.from({ length: 40 }, (_, i) => (i === outside ? 6 : 7 + (i % 3)))
      const keys = [{ values, valid: null, least: 7, span: 3, safe: false }]
      const rows = all.addAt(many, { slots: Int32Array.of(-1, 0, 1, 2 ** 18 - 1), keys })
      return [rows, all.value(0, 0), all.value(0, 1), all.value(0, 2 ** 18 - 1)]
    }
    expect(sums(null)).toEqual([40, 273, 247, 260])
    expect(sums(20)).toEqual([16, 45, 35, 40])
  })

  test('rows that may be taken back are not added there', () => {
    const slots = compileAccumulators([typed({ v: 'int32' }, t => t.v.sum())], batch.schema)
    slots.grow(1)
    const changes = new Batch(batch.schema, 1, batch.slice(0, 1).columns, Uint8Array.of(1))
    expect(slots.addAt(changes, { slots: Int32Array.of(0), keys: [] })).toBe(0)
  })
})

test('a value that is taken back before it came does not keep others', () => {
  const slots = compileAccumulators([typed({ a: 'int32' }, t => t.a.median())], Schema.of({ a: 'int32' }))
  slots.grow(1)
  const change = (kind: number, ...values: number[]): Value => {
    const { schema, length, columns } = batchOf({ a: 'int32' }, { a: values })
    slots.add(new Batch(schema, length, columns, new Uint8Array(length).fill(kind)), new Int32Array(length))
    return slots.value(0, 0)
  }
  expect(change(0, 6, 7)).toBe(6.5)
  expect(change(3, 5, 7)).toBe(6)
  expect(change(0, 5, 8)).toBe(7)
})

test('a sum of 32-bit numbers at the places of keys is exact beyond 2^53 on the way', () => {
  const rows = 2 ** 21
  const slots = compileAccumulators([typed({ a: 'int32' }, t => t.a.sum())], Schema.of({ a: 'int32' }), true, false)
  slots.grow(1)
  for (const value of [2 ** 31 - 1, -(2 ** 31)]) {
    const column = { layout: 'flat', type: { kind: 'int32' }, length: rows, valid: null } as const
    const batch = new Batch(Schema.of({ a: 'int32' }), rows, [{ ...column, values: new Int32Array(rows).fill(value) }])
    for (let i = 0; i < 3; i++) expect(slots.addAt(batch, { slots: new Int32Array(1), keys: [] })).toBe(rows)
  }
  expect(slots.value(0, 0)).toBe(-3 * rows)
})
