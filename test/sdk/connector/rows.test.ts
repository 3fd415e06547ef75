import { describe, expect, test } from 'vitest'
import { memory, memorySink } from '../../../sdk/connector/memory.ts'
import { rows } from '../../../sdk/connector/rows.ts'
import { batchesOf, failureOf, readAll, readSplit, rowsOf, writeAll } from './reading.ts'

describe('rows', () => {
  test('are inferred from all of their values', async () => {
    const values = [
      {
        n: 1,
        x: 1,
        big: 1,
        text: 'a',
        flag: true,
        at: new Date(0),
        tags: [1, 2.5],
        place: { lat: 1 },
        v: Float64Array.of(1, 2),
        m: new Map([[1, 'a']]),
      },
      {
        n: 2,
        x: 0.5,
        big: 2n,
        text: null,
        flag: false,
        at: new Date(1),
        tags: [],
        place: { lat: 2, name: 'b' },
        v: Float64Array.of(3, 4),
        m: new Map(),
        late: 'x',
        gone: null,
      },
    ]
    const source = rows(values)
    expect(source.schema.toObject()).toEqual({
      n: 'int64',
      x: 'float64',
      big: 'bigint',
      text: 'utf8?',
      flag: 'bool',
      at: 'timestamp',
      tags: 'float64[]',
      place: '{ lat: int64, name: utf8? }',
      v: 'vector(2)',
      m: 'map(int64,utf8)',
      late: 'utf8?',
      gone: 'utf8?',
    })
    expect((await readAll(source))[1]).toEqual({
      n: 2,
      x: 0.5,
      big: 2n,
      text: null,
      flag: false,
      at: '1970-01-01T00:00:00.001Z',
      tags: [],
      place: { lat: 2, name: 'b' },
      v: Float64Array.of(3, 4),
      m: new Map(),
      late: 'x',
      gone: null,
    })
  })

  test('are bounded and counted, and do not change when their objects do', async () => {
    const row = { a: 1 }
    const source = rows([row])
    row.a = 2
    expect([source.name, source.bounded, source.rows]).toEqual(['rows', true, 1])
    expect(await readAll(source)).toEqual([{ a: 1 }])
  })

  test('with a schema are checked against it, and may be empty', async () => {
    expect(await readAll(rows([{ a: 1, other: 'x' }], { schema: { a: 'float64', b: 'utf8?' } }))).toEqual([
      { a: 1, b: null },
    ])
    expect(await readAll(rows([], { schema: { a: 'int32' } }))).toEqual([])
    const failure = await failureOf(() => rows([{ a: 1 }, { a: 1.5 }], { schema: { a: 'int32' } }))
    expect(failure.name).toBe('DataError')
    expect(failure.message).toBe('rows: column "a" (int32), row 1: 1.5 is not a whole number within ±2^31 (int32)')
    expect((await failureOf(() => rows([{}], { schema: { a: 'int32' } }))).message).toBe(
      'rows: column "a" (int32), row 0: it is null, and the column is not nullable',
    )
  })

  test('of two kinds in one column are refused with the row', async () => {
    expect((await failureOf(() => rows([{ a: 1 }, { a: 'x' }]))).message).toBe(
      'rows: column "a", row 1: found text after a number. Give { schema } to say what the column is.',
    )
    expect((await failureOf(() => rows([{ a: () => 1 }]))).message).toBe(
      'rows: column "a", row 0: found a function, which no column type holds. Give { schema } to say what the column is.',
    )
  })
})

describe('memory', () => {
  const source = rows(Array.from({ length: 10 }, (_, i) => ({ i, even: i % 2 === 0 })))

  test('gives slices of about the size asked for, without empty ones', async () => {
    const parts = await batchesOf(source, { batchRows: 4 })
    const again = memory(source.schema, [...parts, parts[0]!.slice(0, 0)])
    expect((await batchesOf(again, { batchRows: 3 })).map(batch => batch.length)).toEqual([3, 1, 3, 1, 2])
    expect(await readAll(again, { columns: ['even'], batchRows: 100 })).toEqual(
      Array.from({ length: 10 }, (_, i) => ({ even: i % 2 === 0 })),
    )
  })

  test('any split of a pass by its offset gives the same rows', async () => {
    const parts = memory(source.schema, await batchesOf(source, { batchRows: 4 }))
    const whole = await readAll(source)
    for (let after = 0; after <= 6; after++) expect(await readSplit(parts, after, 3)).toEqual(whole)
  })

  test('a sink keeps the batches of its last pass, and nothing of an aborted one', async () => {
    const sink = memorySink()
    await writeAll(sink, source, { batchRows: 4 })
    await writeAll(sink, source, { batchRows: 6 })
    expect(sink.batches.map(batch => batch.length)).toEqual([6, 4])
    expect(rowsOf(sink.batches)).toEqual(await readAll(source))
    const writer = await sink.open(source.schema, new AbortController().signal)
    await writer.write((await batchesOf(source))[0]!)
    await writer.abort()
    expect(sink.batches).toEqual([])
  })
})
