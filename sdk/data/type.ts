import { PlanError } from './errors.ts'

/**
 * The types of columns, in two forms that mean the same: a text such as `'float64?'`, which stands in schemas, hovers
 * and errors, and a tree, which the engine works on. A trailing `?` means nullable.
 */

export type Scalar =
  'bool' | 'int32' | 'int64' | 'bigint' | 'float32' | 'float64' | 'utf8' | 'binary' | 'timestamp' | 'date' | 'duration'

/** A type text without its nullability. */
export type BareText =
  | Scalar
  | `decimal(${number},${number})`
  | `${Scalar}[]`
  | `${Scalar}?[]`
  | `${Scalar}[][]`
  | `${Scalar}?[][]`
  | `${Scalar}[]?[]`
  | `${Scalar}?[]?[]`
  | `decimal(${number},${number})[]`
  | `decimal(${number},${number})?[]`
  | `map(${string},${string})`
  | `vector(${number})`
  | `sparse(${number})`

/** The text of a column type: `'int32'`, `'float64?'`, `'utf8[]'`, `'vector(16)'`, `'decimal(18,2)'`. */
export type TypeText = BareText | `${BareText}?`

/** A column's type in a schema: a text, or a nested schema for a struct. */
export type ColumnType = TypeText | { readonly [name: string]: ColumnType }

/** The columns of a frame: names and their types. */
export type Columns = { readonly [name: string]: ColumnType }

/** The tree form of a type, without nullability. */
export type DataType =
  | { readonly kind: Scalar }
  | { readonly kind: 'decimal'; readonly precision: number; readonly scale: number }
  | { readonly kind: 'list'; readonly item: Nullable }
  | { readonly kind: 'struct'; readonly fields: readonly Field[] }
  | { readonly kind: 'map'; readonly key: DataType; readonly value: Nullable }
  | { readonly kind: 'vector'; readonly size: number; readonly sparse: boolean }

/** A type and whether null is among its values. */
export interface Nullable {
  readonly type: DataType
  readonly nullable: boolean
}

export interface Field extends Nullable {
  readonly name: string
}

const SCALARS: ReadonlySet<string> = new Set<Scalar>([
  'bool',
  'int32',
  'int64',
  'bigint',
  'float32',
  'float64',
  'utf8',
  'binary',
  'timestamp',
  'date',
  'duration',
])

const scalars = new Map<string, DataType>([...SCALARS].map(kind => [kind, Object.freeze({ kind: kind as Scalar })]))

/** The one tree of a scalar type, so that equal scalar types are the same object. */
export function scalar(kind: Scalar): DataType {
  return scalars.get(kind)!
}

/** Reads a column type. An unknown text is a {@link PlanError} that shows where in the text reading stopped. */
export function parseType(text: ColumnType): Nullable {
  if (typeof text === 'object') {
    const fields = Object.entries(text).map(([name, type]) => ({ name, ...parseType(type) }))
    return { type: { kind: 'struct', fields }, nullable: false }
  }
  const trimmed = text.trim()
  if (trimmed.endsWith('?')) return { type: parseBare(trimmed.slice(0, -1), text), nullable: true }
  return { type: parseBare(trimmed, text), nullable: false }
}

function parseBare(text: string, whole: string): DataType {
  const known = scalars.get(text)
  if (known) return known
  if (text.endsWith('[]')) return { kind: 'list', item: parseType(text.slice(0, -2) as TypeText) }
  const call = /^(decimal|vector|sparse|map)\((.*)\)$/s.exec(text)
  if (call) {
    const [, name = '', inner = ''] = call
    if (name === 'map') {
      const comma = splitAtComma(inner)
      if (comma > 0) {
        const key = parseType(inner.slice(0, comma) as TypeText)
        if (key.nullable) throw unknownType(whole, 'the key of a map cannot be null')
        return { kind: 'map', key: key.type, value: parseType(inner.slice(comma + 1) as TypeText) }
      }
    } else {
      const numbers = inner.split(',').map(Number)
      const [first = NaN, second = NaN] = numbers
      if (name === 'decimal' && numbers.length === 2 && isDecimal(first, second)) {
        return { kind: 'decimal', precision: first, scale: second }
      }
      if (name === 'decimal') throw unknownType(whole, 'decimal(p,s) needs 1 ≤ p ≤ 18 and 0 ≤ s ≤ p')
      if (numbers.length === 1 && Number.isInteger(first) && first >= 1) {
        return { kind: 'vector', size: first, sparse: name === 'sparse' }
      }
    }
  }
  throw unknownType(whole)
}

function isDecimal(precision: number, scale: number): boolean {
  const whole = Number.isInteger(precision) && Number.isInteger(scale)
  return whole && precision >= 1 && precision <= 18 && scale >= 0 && scale <= precision
}

function splitAtComma(text: string): number {
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '(') depth++
    else if (text[i] === ')') depth--
    else if (text[i] === ',' && depth === 0) return i
  }
  return -1
}

function unknownType(text: string, why = ''): PlanError {
  const known = `${[...SCALARS].join(', ')}, decimal(p,s), T[], map(K,V), vector(n), sparse(n), each with an optional ?`
  return new PlanError('unknown-type', `"${text}" is not a column type${why && `: ${why}`}. Types are ${known}.`)
}

/** The text of a type: the inverse of {@link parseType} for all but structs, which print as `{ name: type }`. */
export function typeText(of: Nullable): string {
  return bareText(of.type) + (of.nullable ? '?' : '')
}

export function bareText(type: DataType): string {
  switch (type.kind) {
    case 'decimal':
      return `decimal(${type.precision},${type.scale})`
    case 'list':
      return `${typeText(type.item)}[]`
    case 'struct':
      return `{ ${type.fields.map(field => `${field.name}: ${typeText(field)}`).join(', ')} }`
    case 'map':
      return `map(${bareText(type.key)},${typeText(type.value)})`
    case 'vector':
      return `${type.sparse ? 'sparse' : 'vector'}(${type.size})`
    default:
      return type.kind
  }
}

export function sameType(a: DataType, b: DataType): boolean {
  return a === b || bareText(a) === bareText(b)
}

/** A value of several values: a list, struct, map or vector. */
export function isNested(type: DataType): boolean {
  return type.kind === 'list' || type.kind === 'struct' || type.kind === 'map' || type.kind === 'vector'
}

/** A value that is one number in an array: all but texts, bytes and values of several. */
export function isFlat(type: DataType): boolean {
  return type.kind !== 'utf8' && type.kind !== 'binary' && !isNested(type)
}

/** int32, int64, bigint, float32, float64 or decimal. */
export function isNumeric(type: DataType): boolean {
  return isInteger(type) || isFloat(type) || type.kind === 'decimal'
}

export function isInteger(type: DataType): boolean {
  return type.kind === 'int32' || type.kind === 'int64' || type.kind === 'bigint'
}

export function isFloat(type: DataType): boolean {
  return type.kind === 'float32' || type.kind === 'float64'
}
