import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as zlib from 'node:zlib'
import * as flechette from '@uwdata/flechette'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { read, to } from 'millrace'
import { arrow, arrowTableSource } from '../../../sdk/connector/arrow.ts'
import { memory } from '../../../sdk/connector/memory.ts'
import { toArrow, type ToArrowOptions } from '../../../sdk/connector/to-arrow.ts'
import { Batch } from '../../../sdk/data/batch.ts'
import { columnOf } from '../../../sdk/data/builder.ts'
import { Schema } from '../../../sdk/data/schema.ts'
import type { ArrowCompression } from '../../../sdk/data/to-arrow.ts'
import type { DataType, Nullable } from '../../../sdk/data/type.ts'
import { anyType, valueOf } from '../data/random.ts'
import { failureOf, folder, readAll, readSplit, warningsOf, writeAll } from './reading.ts'

const dir = folder()

function put(name: string, bytes: Uint8Array): string {
  const path = join(dir, name)
  writeFileSync(path, bytes)
  return path
}

const holdsSparse = (type: DataType): boolean =>
  type.kind === 'vector'
    ? type.sparse
    : type.kind === 'list'
      ? holdsSparse(type.item.type)
      : type.kind === 'map'
        ? holdsSparse(type.value.type)
        : type.kind === 'struct' && type.fields.some(field => holdsSparse(field.type))

const randomRows = fc
  .record({ type: anyType.filter(type => !holdsSparse(type)), nullable: fc.boolean() })
  .chain((of: Nullable) => {
    const value = of.nullable ? fc.option(valueOf(of.type), { nil: null }) : valueOf(of.type)
    const batch = fc.array(value, { maxLength: 20 })
    return fc.array(batch, { minLength: 1, maxLength: 3 }).map(batches => ({ of, batches }))
  })

describe('compression', () => {
  const schema = Schema.of({ n: 'int64', text: 'utf8' })
  const values = Array.from({ length: 5000 }, (_, i) => i % 10)
  const texts = values.map(i => `text ${i}`)
  const [n, text] = schema.fields
  const columns = [columnOf(n!.type, values), columnOf(text!.type, texts)]
  const source = memory(schema, [new Batch(schema, values.length, columns)])
  const sizeOf = async (compression: ArrowCompression): Promise<number> => {
    const path = join(dir, `${compression}-packed.arrow`)
    await writeAll(toArrow(path, { compression }), source)
    expect(await readAll(arrow(path))).toEqual(await readAll(source))
    return statSync(path).size
  }

  test('lz4 makes buffers smaller', async () => {
    expect(await sizeOf('lz4')).toBeLessThan((await sizeOf('none')) / 3)
  })

  test('zstd makes them smaller where Node.js has it, and is refused where it has not', async () => {
    const plain = await sizeOf('none')
    const found = await sizeOf('zstd').then(
      size => (size < plain / 3 ? 'smaller' : `${size} of ${plain} bytes`),
      (error: Error) => error.message,
    )
    const refusal = `to.arrow zstd-packed.arrow: this Node.js (${process.version}) does not write zstd; 22.15 and later do. Use 'lz4'.`
    expect(found).toBe('zstdCompressSync' in zlib ? 'smaller' : refusal)
  })

  test('a name that is none is refused', async () => {
    const options = JSON.parse('{ "compression": "gzip" }') as ToArrowOptions
    expect((await failureOf(() => toArrow('x.arrow', options))).message).toBe(
      'to.arrow x.arrow: compression is "gzip"; it can be none, lz4, zstd',
    )
  })
})

test('what is written as a file or a stream is read back, any type, batches and splits', async () => {
  let n = 0
  await fc.assert(
    fc.asyncProperty(
      randomRows,
      fc.constantFrom('file', 'stream'),
      fc.constantFrom('none', 'lz4'),
      fc.nat(4),
      async ({ of, batches }, format, compression, after) => {
        const schema = new Schema([{ name: 'v', ...of }])
        const made = batches.map(values => new Batch(schema, values.length, [columnOf(of.type, values)]))
        const source = memory(schema, made)
        const path = join(dir, `random-${n++}.arrow`)
        await writeAll(toArrow(path, { format, compression }), source, { batchRows: 7 })
        const back = arrow(path)
        expect(back.schema.toString()).toBe(schema.toString())
        const expected = await readAll(source)
        expect(await readAll(back, { batchRows: 3 })).toEqual(expected)
        expect(await readSplit(back, after, 3)).toEqual(expected)
        const table = flechette.tableFromIPC(readFileSync(path))
        expect(table.numRows).toBe(expected.length)
        expect(await readAll(arrowTableSource(table))).toEqual(expected)
      },
    ),
    { numRuns: 200 },
  )
})

describe('files of others', () => {
  const { tableFromArrays, tableToIPC, field } = flechette

  test('dictionaries, views, large types, units and widths are read as our types', async () => {
    const table = tableFromArrays(
      {
        coded: ['a', 'b', null, 'a'],
        i8: [1, -2, 3, null],
        u32: [4_294_967_295, 0, 1, 2],
        i64: [1, 2, 3, null],
        wide: [2n ** 60n, 1n, 2n, 3n],
        f16: [0.5, -2, NaN, Infinity],
        seconds: [0, 1000, -1000, null],
        millis: [new Date(0), new Date(1), null, new Date(-1)],
        day: [new Date('2024-02-29'), null, new Date(0), new Date('1969-12-31')],
        large: ['x', '', '😀', null],
        money: [1.25, -1.25, null, 0],
        took: [1n, 2n, null, -3n],
      },
      {
        types: {
          coded: flechette.dictionary(flechette.utf8(), flechette.int8()),
          i8: flechette.int8(),
          u32: flechette.uint32(),
          i64: flechette.int64(),
          wide: flechette.int64(),
          f16: flechette.float16(),
          seconds: flechette.timestamp(0, 'Europe/Oslo'),
          millis: flechette.timestamp(1),
          day: flechette.date(1),
          large: flechette.largeUtf8(),
          money: flechette.decimal(10, 2),
          took: flechette.duration(0),
        },
      },
    )
    for (const format of ['file', 'stream'] as const) {
      const source = arrow(put(`types.${format}`, tableToIPC(table, { format })!))
      expect(source.schema.toObject()).toEqual({
        coded: 'utf8?',
        i8: 'int32?',
        u32: 'int64?',
        i64: 'int64?',
        wide: 'bigint?',
        f16: 'float32?',
        seconds: 'timestamp?',
        millis: 'timestamp?',
        day: 'date?',
        large: 'utf8?',
        money: 'decimal(10,2)?',
        took: 'duration?',
      })
      const rows = await readAll(source)
      expect(rows[0]).toEqual({
        coded: 'a',
        i8: 1,
        u32: 4_294_967_295,
        i64: 1,
        wide: 2n ** 60n,
        f16: 0.5,
        seconds: '1970-01-01T00:00:00Z',
        millis: '1970-01-01T00:00:00Z',
        day: '2024-02-29',
        large: 'x',
        money: '1.25',
        took: 1000,
      })
      expect(rows[3]).toMatchObject({ coded: 'a', i8: null, i64: null, f16: Infinity, day: '1969-12-31', large: null })
      expect(rows[2]).toMatchObject({ coded: null, large: '😀', money: null })
    }
  })

  test('a 64-bit integer beyond 2^53 that comes after the first batch is an error that says what to declare', async () => {
    const values = [1n, 2n, 2n ** 60n]
    const column = flechette.columnFromArray(values, flechette.int64(), { maxBatchRows: 2 })
    const path = put('late.arrow', tableToIPC(flechette.tableFromColumns({ v: column }), { format: 'file' })!)
    const error = await failureOf(() => readAll(arrow(path)))
    expect(error.message).toMatch(
      /column "v" \(int64\?\): row 0: 1152921504606846976 is beyond 2\^53; declare the column bigint/,
    )
    expect(await readAll(arrow(path, { schema: { v: 'bigint?' } }))).toEqual([{ v: 1n }, { v: 2n }, { v: 2n ** 60n }])
    expect((await failureOf(() => arrow(path, { schema: { v: 'utf8' } }))).message).toMatch(
      /is int64\? in the file and utf8/,
    )
    expect((await failureOf(() => arrow(path, { schema: { w: 'utf8' } }))).message).toMatch(/no column "w"/)
  })

  test('nanoseconds are cut toward the past, with one warning', async () => {
    const type = flechette.timestamp(3)
    const Nanos = flechette.batchType(type) as new (options: object) => flechette.Batch<unknown>
    const values = BigInt64Array.of(0n, -1n, 1999n)
    const batch = new Nanos({ length: 3, nullCount: 0, type, validity: new Uint8Array(0), values })
    const table = flechette.tableFromColumns({ at: new flechette.Column([batch]) })
    const path = put('nanos.arrow', tableToIPC(table, { format: 'file' })!)
    let rows: unknown
    const warned = await warningsOf('MILLRACE_NANOSECONDS', async () => {
      rows = await readAll(arrow(path))
    })
    expect(warned).toEqual(['arrow nanos.arrow has timestamps finer than a microsecond; they are cut'])
    const at = ['1970-01-01T00:00:00Z', '1969-12-31T23:59:59.999999Z', '1970-01-01T00:00:00.000001Z']
    expect(rows).toEqual(at.map(time => ({ at: time })))
  })

  test('what no type holds is refused by name', async () => {
    const union = tableFromArrays({ ok: [1], big: [1] }, { types: { big: flechette.decimal(30, 2) } })
    const path = put('big.arrow', tableToIPC(union, { format: 'file' })!)
    expect((await failureOf(() => arrow(path))).message).toMatch(/"big" cannot be read: it is a decimal of 30 digits/)
    expect(await readAll(arrow(path, { schema: { ok: 'float64?' } }))).toEqual([{ ok: 1 }])
    expect(field('x', flechette.int8()).name).toBe('x')
  })
})

describe('damaged files', () => {
  test('a file cut anywhere is an error that names it, and never fewer rows', async () => {
    const rows = Array.from({ length: 50 }, (_, i) => ({ i, s: `row ${i}` }))
    const whole = join(dir, 'whole.arrows')
    await read
      .rows(rows)
      .write(to.arrow(whole, { format: 'stream' }))
      .run()
    const bytes = readFileSync(whole)
    for (let cut = 1; cut < bytes.length - 8; cut += cut % 8 === 7 ? 10 : 2) {
      const path = put('cut.arrows', bytes.subarray(0, cut)) // messages end at multiples of eight
      expect((await failureOf(() => readAll(arrow(path)))).message).toMatch(/^arrow cut.arrows/)
    }
  })

  test('a file without its footer, an empty one, and another format say so', async () => {
    const whole = join(dir, 'whole.arrow')
    await read
      .rows([{ i: 1 }])
      .write(to.arrow(whole))
      .run()
    const bytes = readFileSync(whole)
    const message = async (name: string, of: Uint8Array): Promise<string> =>
      (await failureOf(() => arrow(put(name, of)))).message
    expect(await message('a.arrow', bytes.subarray(0, -3))).toMatch(/cut short/)
    expect(await message('b.arrow', new Uint8Array(0))).toMatch(/the file is empty/)
    expect(await message('c.arrow', Buffer.from('id,name\n1,2\n'))).toMatch(/^arrow c.arrow: at byte 0/)
    expect((await failureOf(() => toArrow('x', { format: 'no' as 'file' }))).message).toMatch(
      /it can be file or stream/,
    )
  })

  test('a sparse vector is refused before a file is made', async () => {
    const rows = read.rows([{ v: { indices: Int32Array.of(0), values: Float64Array.of(1) } }], {
      schema: { v: 'sparse(3)' },
    })
    const error = await failureOf(() => rows.write(to.arrow(join(dir, 'sparse.arrow'))).run())
    expect(error.message).toMatch(/"v" is sparse\(3\), which Arrow does not hold/)
  })
})
