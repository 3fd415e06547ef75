import type { Value } from '../data/column.ts'

/**
 * The order of values: text by code point, NaN equal to itself and after every number, false before true. Nulls have
 * no place here; whoever sorts puts them last.
 */

/** Negative, zero or positive as `a` comes before, with or after `b`, by code point as UTF-8 orders. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)]
    if (x !== y) return x >= 0xd800 && y >= 0xd800 ? aboveSurrogates(x) - aboveSurrogates(y) : x - y
  }
  return a.length - b.length
}

/** Surrogates stand for the code points beyond U+FFFF, so they come after the units from U+E000 on. */
function aboveSurrogates(unit: number): number {
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000
}

/** Compares two values of one ordered type. */
export function compareValues(a: Value, b: Value): number {
  if (typeof a === 'string') return compareText(a, b as string)
  if (typeof a === 'number') return compareNumbers(a, b as number)
  return a === b ? 0 : (a as bigint | boolean) < (b as bigint | boolean) ? -1 : 1
}

function compareNumbers(a: number, b: number): number {
  if (a < b) return -1
  if (a > b) return 1
  if (a === b) return 0
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b))
}

/** Equality as grouping and `eq` have it: NaN equals itself, bytes, lists and structs compare by content. */
export function equalValues(a: Value, b: Value): boolean {
  if (a === b || (typeof a === 'number' && Number.isNaN(a) && typeof b === 'number' && Number.isNaN(b))) return true
  if (Array.isArray(a)) {
    const other = b as readonly Value[]
    return a.length === other.length && a.every((item: Value, i) => equalItems(item, other[i]!))
  }
  if (!(a instanceof Uint8Array) || !(b instanceof Uint8Array) || a.length !== b.length) return false
  return a.every((byte, i) => byte === b[i])
}

/** Inside of a value null equals null, so that a list equals itself. */
function equalItems(a: Value, b: Value): boolean {
  return a === null || b === null ? a === b : equalValues(a, b)
}
