import {
  isFlat,
  isFloat,
  isInteger,
  isNumeric,
  sameType,
  scalar,
  type DataType,
  type Field,
  type Nullable,
} from '../data/type.ts'

/**
 * The one type that values of several types are brought to before they meet. Integers widen int32 → int64 → bigint,
 * decimals take the larger scale at 18 digits, and a float64 takes all in; float32 stays only among its own.
 */

/** The type in which two numbers meet. */
export function commonNumber(a: DataType, b: DataType): DataType {
  if (isFloat(a) || isFloat(b)) return a.kind === b.kind ? a : scalar('float64')
  if (a.kind === 'decimal' || b.kind === 'decimal') return decimal(Math.max(scaleOf(a), scaleOf(b)))
  if (a.kind === 'bigint' || b.kind === 'bigint') return scalar('bigint')
  return a.kind === 'int64' || b.kind === 'int64' ? scalar('int64') : scalar('int32')
}

/** The type in which values are compared or chosen between; undefined when they have none in common. */
export function commonType(types: readonly DataType[]): DataType | undefined {
  let common = types[0]!
  for (const type of types.slice(1)) {
    if (sameType(common, type)) continue
    if (isNumeric(common) && isNumeric(type)) common = commonNumber(common, type)
    else if (isTime(common) && isTime(type)) common = scalar('timestamp')
    else {
      const wider = widest(common, type)
      if (wider === undefined) return undefined
      common = wider
    }
  }
  return common
}

/**
 * The same for values that are only compared: decimals meet with so many digits that every number keeps all of its own,
 * and a comparison cannot overflow.
 */
export function comparedType(types: readonly DataType[]): DataType | undefined {
  const common = commonType(types)
  return common?.kind !== 'decimal' || types.every(type => sameType(type, common))
    ? common
    : { ...common, precision: 38 }
}

/**
 * The type of two that differ only in which inner values may be null; undefined where they differ in more. Values of
 * either are values of it as they are.
 */
export function widest(a: DataType, b: DataType): DataType | undefined {
  if (a.kind === 'list' && b.kind === 'list') {
    const item = both(a.item, b.item)
    return item && { kind: 'list', item }
  }
  if (a.kind === 'map' && b.kind === 'map' && sameType(a.key, b.key)) {
    const value = both(a.value, b.value)
    return value && { kind: 'map', key: a.key, value }
  }
  if (a.kind === 'struct' && b.kind === 'struct' && a.fields.length === b.fields.length) {
    const fields: Field[] = []
    for (const [i, { name, ...of }] of a.fields.entries()) {
      const other = b.fields[i]!
      const field = name === other.name ? both(of, other) : undefined
      if (field === undefined) return undefined
      fields.push({ name, ...field })
    }
    return { kind: 'struct', fields }
  }
  return sameType(a, b) ? a : undefined
}

function both(a: Nullable, b: Nullable): Nullable | undefined {
  const type = widest(a.type, b.type)
  return type && { type, nullable: a.nullable || b.nullable }
}

/** A decimal of the most digits there are. */
export function decimal(scale: number): DataType {
  return { kind: 'decimal', precision: 18, scale }
}

export function scaleOf(type: DataType): number {
  return type.kind === 'decimal' ? type.scale : 0
}

/** timestamp or date. */
export function isTime(type: DataType): boolean {
  return type.kind === 'timestamp' || type.kind === 'date'
}

/** True where a JavaScript bigint holds the value. */
export function isBig(type: DataType): boolean {
  return type.kind === 'bigint' || type.kind === 'decimal'
}

/** True where values of the type have an order. */
export function isOrdered(type: DataType): boolean {
  return isInteger(type) || isFloat(type) || ['decimal', 'utf8', 'timestamp', 'date', 'duration'].includes(type.kind)
}

/** True where a JavaScript number stands for the value, so that arithmetic on an unspecified one cannot throw. */
export function isJsNumber(type: DataType): boolean {
  return !isBig(type) && isFlat(type)
}

/** JavaScript for a value of the kind that stands for the type, for where there is none. */
export function emptyJs(type: DataType): string {
  if (isJsNumber(type)) return '0'
  return type.kind === 'utf8' ? `''` : isBig(type) ? '0n' : 'null'
}
