import { valueAt, type Column, type FlatColumn, type TextColumn } from '../../data/column.ts'
import { canonical } from './key-table.ts'

/**
 * Parts keys into sixteen by a hash of what they are, not of how a batch holds them: a text whatever its code, one NaN,
 * one zero, one null. Each depth takes other bits of the hash, so that the keys of a part spread again.
 */

/** In how many parts keys are parted at each depth. */
export const PARTITIONS = 16
const BITS = 4
/** How often keys may be parted, and how many parts there are then. */
export const DEEPEST = 3
export const PARTS: number = PARTITIONS ** DEEPEST

/** The part of each row's key, from 0 to {@link PARTITIONS} − 1. */
export function partitions(columns: readonly Column[], length: number, depth: number): Uint8Array {
  const hashes = new Int32Array(length).fill(SEED)
  for (const column of columns) hashColumn(column, length, hashes)
  const out = new Uint8Array(length)
  const shift = 32 - BITS * (depth + 1)
  for (let row = 0; row < length; row++) out[row] = (hashes[row]! >>> shift) & (PARTITIONS - 1)
  return out
}

/** The rows of each part, in their order. */
export function rowsByPart(parts: Uint8Array): Int32Array[] {
  const counts = new Int32Array(PARTITIONS)
  for (const part of parts) counts[part]!++
  const rows = Array.from(counts, count => new Int32Array(count))
  counts.fill(0)
  for (let row = 0; row < parts.length; row++) {
    const part = parts[row]!
    rows[part]![counts[part]!++] = row
  }
  return rows
}

/** Another start than the key table has, or the keys of a part would crowd in its index. */
const SEED = 0x9e3779b9 | 0
const NULL = 0x7f4a7c15

function hashColumn(column: Column, length: number, hashes: Int32Array): void {
  const { valid } = column
  const before = valid === null ? null : hashes.slice(0, length)
  if (column.layout === 'flat') hashFlat(column, length, hashes)
  else if (column.layout === 'text') hashText(column, length, hashes)
  else {
    for (let row = 0; row < length; row++) {
      if (valid === null || valid[row] === 1) {
        hashes[row] = joined(hashes[row]!, hashOf(canonical(valueAt(column, row))))
      }
    }
  }
  if (before === null) return
  for (let row = 0; row < length; row++) if (valid![row] === 0) hashes[row] = joined(before[row]!, NULL)
}

function hashFlat({ values }: FlatColumn, length: number, hashes: Int32Array): void {
  if (values instanceof BigInt64Array) {
    const halves = new Int32Array(values.buffer, values.byteOffset, 2 * length)
    for (let row = 0; row < length; row++) {
      hashes[row] = joined(joined(hashes[row]!, halves[2 * row]!), halves[2 * row + 1]!)
    }
  } else if (values instanceof Float64Array || values instanceof Float32Array) {
    for (let row = 0; row < length; row++) {
      const value = values[row]!
      FLOAT[0] = value === value ? value + 0 : NaN
      hashes[row] = joined(joined(hashes[row]!, FLOAT_WORDS[0]!), FLOAT_WORDS[1]!)
    }
  } else for (let row = 0; row < length; row++) hashes[row] = joined(hashes[row]!, values[row]!)
}

const FLOAT = new Float64Array(1)
const FLOAT_WORDS = new Int32Array(FLOAT.buffer)

/** An entry of a dictionary is hashed once, unless most are of other batches. */
function hashText({ strings, codes, valid }: TextColumn, length: number, hashes: Int32Array): void {
  const isValid = (row: number): boolean => valid === null || valid[row] === 1
  if (codes === null || strings.length > length) {
    for (let row = 0; row < length; row++) {
      if (isValid(row)) hashes[row] = joined(hashes[row]!, hashOf(strings[codes?.[row] ?? row]!))
    }
    return
  }
  const known = Int32Array.from(strings, hashOf)
  for (let row = 0; row < length; row++) if (isValid(row)) hashes[row] = joined(hashes[row]!, known[codes[row]!]!)
}

function hashOf(text: string): number {
  let hash = text.length
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash
}

/** The 32-bit finalizer of MurmurHash3 over what came before and a word. */
function joined(hash: number, word: number): number {
  let h = Math.imul(hash, 31) ^ word
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}
