import * as math from '../catalogue/math.ts'
import { TimeMethods } from './time.ts'

/** The methods of columns of numbers beside arithmetic, as calls of the catalogue. */
export abstract class NumberMethods<E> extends TimeMethods<E> {
  sin(): E {
    return this.call(math.sin)
  }
  cos(): E {
    return this.call(math.cos)
  }
  tan(): E {
    return this.call(math.tan)
  }
  asin(): E {
    return this.call(math.asin)
  }
  acos(): E {
    return this.call(math.acos)
  }
  atan(): E {
    return this.call(math.atan)
  }
  atan2(x: unknown): E {
    return this.call(math.atan2, [x])
  }
  sinh(): E {
    return this.call(math.sinh)
  }
  cosh(): E {
    return this.call(math.cosh)
  }
  tanh(): E {
    return this.call(math.tanh)
  }
  degrees(): E {
    return this.call(math.degrees)
  }
  radians(): E {
    return this.call(math.radians)
  }
  log10(): E {
    return this.call(math.log10)
  }
  log2(): E {
    return this.call(math.log2)
  }
  log1p(): E {
    return this.call(math.log1p)
  }
  expm1(): E {
    return this.call(math.expm1)
  }
  cbrt(): E {
    return this.call(math.cbrt)
  }
  hypot(other: unknown): E {
    return this.call(math.hypot, [other])
  }
  trunc(): E {
    return this.call(math.trunc)
  }
  isNaN(): E {
    return this.call(math.isNaN)
  }
  isFinite(): E {
    return this.call(math.isFinite)
  }
  isInfinite(): E {
    return this.call(math.isInfinite)
  }
  clip(low: unknown, high: unknown): E {
    return this.call(math.clip, [low, high])
  }
  bitAnd(other: unknown): E {
    return this.call(math.bitAnd, [other])
  }
  bitOr(other: unknown): E {
    return this.call(math.bitOr, [other])
  }
  bitXor(other: unknown): E {
    return this.call(math.bitXor, [other])
  }
  shiftLeft(bits: unknown): E {
    return this.call(math.shiftLeft, [bits])
  }
  shiftRight(bits: unknown): E {
    return this.call(math.shiftRight, [bits])
  }
}
