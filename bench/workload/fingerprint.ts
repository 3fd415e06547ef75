/**
 * Big answers as a few numbers that cross a process boundary: how many rows, and of each column a sum weighted by the
 * keys of its row, so that a value at the wrong key changes it. Floats are added in different orders by different
 * engines: two fingerprints agree to 1e-9 of their size.
 */
export type Fingerprint = Readonly<Record<string, number>>

/** Arrays of equal length, by column. */
export type Arrays = Readonly<Record<string, ArrayLike<unknown>>>

/** Stands for NaN, which would hide all other values, and for null, which some give where others give NaN. */
const ODD = 0.123

/** Weights by the key columns, or, where there are none, by the position of the row. */
export function fingerprint(columns: Arrays, keys: readonly string[]): Fingerprint {
  const out = { rows: 0, keys: 0 }
  add(out, columns, keys)
  return out
}

/** The same of rows that come in pieces. */
export async function fingerprintOf(pieces: AsyncIterable<Arrays>, keys: readonly string[]): Promise<Fingerprint> {
  const out = { rows: 0, keys: 0 }
  for await (const columns of pieces) add(out, columns, keys)
  return out
}

function add(
  out: { [name: string]: number; rows: number; keys: number },
  columns: Arrays,
  keys: readonly string[],
): void {
  const names = Object.keys(columns)
  const rows = columns[names[0]!]!.length
  const weights = new Float64Array(rows)
  for (let i = 0; i < rows; i++) {
    weights[i] = weightOf(keys.length === 0 ? `${out.rows + i}` : keys.map(key => String(columns[key]![i])).join('|'))
    out.keys += weights[i]!
  }
  for (const name of names) {
    if (keys.includes(name)) continue
    const values = columns[name]!
    let sum = 0
    for (let i = 0; i < rows; i++) {
      const value = Number(values[i] ?? NaN)
      sum += weights[i]! * (Number.isNaN(value) ? ODD : value)
    }
    out[name] = (out[name] ?? 0) + sum
  }
  out.rows += rows
}

/** In 1 … 2, by FNV-1a. */
function weightOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return 1 + (hash >>> 0) / 2 ** 32
}

/** The `agree` of cases whose answers are fingerprints. */
export function sameFingerprint(ours: unknown, rival: unknown): boolean {
  const [mine, theirs] = [ours as Fingerprint, rival as Fingerprint]
  const names = Object.keys(mine)
  return (
    names.length === Object.keys(theirs).length &&
    names.every(name => Math.abs(mine[name]! - theirs[name]!) <= 1e-9 * Math.abs(mine[name]!))
  )
}
