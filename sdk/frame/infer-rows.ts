import type { ColumnType } from '../data/type.ts'

/**
 * The columns of row objects as far as their TypeScript type tells: what `rows` without a schema finds at run time. A
 * number whose value is not known to the types may be an int64 or a float64, so its column is known at run time only.
 */
export type ColumnsOfRows<R> = [R] extends [never] ? {} : { [K in KeyOf<R>]: Inferred<ValueOf<R, K>> }

type KeyOf<R> = R extends unknown ? keyof R & string : never

type ValueOf<R, K extends string> = R extends unknown ? (K extends keyof R ? R[K] : undefined) : never

type Inferred<V> = [NonNullable<V>] extends [never]
  ? 'utf8?'
  : [Extract<V, null | undefined>] extends [never]
    ? Bare<V>
    : OrNull<Bare<NonNullable<V>>>

type OrNull<T> = ColumnType extends T ? T : T extends ItemText | `${ItemText}[]` ? `${T}?` : T

type ItemText = 'bool' | 'int64' | 'bigint' | 'float64' | 'utf8' | 'timestamp'

type Bare<V> = [V] extends [string]
  ? 'utf8'
  : [V] extends [boolean]
    ? 'bool'
    : [V] extends [bigint]
      ? 'bigint'
      : [V] extends [Date]
        ? 'timestamp'
        : [V] extends [number]
          ? NumberText<V>
          : [V] extends [readonly (infer I)[]]
            ? ListText<I>
            : ColumnType

type NumberText<V extends number> = number extends V ? ColumnType : [`${V}`] extends [`${bigint}`] ? 'int64' : 'float64'

type ListText<I> =
  Bare<I> extends infer T extends ItemText ? (ColumnType extends T ? ColumnType : `${T}[]`) : ColumnType
