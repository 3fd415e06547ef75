/**
 * The table of the h2o db-benchmark, seeded, as files that every side reads: three text keys and three number keys of
 * 100, 100 and rows/100 values, two small integers, and a float of six decimals. A file is made once, in pieces, and kept
 * in the temporary folder.
 */
import { existsSync, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { read, to } from 'millrace'
import type { Scale } from '../harness/bench.ts'

export const h2oSchema = {
  id1: 'utf8',
  id2: 'utf8',
  id3: 'utf8',
  id4: 'int32',
  id5: 'int32',
  id6: 'int32',
  v1: 'int32',
  v2: 'int32',
  v3: 'float64',
} as const

/** Of the full form. The environment can ask for another: `MILLRACE_BENCH_ROWS=1e7`. */
export const fullRows: number = Number(process.env.MILLRACE_BENCH_ROWS ?? 1e6)

export const h2oRows = ({ quick }: Scale): number => (quick ? 10_000 : fullRows)

const KEYS = 100
const PIECE = 100_000

/** `rows` is above {@link KEYS}. */
export async function h2oFile(rows: number, form: 'parquet' | 'csv' | 'jsonl'): Promise<string> {
  const folder = join(tmpdir(), 'millrace-bench')
  mkdirSync(folder, { recursive: true })
  const path = join(folder, `h2o-${rows}.${form}`)
  if (existsSync(path)) return path
  const sink = form === 'parquet' ? to.parquet(path) : form === 'csv' ? to.csv(path) : to.jsonLines(path)
  const upTo = randomUpTo(1)
  const pieces = Array.from({ length: Math.ceil(rows / PIECE) }, (_, i) =>
    read.rows([{}]).mapBatches(h2oSchema, () => h2oColumns(Math.min(PIECE, rows - i * PIECE), rows, upTo)),
  )
  await pieces
    .reduce((all, piece) => all.union(piece))
    .write(sink)
    .run()
  return path
}

/** The columns of `rows` rows in a table of `all`. */
function h2oColumns(rows: number, all: number, upTo: (limit: number) => number) {
  const many = Math.floor(all / KEYS)
  const fill = (values: number): number[] => Array.from({ length: rows }, () => 1 + upTo(values))
  const texts = (values: number, digits: number): string[] =>
    Array.from({ length: rows }, () => `id${String(1 + upTo(values)).padStart(digits, '0')}`)
  return {
    id1: texts(KEYS, 3),
    id2: texts(KEYS, 3),
    id3: texts(many, 10),
    id4: fill(KEYS),
    id5: fill(KEYS),
    id6: fill(many),
    v1: fill(5),
    v2: fill(15),
    v3: Array.from({ length: rows }, () => upTo(100_000_000) / 1e6),
  }
}

/** Whole numbers from 0 up to but not including what is asked for: mulberry32. */
function randomUpTo(seed: number): (limit: number) => number {
  let state = seed
  return limit => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * limit)
  }
}
