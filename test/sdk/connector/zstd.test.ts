import fc from 'fast-check'
import { parquetMetadata } from 'hyparquet'
import { parquetHeader } from 'hyparquet/src/column.js'
import { compressors } from 'hyparquet-compressors'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { ZstdDecoder } from '../../../sdk/connector/zstd.ts'
import { duckdb, folder } from './reading.ts'

interface Page {
  readonly packed: Uint8Array
  readonly size: number
}

/** The packed pages of a file with pages of the first version. */
function pagesOf(path: string): Page[] {
  const file = Uint8Array.from(readFileSync(path))
  return parquetMetadata(file.buffer).row_groups.flatMap(group =>
    group.columns.flatMap(column => {
      const chunk = column.meta_data!
      const begin = Number(chunk.dictionary_page_offset ?? chunk.data_page_offset)
      const end = begin + Number(chunk.total_compressed_size)
      const pages: Page[] = []
      for (let at = begin; at < end;) {
        const reader = { view: new DataView(file.buffer, at), offset: 0 }
        const header = parquetHeader(reader)
        at += reader.offset
        pages.push({ packed: file.subarray(at, at + header.compressed_page_size), size: header.uncompressed_page_size })
        at += header.compressed_page_size
      }
      return pages
    }),
  )
}

const dir = folder()
const pages: Page[] = []

/** Literals raw, repeated and coded, matches near and far, and tables of all kinds: at levels from -5 to 22. */
beforeAll(async () => {
  const db = await duckdb()
  const columns = `i % 7 small, i ordered, (random() * 1e9)::bigint wide, random() noise, 'constant' same,
    'id' || lpad((random() * 500)::int::varchar, 9, '0') code, repeat('ab', (random() * 60)::int) runs,
    (-ln(random() + 1e-9) * 20)::smallint skewed, repeat(md5((i % 3)::varchar), 40) far`
  for (const [level, rows] of [
    [-5, 3000],
    [1, 1],
    [1, 30_000],
    [3, 60_000],
    [9, 9000],
    [22, 5000],
  ] as const) {
    const path = join(dir, `level${level}-${rows}.parquet`)
    const options = `format parquet, compression zstd, compression_level ${level}, dictionary_size_limit 100`
    await db.run(`select setseed(0.5)`)
    await db.run(`copy (select ${columns} from range(${rows}) r(i)) to '${path}' (${options})`)
    pages.push(...pagesOf(path))
  }
})

const unpackTheirs = (packed: Uint8Array, size: number): Uint8Array => compressors.ZSTD!(packed, size)

describe('pages that DuckDB has packed', () => {
  test('are unpacked to what another decoder makes of them', () => {
    expect(pages.length).toBeGreaterThan(50)
    const decoder = new ZstdDecoder()
    for (const { packed, size } of pages) {
      expect(Buffer.compare(decoder.unpack(packed, size), unpackTheirs(packed, size))).toBe(0)
    }
  })

  test('are refused when they are not of the size that is known', () => {
    const { packed, size } = pages.at(-1)!
    expect(() => new ZstdDecoder().unpack(packed, size + 1)).toThrow('its ZSTD data are damaged')
    expect(() => new ZstdDecoder().unpack(packed, size - 1)).toThrow('its ZSTD data are damaged')
    expect(() => new ZstdDecoder().unpack(packed.subarray(0, -1), size)).toThrow('its ZSTD data are damaged')
  })

  test('frames after each other are unpacked together, and others are stepped over', () => {
    const [a, b] = [pages[0]!, pages[1]!]
    const other = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3])
    const whole = new ZstdDecoder().unpack(Buffer.concat([a.packed, other, b.packed]), a.size + b.size)
    const parts = [unpackTheirs(a.packed, a.size), unpackTheirs(b.packed, b.size)]
    expect(Buffer.compare(whole, Buffer.concat(parts))).toBe(0)
  })

  test('that are damaged give an error or as many bytes, and do not spoil the next page', () => {
    const decoder = new ZstdDecoder()
    const damage = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(fc.nat(), damage, fc.option(fc.nat()), (which, bytes, cut) => {
        const { packed, size } = pages[which % pages.length]!
        const bad = Uint8Array.from(packed.subarray(0, cut === null ? packed.length : cut % packed.length))
        for (const [at, byte] of bytes) if (bad.length > 0) bad[at % bad.length] = byte
        let found: number | string
        try {
          found = decoder.unpack(bad, size).length
        } catch (error) {
          found = (error as Error).message
        }
        expect([size, 'its ZSTD data are damaged', 'its ZSTD data need a dictionary']).toContain(found)
        expect(Buffer.compare(decoder.unpack(packed, size), unpackTheirs(packed, size))).toBe(0)
      }),
      { numRuns: 300 },
    )
  })
})
