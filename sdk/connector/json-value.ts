import { fromJs, toJs } from '../data/row.ts'
import type { Value } from '../data/column.ts'
import type { DataType, Nullable } from '../data/type.ts'
import { isRounded, isWide } from './whole-number.ts'

/**
 * What a value of each type is in JSON: as in row objects, but times are ISO 8601 texts, bytes are base64, vectors are
 * arrays, maps objects (arrays of pairs where keys are no texts), durations milliseconds, and 64-bit integers numbers in
 * full length.
 */

/** What `JSON.parse` gives, but whole numbers beyond ±(2^53 − 1) are bigints. */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text)
  if (!/\d{16}/.test(text)) return value
  let mark = 'wide:'
  while (text.includes(mark)) mark += ':'
  const marked = text.replace(TEXT_OR_NUMBER, token => (isWide(token) ? JSON.stringify(mark + token) : token))
  if (marked === text) return value
  return JSON.parse(marked, (_, item: unknown) =>
    typeof item === 'string' && item.startsWith(mark) ? BigInt(item.slice(mark.length)) : item,
  )
}

const TEXT_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g

/** The JSON text of what {@link parseJson} gives. */
export function showJson(value: unknown): string {
  if (typeof value === 'bigint') return String(value)
  return JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? Number(item) : item))
}

/**
 * A parsed JSON value as a physical one, or a sentence that says why not. A missing value is undefined. With `exact`, a
 * whole number that a float64 would round is a problem.
 */
export function fromJson(
  value: unknown,
  of: Nullable,
  exact: boolean = false,
): { readonly value: Value } | { readonly problem: string } {
  const converted = fromJs(value === null || value === undefined ? null : shaped(value, of.type, exact), of)
  if ('value' in converted || typeof value !== 'bigint') return converted
  const rounds = of.type.kind === 'float64' // refused only because it would be rounded
  return {
    problem: rounds ? `${value} is beyond 2^53, and float64 would round it` : converted.problem.replace('n ', ' '),
  }
}

function shaped(value: unknown, type: DataType, exact: boolean): unknown {
  switch (type.kind) {
    case 'list':
      return Array.isArray(value) ? value.map(item => shaped(item, type.item.type, exact)) : value
    case 'struct': {
      if (!isRecord(value)) return value
      return Object.fromEntries(type.fields.map(field => [field.name, shaped(value[field.name], field.type, exact)]))
    }
    case 'map': {
      const pairs: unknown = Array.isArray(value) ? value : isRecord(value) ? Object.entries(value) : null
      if (!Array.isArray(pairs) || !pairs.every(pair => Array.isArray(pair) && pair.length === 2)) return value
      return new Map(
        pairs.map(([k, v]: [unknown, unknown]) => [shaped(k, type.key, exact), shaped(v, type.value.type, exact)]),
      )
    }
    case 'vector': {
      if (!type.sparse || !isRecord(value)) return value
      const { indices, values } = value
      if (!isNumbers(indices) || !isNumbers(values)) return value
      return { indices: Int32Array.from(indices), values: Float64Array.from(values) }
    }
    case 'binary':
      return typeof value === 'string' ? (fromBase64(value) ?? value) : value
    case 'decimal': // a float64 tells 15 digits apart for certain
      return typeof value === 'number' && String(Math.abs(value)).replace(/\D/g, '').length > 15 ? NaN : value
    case 'float64':
      return typeof value === 'bigint' && !(exact && isRounded(String(value))) ? Number(value) : value
    case 'float32':
      return typeof value === 'bigint' ? Number(value) : value
    default:
      return value
  }
}

/** The bytes of a base64 text; undefined when it is none. */
export function fromBase64(text: string): Uint8Array | undefined {
  const formed = text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text)
  return formed ? new Uint8Array(Buffer.from(text, 'base64')) : undefined
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every(item => typeof item === 'number')
}

/** The JSON text of a physical value. What JSON has no number for, NaN and the infinities, is null. */
export function jsonText(value: Value, type: DataType): string {
  if (value === null) return 'null'
  switch (type.kind) {
    case 'bigint':
      return (value as bigint).toString()
    case 'binary':
      return JSON.stringify(Buffer.from(value as Uint8Array).toString('base64'))
    case 'list':
      return `[${(value as readonly Value[]).map(item => jsonText(item, type.item.type)).join(',')}]`
    case 'struct': {
      const items = value as readonly Value[]
      return `{${type.fields.map((field, i) => `${JSON.stringify(field.name)}:${jsonText(items[i]!, field.type)}`).join(',')}}`
    }
    case 'map': {
      const pairs = value as readonly (readonly [Value, Value])[]
      const texts = pairs.map(([k, v]) => [jsonText(k, type.key), jsonText(v, type.value.type)] as const)
      if (type.key.kind === 'utf8') return `{${texts.map(([k, v]) => `${k}:${v}`).join(',')}}`
      return `[${texts.map(([k, v]) => `[${k},${v}]`).join(',')}]`
    }
    case 'vector': {
      if (!type.sparse) return JSON.stringify([...(value as Float64Array)])
      const { indices, values } = value as { indices: Int32Array; values: Float64Array }
      return JSON.stringify({ indices: [...indices], values: [...values] })
    }
    default:
      return JSON.stringify(toJs(value, type, 'iso'))
  }
}
