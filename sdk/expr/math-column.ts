import type { ColumnType } from '../data/type.ts'
import type { BoolCol, Expr, NumCol, OrdCol } from './column-type.ts'
import type { AnyNum, Beside, Both, Grain, Like, Mixed, Sum } from './type-rule.ts'

/** The methods of columns of numbers that come of mathematics rather than arithmetic. */
export interface MathCol<T extends ColumnType, G extends Grain> extends OrdCol<T, G> {
  /**
   * The sine of an angle in radians; NaN for an infinity. Null of null.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 0 }])
   * const table = await frame.derive(t => ({ b: t.a.sin() })).select('b').collect()
   * table.rows() // => [ { b: 0 } ]
   * ```
   */
  sin(): NumCol<Like<T, 'float64'>, G>
  /**
   * The cosine of an angle in radians; NaN for an infinity. Null of null.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 0 }])
   * const table = await frame.derive(t => ({ b: t.a.cos() })).select('b').collect()
   * table.rows() // => [ { b: 1 } ]
   * ```
   */
  cos(): NumCol<Like<T, 'float64'>, G>
  /**
   * The tangent of an angle in radians; NaN for an infinity. Null of null.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 0 }])
   * const table = await frame.derive(t => ({ b: t.a.tan() })).select('b').collect()
   * table.rows() // => [ { b: 0 } ]
   * ```
   */
  tan(): NumCol<Like<T, 'float64'>, G>
  /**
   * The angle in radians whose sine it is; NaN beyond ±1. Null of null.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 2 }])
   * const table = await frame.derive(t => ({ b: t.a.asin() })).select('b').collect()
   * table.rows() // => [ { b: NaN } ]
   * ```
   */
  asin(): NumCol<Like<T, 'float64'>, G>
  /**
   * The angle in radians whose cosine it is; NaN beyond ±1. Null of null.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 1 }])
   * const table = await frame.derive(t => ({ b: t.a.acos() })).select('b').collect()
   * table.rows() // => [ { b: 0 } ]
   * ```
   */
  acos(): NumCol<Like<T, 'float64'>, G>
  /**
   * The angle in radians whose tangent it is. Null of null.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 0 }])
   * const table = await frame.derive(t => ({ b: t.a.atan() })).select('b').collect()
   * table.rows() // => [ { b: 0 } ]
   * ```
   */
  atan(): NumCol<Like<T, 'float64'>, G>
  /**
   * The hyperbolic sine. Null of null.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 0 }])
   * const table = await frame.derive(t => ({ b: t.a.sinh() })).select('b').collect()
   * table.rows() // => [ { b: 0 } ]
   * ```
   */
  sinh(): NumCol<Like<T, 'float64'>, G>
  /**
   * The hyperbolic cosine. Null of null.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 0 }])
   * const table = await frame.derive(t => ({ b: t.a.cosh() })).select('b').collect()
   * table.rows() // => [ { b: 1 } ]
   * ```
   */
  cosh(): NumCol<Like<T, 'float64'>, G>
  /**
   * The hyperbolic tangent. Null of null.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: Infinity }])
   * const table = await frame.derive(t => ({ b: t.a.tanh() })).select('b').collect()
   * table.rows() // => [ { b: 1 } ]
   * ```
   */
  tanh(): NumCol<Like<T, 'float64'>, G>
  /**
   * The logarithm to base 10: −Infinity of zero, NaN below. Null of null.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 1000 }])
   * const table = await frame.derive(t => ({ b: t.a.log10() })).select('b').collect()
   * table.rows() // => [ { b: 3 } ]
   * ```
   */
  log10(): NumCol<Like<T, 'float64'>, G>
  /**
   * The logarithm to base 2: −Infinity of zero, NaN below. Null of null.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 8 }])
   * const table = await frame.derive(t => ({ b: t.a.log2() })).select('b').collect()
   * table.rows() // => [ { b: 3 } ]
   * ```
   */
  log2(): NumCol<Like<T, 'float64'>, G>
  /**
   * The natural logarithm of one more, exact near zero: −Infinity of −1, NaN below. Null of null.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 0 }])
   * const table = await frame.derive(t => ({ b: t.a.log1p() })).select('b').collect()
   * table.rows() // => [ { b: 0 } ]
   * ```
   */
  log1p(): NumCol<Like<T, 'float64'>, G>
  /**
   * One less than e to the power of the value, exact near zero. Null of null.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 0 }])
   * const table = await frame.derive(t => ({ b: t.a.expm1() })).select('b').collect()
   * table.rows() // => [ { b: 0 } ]
   * ```
   */
  expm1(): NumCol<Like<T, 'float64'>, G>
  /**
   * The cube root, also below zero. Null of null.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: -27 }])
   * const table = await frame.derive(t => ({ b: t.a.cbrt() })).select('b').collect()
   * table.rows() // => [ { b: -3 } ]
   * ```
   */
  cbrt(): NumCol<Like<T, 'float64'>, G>
  /**
   * An angle in radians as degrees. Null of null.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 0 }])
   * const table = await frame.derive(t => ({ b: t.a.degrees() })).select('b').collect()
   * table.rows() // => [ { b: 0 } ]
   * ```
   */
  degrees(): NumCol<Like<T, 'float64'>, G>
  /**
   * An angle in degrees as radians. Null of null.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 180 }])
   * const table = await frame.derive(t => ({ b: t.a.radians().round(4) })).select('b').collect()
   * table.rows() // => [ { b: 3.1416 } ]
   * ```
   */
  radians(): NumCol<Like<T, 'float64'>, G>
  /**
   * The angle in radians of the point whose y is this value, from the axis of x. Null where one is missing.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 1 }])
   * const table = await frame.derive(t => ({ b: t.a.atan2(0).degrees() })).select('b').collect()
   * table.rows() // => [ { b: 90 } ]
   * ```
   */
  atan2<O extends number | Expr<AnyNum, Beside<G>>>(x: O): NumCol<Both<T, O, 'float64'>, Mixed<G, O>>
  /**
   * The length of the vector of both values. Null where one is missing.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 3 }])
   * const table = await frame.derive(t => ({ b: t.a.hypot(4) })).select('b').collect()
   * table.rows() // => [ { b: 5 } ]
   * ```
   */
  hypot<O extends number | Expr<AnyNum, Beside<G>>>(other: O): NumCol<Both<T, O, 'float64'>, Mixed<G, O>>
  /**
   * The value without its fraction, towards zero, in the type of the column.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: -2.5 }])
   * const table = await frame.derive(t => ({ b: t.a.trunc() })).select('b').collect()
   * table.rows() // => [ { b: -2 } ]
   * ```
   */
  trunc(): NumCol<T, G>
  /**
   * True for NaN; null of null.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: NaN }])
   * const table = await frame.derive(t => ({ b: t.a.isNaN() })).select('b').collect()
   * table.rows() // => [ { b: true } ]
   * ```
   */
  isNaN(): BoolCol<Like<T, 'bool'>, G>
  /**
   * True for what is neither NaN nor an infinity; null of null.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: NaN }])
   * const table = await frame.derive(t => ({ b: t.a.isFinite() })).select('b').collect()
   * table.rows() // => [ { b: false } ]
   * ```
   */
  isFinite(): BoolCol<Like<T, 'bool'>, G>
  /**
   * True for Infinity and −Infinity; null of null.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: -Infinity }])
   * const table = await frame.derive(t => ({ b: t.a.isInfinite() })).select('b').collect()
   * table.rows() // => [ { b: true } ]
   * ```
   */
  isInfinite(): BoolCol<Like<T, 'bool'>, G>
  /**
   * The value, or `low` where it is below, or `high` where it is above, as NaN is. Null where one is missing.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 12 }])
   * const table = await frame.derive(t => ({ b: t.a.clip(0, 10) })).select('b').collect()
   * table.rows() // => [ { b: 10 } ]
   * ```
   */
  clip<O extends number | bigint | Expr<AnyNum, Beside<G>>, P extends number | bigint | Expr<AnyNum, Beside<G>>>(
    low: O,
    high: P,
  ): NumCol<Sum<Sum<T, O>, P>, Mixed<G, O | P>>
  /**
   * The bits that both whole numbers have. Null where one is missing; floats and decimals are refused.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 6 }])
   * const table = await frame.derive(t => ({ b: t.a.bitAnd(3) })).select('b').collect()
   * table.rows() // => [ { b: 2 } ]
   * ```
   */
  bitAnd<O extends number | bigint | Expr<AnyNum, Beside<G>>>(other: O): NumCol<Sum<T, O>, Mixed<G, O>>
  /**
   * The bits that one of both whole numbers has. Null where one is missing; floats and decimals are refused.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 6 }])
   * const table = await frame.derive(t => ({ b: t.a.bitOr(3) })).select('b').collect()
   * table.rows() // => [ { b: 7 } ]
   * ```
   */
  bitOr<O extends number | bigint | Expr<AnyNum, Beside<G>>>(other: O): NumCol<Sum<T, O>, Mixed<G, O>>
  /**
   * The bits that one of both whole numbers has and the other has not. Null where one is missing; floats and decimals
   * are refused.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 6 }])
   * const table = await frame.derive(t => ({ b: t.a.bitXor(3) })).select('b').collect()
   * table.rows() // => [ { b: 5 } ]
   * ```
   */
  bitXor<O extends number | bigint | Expr<AnyNum, Beside<G>>>(other: O): NumCol<Sum<T, O>, Mixed<G, O>>
  /**
   * The bits of a whole number moved to the left by 0 to 63 places: times a power of two. What does not fit fails the
   * query. Null where one is missing.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 3 }])
   * const table = await frame.derive(t => ({ b: t.a.shiftLeft(2) })).select('b').collect()
   * table.rows() // => [ { b: 12 } ]
   * ```
   */
  shiftLeft<O extends number | Expr<'int32' | 'int32?', Beside<G>>>(bits: O): NumCol<Sum<T, O>, Mixed<G, O>>
  /**
   * The bits of a whole number moved to the right by 0 to 63 places, with its sign: over a power of two, rounded down.
   * Null where one is missing.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: -5 }])
   * const table = await frame.derive(t => ({ b: t.a.shiftRight(1) })).select('b').collect()
   * table.rows() // => [ { b: -3 } ]
   * ```
   */
  shiftRight<O extends number | Expr<'int32' | 'int32?', Beside<G>>>(bits: O): NumCol<Sum<T, O>, Mixed<G, O>>
}
