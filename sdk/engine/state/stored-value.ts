import type { SparseVector, Value } from '../../data/column.ts'
import { fromJs, toJs } from '../../data/row.ts'
import { isNested, type DataType, type Nullable } from '../../data/type.ts'

/**
 * The edge between keyed state and the functions of a user: a value that is kept is checked against its declared type
 * and is the state's own, and what is given out is a copy, so that only `set` and `add` change state.
 */

/** A JavaScript value as it is kept. `refuse` throws the sentence that says what does not fit. */
export function stored(value: unknown, of: Nullable, refuse: (problem: string) => never): Value {
  const { kind } = of.type
  if (typeof value === 'number' && (kind === 'float64' || (kind === 'int64' && Number.isSafeInteger(value)))) {
    return kind === 'int64' ? value + 0 : value
  }
  if ((kind === 'utf8' && typeof value === 'string') || (kind === 'bool' && typeof value === 'boolean')) return value
  if (value === null || value === undefined) return of.nullable ? null : refuse('it is null, which its type is not')
  const converted = fromJs(value, of)
  if ('problem' in converted) return refuse(converted.problem)
  return holdsArrays(of.type) ? copied(converted.value) : converted.value
}

/** A kept value as JavaScript sees it. */
export function given(value: Value, type: DataType): unknown {
  return toJs(holdsArrays(type) ? copied(value) : value, type)
}

const holdsArrays = (type: DataType): boolean => type.kind === 'binary' || isNested(type)

function copied(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Uint8Array || value instanceof Float64Array) return value.slice()
  if (isSparse(value)) return { indices: value.indices.slice(), values: value.values.slice() }
  return value.map(copied)
}

const isSparse = (value: SparseVector | readonly Value[]): value is SparseVector => 'indices' in value
