import type { Column } from '../../data/column.ts'
import { scalar, type Nullable } from '../../data/type.ts'

/** The columns that windows add: the number of a window as a part of a key, and the bounds of windows that are given. */

/** The type of the number of a window. */
export const NUMBER: Nullable = { type: scalar('int64'), nullable: false }

export function numberColumn(values: Float64Array): Column {
  return { layout: 'flat', type: NUMBER.type, length: values.length, valid: null, values }
}

export function boundColumn(values: Float64Array): Column {
  return { layout: 'flat', type: scalar('timestamp'), length: values.length, valid: null, values }
}
