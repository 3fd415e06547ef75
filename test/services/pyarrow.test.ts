/**
 * pyarrow as the foreign peer of Parquet and Arrow IPC, both ways. `.ci/run` names its Python in MILLRACE_PYTHON; by
 * hand, any Python that has pyarrow.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as zlib from 'node:zlib'
import { beforeAll, describe, expect, test } from 'vitest'
import { read, to } from 'millrace'

const folder = mkdtempSync(join(tmpdir(), 'millrace-pyarrow-'))
const script = fileURLToPath(new URL('arrow-peer.py', import.meta.url))

function python(command: 'read' | 'write', path: string): unknown {
  const program = process.env['MILLRACE_PYTHON'] ?? 'python3'
  return JSON.parse(execFileSync(program, [script, command, path], { encoding: 'utf8', maxBuffer: 1 << 28 }))
}

/** A value as `arrow-peer.py` writes it. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Math.abs(Number(value)) > 2 ** 53 ? String(value) : Number(value)
  if (typeof value === 'number' && !Number.isFinite(value))
    return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf'
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  if (value instanceof Map) return [...value].map(pair => pair.map(plain))
  if (Array.isArray(value) || value instanceof Float64Array) return Array.from(value, plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, plain(item)]))
}

let written: Record<string, unknown>[]

beforeAll(() => {
  written = python('write', folder) as Record<string, unknown>[]
})

describe('what pyarrow writes is read equal', () => {
  const types = {
    flag: 'bool?',
    i8: 'int32?',
    u16: 'int32?',
    u32: 'int64?',
    i64: 'int64?',
    wide: 'bigint?',
    f32: 'float32?',
    f64: 'float64?',
    text: 'utf8?',
    large: 'utf8?',
    coded: 'utf8?',
    bytes: 'binary?',
    s: 'timestamp?',
    us: 'timestamp?',
    ns: 'timestamp?',
    day: 'date?',
    money: 'decimal(18,2)?',
    list: 'int32?[]?',
    struct: '{ a: int32?, b: utf8? }?',
    deep: '{ x: utf8?[]? }?[]?',
    map: 'map(utf8,int32?)?',
  }

  test.each(['snappy', 'zstd', 'gzip', 'none', 'lz4'])('Parquet, %s', async name => {
    const frame = read.parquet(join(folder, `${name}.parquet`))
    expect(frame.schema).toEqual(types)
    expect((await frame.collect()).rows({ times: 'iso' }).map(plain)).toEqual(written)
  })

  const forms = ['plain', 'lz4', 'zstd'].flatMap(name => [`${name}-file`, `${name}-stream`])
  test.each([...forms, 'feather'])('Arrow, %s', async name => {
    const frame = read.arrow(join(folder, `${name}.arrow`))
    expect(frame.schema).toEqual(types)
    expect((await frame.collect()).rows({ times: 'iso' }).map(plain)).toEqual(written)
  })

  test('Parquet in a folder of partitions', async () => {
    const frame = read.parquet(join(folder, 'partitioned'))
    expect(frame.schema).toEqual({ id: 'int64', year: 'int64', city: 'utf8?' })
    expect((await frame.orderBy('id').collect()).rows()).toEqual([
      { id: 1, year: 2024, city: 'São/Paulo' },
      { id: 2, year: 2023, city: null },
      { id: 3, year: 2024, city: 'a=b' },
    ])
  })

  test('Arrow types that only some writers use', async () => {
    const frame = read.arrow(join(folder, 'views.arrow'))
    expect(frame.schema).toEqual({
      vec: 'vector(2)?',
      fixed: 'binary?',
      view: 'utf8?',
      ms: 'duration?',
      time: 'duration?',
      half: 'float32?',
      nothing: 'utf8?',
      llist: 'utf8?[]?',
    })
    expect((await frame.collect()).rows().map(plain)).toEqual([
      {
        vec: [1.5, 2.5],
        fixed: '6162',
        view: 'a text that is longer than twelve',
        ms: 1,
        time: 3_723_000,
        half: 1.5,
        nothing: null,
        llist: ['a'],
      },
      { vec: null, fixed: null, view: null, ms: null, time: null, half: null, nothing: null, llist: null },
      { vec: [0, -1], fixed: '6364', view: 'x', ms: -1, time: 0, half: -2, nothing: null, llist: [] },
    ])
  })
})

describe('what we write pyarrow reads equal', () => {
  const rows = read.rows(
    Array.from({ length: 500 }, (_, i) => ({
      flag: i % 3 === 0 ? null : i % 2 === 0,
      small: i % 5 === 0 ? null : i - 250,
      whole: 2 ** 53 - 1 - i,
      big: i % 4 === 0 ? null : -(2n ** 63n) + BigInt(i),
      single: i / 4,
      ratio: [1e300, -0.5, Infinity, NaN][i % 4]!,
      text: [null, '', 'é', '😀 "x",\n'][i % 4] ?? null,
      bytes: Uint8Array.of(i & 255, 0),
      at: i % 6 === 0 ? null : new Date(Date.UTC(1969, 11, 31, i)),
      day: new Date(Date.UTC(2000, 1, i)),
      price: i % 7 === 0 ? null : `${i - 250}.25`,
      list: i % 3 === 0 ? null : [1, null, i].slice(0, i % 4),
      struct: { a: i, b: i % 2 === 0 ? null : `b${i}` },
      map: new Map([['k', i % 2 === 0 ? null : i]]),
      vec: Float64Array.of(i, -i),
    })),
    {
      schema: {
        flag: 'bool?',
        small: 'int32?',
        whole: 'int64',
        big: 'bigint?',
        single: 'float32',
        ratio: 'float64',
        text: 'utf8?',
        bytes: 'binary',
        at: 'timestamp?',
        day: 'date',
        price: 'decimal(18,2)?',
        list: 'int32?[]?',
        struct: { a: 'int32', b: 'utf8?' },
        map: 'map(utf8,int32?)',
        vec: 'vector(2)',
      },
    },
  )

  const sinks = {
    'snappy.parquet': (path: string) => to.parquet(path, { rowGroupRows: 100 }),
    'gzip.parquet': (path: string) => to.parquet(path, { compression: 'gzip' }),
    'none.parquet': (path: string) => to.parquet(path, { compression: 'none' }),
    'file.arrow': (path: string) => to.arrow(path),
    'stream.arrow': (path: string) => to.arrow(path, { format: 'stream' }),
    'lz4-file.arrow': (path: string) => to.arrow(path, { compression: 'lz4' }),
    'lz4-stream.arrow': (path: string) => to.arrow(path, { format: 'stream', compression: 'lz4' }),
    ...('zstdCompressSync' in zlib && { 'zstd.arrow': (path: string) => to.arrow(path, { compression: 'zstd' }) }),
  }

  test.each(Object.entries(sinks))('%s', async (name, sink) => {
    const path = join(folder, `ours-${name}`)
    await rows.write(sink(path)).run()
    const found = python('read', path) as { types: Record<string, string>; rows: unknown[] }
    expect(found.rows).toEqual((await rows.collect()).rows({ times: 'iso' }).map(plain))
    expect(found.types['at']).toBe('timestamp[us, tz=UTC]')
    expect(found.types['price']).toBe('decimal128(18, 2)')
  })

  test('a folder of partitions', async () => {
    const path = join(folder, 'ours-partitioned/')
    const values = [
      { id: 1, year: 2024, city: 'São/Paulo' },
      { id: 2, year: 2023, city: null },
      { id: 3, year: 2024, city: 'a=b.c' },
    ]
    await read
      .rows(values)
      .write(to.parquet(path, { partitionBy: ['year', 'city'] }))
      .run()
    const found = python('read', path) as { rows: { id: number }[] }
    expect(found.rows.toSorted((a, b) => a.id - b.id)).toEqual(values)
  })
})
