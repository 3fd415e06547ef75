import type { Value } from '../../../data/column.ts'
import { arrayBytes, OBJECT_BYTES } from '../../../data/value-bytes.ts'
import type { Accumulator } from '../../function.ts'

/**
 * HyperLogLog: how many different values there are, from 2^p registers of a byte each, with the estimator of Ertl (2017,
 * arXiv:1702.01284), which needs no correction at either end. A group of few values keeps their hashes of 52 bits
 * instead, and its count is exact but for equal hashes, until they would take as much room as the registers.
 */
export class HyperLogLog implements Accumulator {
  readonly #precision: number
  /** Hashes + 1 by open addressing, 0 where there is none; null once there are registers. */
  #hashes: Float64Array | null = new Float64Array(4)
  #count = 0
  #registers: Uint8Array = NONE

  constructor(precision: number) {
    this.#precision = precision
  }

  add([value]: readonly Value[]): void {
    hashValue(value!)
    if (this.#hashes === null) this.#raise(high, low)
    else this.#keep(this.#hashes, high * 2 ** 20 + low + 1)
  }

  #keep(hashes: Float64Array, hash: number): void {
    if (!put(hashes, hash)) return
    this.#count++
    if (this.#count * 2 < hashes.length) return
    const registers = 2 ** this.#precision
    if (hashes.length * 16 <= registers) {
      const more = new Float64Array(hashes.length * 2)
      for (const each of hashes) if (each !== 0) put(more, each)
      this.#hashes = more
      return
    }
    this.#toRegisters(hashes)
  }

  #toRegisters(hashes: Float64Array): void {
    this.#hashes = null
    this.#registers = new Uint8Array(2 ** this.#precision)
    for (const each of hashes) {
      if (each !== 0) this.#raise(Math.floor((each - 1) / 2 ** 20), (each - 1) % 2 ** 20)
    }
  }

  merge(other: this): void {
    if (other.#hashes === null) {
      if (this.#hashes !== null) this.#toRegisters(this.#hashes)
      for (const [at, place] of other.#registers.entries())
        if (place > this.#registers[at]!) this.#registers[at] = place
      return
    }
    for (const each of other.#hashes) {
      if (each === 0) continue
      if (this.#hashes === null) this.#raise(Math.floor((each - 1) / 2 ** 20), (each - 1) % 2 ** 20)
      else this.#keep(this.#hashes, each)
    }
  }

  /** The register of the first bits takes the place of the first one among the bits that follow. */
  #raise(first: number, second: number): void {
    const p = this.#precision
    const rest = (first << p) >>> 0
    const place = rest !== 0 ? Math.clz32(rest) + 1 : 32 - p + Math.clz32(second) - 12 + 1
    const at = first >>> (32 - p)
    if (place > this.#registers[at]!) this.#registers[at] = place
  }

  value(): Value {
    return this.#hashes === null ? Math.round(estimate(this.#registers, this.#precision)) : this.#count
  }

  get bytes(): number {
    return 2 * OBJECT_BYTES + arrayBytes(this.#hashes ?? this.#registers)
  }

  snapshot(): unknown {
    return { hashes: this.#hashes?.slice() ?? null, count: this.#count, registers: this.#registers.slice() }
  }

  restore(state: unknown): void {
    const { hashes, count, registers } = state as {
      hashes: Float64Array | null
      count: number
      registers: Uint8Array
    }
    this.#hashes = hashes?.slice() ?? null
    this.#count = count
    this.#registers = registers.slice()
  }
}

const NONE = new Uint8Array(0)

/** False where the hash is there already. */
function put(hashes: Float64Array, hash: number): boolean {
  const mask = hashes.length - 1
  for (let at = hash & mask; ; at = (at + 1) & mask) {
    if (hashes[at] === hash) return false
    if (hashes[at] === 0) {
      hashes[at] = hash
      return true
    }
  }
}

/** Ertl's improved raw estimator. */
function estimate(registers: Uint8Array, precision: number): number {
  const q = 52 - precision
  const m = registers.length
  const times = new Float64Array(q + 2)
  for (const place of registers) times[place]!++
  let z = m * tau(1 - times[q + 1]! / m)
  for (let k = q; k >= 1; k--) z = 0.5 * (z + times[k]!)
  z += m * sigma(times[0]! / m)
  return (m * m) / (2 * Math.LN2 * z)
}

function sigma(x: number): number {
  if (x === 1) return Infinity
  let [power, y, z, before] = [x, 1, x, -1]
  while (z !== before) {
    power *= power
    before = z
    z += power * y
    y += y
  }
  return z
}

function tau(x: number): number {
  if (x === 0 || x === 1) return 0
  let [root, y, z, before] = [x, 1, 1 - x, -1]
  while (z !== before) {
    root = Math.sqrt(root)
    before = z
    y *= 0.5
    z -= (1 - root) ** 2 * y
  }
  return z / 3
}

/** The last hash: 32 bits, and 20 more. */
let high = 0
let low = 0

const float = new Float64Array(1)
const words = new Uint32Array(float.buffer)
const long = new BigInt64Array(float.buffer)

/** Equal for equal values: −0 is 0, and NaN equals itself. */
function hashValue(value: Value): void {
  if (typeof value === 'string') {
    let [a, b] = [0x9e3779b9, 0x243f6a88]
    for (let i = 0; i < value.length; i++) {
      const unit = value.charCodeAt(i)
      a = Math.imul(a ^ unit, 0x85ebca77)
      b = Math.imul(b ^ unit, 0xc2b2ae3d)
      a ^= a >>> 15
      b ^= b >>> 13
    }
    mix(a ^ value.length, b)
    return
  }
  if (typeof value === 'bigint') long[0] = value
  else float[0] = Number.isNaN(value) ? NaN : Number(value) + 0
  mix(words[0]!, words[1]!)
}

/** Spreads two words over both parts of the hash, as the last step of MurmurHash3 does over one. */
function mix(a: number, b: number): void {
  let x = a ^ Math.imul(b, 0x9e3779b1)
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
  x ^= x >>> 16
  let y = Math.imul(b, 0x27d4eb2f) ^ Math.imul(a, 0x165667b1) ^ (x >>> 3)
  y = Math.imul(y ^ (y >>> 15), 0x2c1b3c6d)
  y = Math.imul(y ^ (y >>> 12), 0x297a2d39)
  y ^= y >>> 15
  x = Math.imul(x ^ y, 0x45d9f3b)
  x ^= x >>> 16
  high = x >>> 0
  low = y >>> 12
}
