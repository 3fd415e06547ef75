import { scalar } from '../../data/type.ts'
import type { EagerFunction } from '../function.ts'
import { plain } from './plain.ts'

/** How far texts are from each other, counted in code points. */

const [INT32, FLOAT64] = [scalar('int32'), scalar('float64')]
const SQL = {
  duckdb: { refused: 'DuckDB counts bytes, the engine code points' },
  flink: { refused: 'Flink has no such function' },
} as const

const pointsOf = (text: string): number[] => Array.from(text, point => point.codePointAt(0)!)

export const levenshtein: EagerFunction = plain({
  name: 'levenshtein',
  takes: ['text'],
  result: INT32,
  compute: () => edits,
  ...SQL,
})

/** How many code points must be put in, taken out or changed: one row of the table of Wagner and Fischer at a time. */
function edits(a: string, b: string): number {
  if (a === b) return 0
  const [x, y] = [pointsOf(a), pointsOf(b)]
  const row = new Int32Array(y.length + 1)
  for (let j = 0; j < row.length; j++) row[j] = j
  for (let i = 1; i <= x.length; i++) {
    let diagonal = row[0]!
    row[0] = i
    for (let j = 1; j <= y.length; j++) {
      const changed = diagonal + (x[i - 1] === y[j - 1] ? 0 : 1)
      diagonal = row[j]!
      row[j] = Math.min(changed, diagonal + 1, row[j - 1]! + 1)
    }
  }
  return row[y.length]!
}

export const hamming: EagerFunction = plain({
  name: 'hamming',
  takes: ['text'],
  result: INT32,
  nullable: true,
  compute: () => (a: string, b: string) => {
    const [x, y] = [pointsOf(a), pointsOf(b)]
    return x.length === y.length ? x.filter((point, i) => point !== y[i]).length : null
  },
  ...SQL,
})

export const jaroWinkler: EagerFunction = plain({
  name: 'jaroWinkler',
  takes: ['text'],
  result: FLOAT64,
  compute: () => (a: string, b: string) => {
    const [x, y] = [pointsOf(a), pointsOf(b)]
    const found = jaro(x, y)
    if (found <= 0.7) return found
    let same = 0
    while (same < 4 && same < x.length && same < y.length && x[same] === y[same]) same++
    return found + same * 0.1 * (1 - found)
  },
  ...SQL,
})

/** Of M. A. Jaro, 1989: the share of points that match nearby, less half of those out of order. */
function jaro(x: readonly number[], y: readonly number[]): number {
  if (x.length === 0 && y.length === 0) return 1
  const reach = Math.max(0, Math.floor(Math.max(x.length, y.length) / 2) - 1)
  const taken = new Uint8Array(y.length)
  const matched: number[] = []
  for (const [i, point] of x.entries()) {
    for (let j = Math.max(0, i - reach); j < Math.min(y.length, i + reach + 1); j++) {
      if (taken[j] === 1 || y[j] !== point) continue
      taken[j] = 1
      matched.push(point)
      break
    }
  }
  const m = matched.length
  if (m === 0) return 0
  let moved = 0
  let k = 0
  for (const [j, point] of y.entries()) if (taken[j] === 1 && matched[k++] !== point) moved++
  return (m / x.length + m / y.length + (m - Math.floor(moved / 2)) / m) / 3
}

export const jaccard: EagerFunction = plain({
  name: 'jaccard',
  takes: ['text'],
  result: FLOAT64,
  compute: () => (a: string, b: string) => {
    const [x, y] = [new Set(a), new Set(b)]
    let shared = 0
    for (const point of x) if (y.has(point)) shared++
    const all = x.size + y.size - shared
    return all === 0 ? 1 : shared / all
  },
  ...SQL,
})
