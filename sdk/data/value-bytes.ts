import type { Value } from './column.ts'

/**
 * About how many bytes a value takes where it is kept by itself, with the slot that points at it, to compare with a
 * budget: a text by two bytes a unit, though it may be shared or take one.
 */
export function valueBytes(value: Value): number {
  if (typeof value === 'string') return SLOT_BYTES + OBJECT_BYTES + 2 * value.length
  if (typeof value === 'number') return NUMBER_BYTES
  if (value === null || typeof value === 'boolean') return SLOT_BYTES
  if (typeof value === 'bigint') return SLOT_BYTES + OBJECT_BYTES
  if (value instanceof Uint8Array || value instanceof Float64Array) return arrayBytes(value)
  if ('indices' in value) return SLOT_BYTES + OBJECT_BYTES + arrayBytes(value.indices) + arrayBytes(value.values)
  return value.reduce((sum: number, item) => sum + valueBytes(item), SLOT_BYTES + 2 * OBJECT_BYTES)
}

/** A typed array with its buffer. */
export function arrayBytes(array: { readonly byteLength: number }): number {
  return TYPED_ARRAY_BYTES + array.byteLength
}

/** A pointer to an object, and an object beside what it holds. */
export const SLOT_BYTES = 8
export const OBJECT_BYTES = 24
/** A number that has an object of its own, or a place in an array that has grown ahead. */
const NUMBER_BYTES = 16
const TYPED_ARRAY_BYTES = 200
