import type { Column, Value } from '../../data/column.ts'
import { valueAt } from '../../data/column.ts'

/**
 * Hashes that choose rows by chance: the same for the same seed on every machine and however rows are cut into batches.
 * They count up the position of a row, or take the value of a column, and mix it as MurmurHash3 does.
 */
export class RowHash {
  readonly #low: number
  readonly #high: number

  constructor(seed: number) {
    this.#low = mix(seed | 0)
    this.#high = mix(Math.floor(seed / WORD) ^ 0x5bd1e995)
  }

  /** 32 bits for a row's position. */
  position(position: number): number {
    const word = mix(this.#low ^ mix(position | 0))
    return mix(word ^ this.#high ^ Math.floor(position / WORD))
  }

  /** A number in [0, 1) with 53 random bits for a position. */
  fraction(position: number): number {
    const a = this.position(position)
    const b = mix(Math.imul(a, 0x2c1b3c6d) ^ this.#low ^ mix(position + 0x1b873593))
    return ((a >>> 5) * 0x400_0000 + (b >>> 6)) / 0x20_0000_0000_0000
  }

  /** Writes 32 bits for the value of each row. Equal values have equal ones: NaN equals NaN, −0 equals 0. */
  values(column: Column, out: Int32Array): void {
    const { length, valid } = column
    if (column.layout === 'text' && column.codes !== null) {
      const known = new Int32Array(column.strings.length)
      const isKnown = new Uint8Array(column.strings.length)
      for (let row = 0; row < length; row++) {
        const code = column.codes[row]!
        if (valid !== null && valid[row] === 0) {
          out[row] = this.#value(null)
          continue
        }
        if (isKnown[code] === 0) {
          known[code] = this.#value(column.strings[code]!)
          isKnown[code] = 1
        }
        out[row] = known[code]!
      }
      return
    }
    for (let row = 0; row < length; row++) out[row] = this.#value(valueAt(column, row))
  }

  #value(value: Value): number {
    let word = this.#low
    if (typeof value === 'string') {
      for (let i = 0; i < value.length; i++) word = mix(Math.imul(word, 31) ^ value.charCodeAt(i))
    } else if (typeof value === 'number') {
      FLOAT[0] = value === value ? value + 0 : NaN
      word = mix(mix(word ^ FLOAT_WORDS[0]!) ^ FLOAT_WORDS[1]!)
    } else if (typeof value === 'bigint') {
      LONG[0] = value
      word = mix(mix(word ^ LONG_WORDS[0]!) ^ LONG_WORDS[1]!)
    } else if (typeof value === 'boolean') word = mix(word ^ (value ? 1 : 2))
    else if (value instanceof Uint8Array) for (const byte of value) word = mix(Math.imul(word, 31) ^ byte)
    else if (value === null) word = mix(~word)
    return mix(word ^ this.#high)
  }
}

const WORD = 0x1_0000_0000
const FLOAT = new Float64Array(1)
const FLOAT_WORDS = new Int32Array(FLOAT.buffer)
const LONG = new BigInt64Array(1)
const LONG_WORDS = new Int32Array(LONG.buffer)

/** The 32-bit finalizer of MurmurHash3. */
function mix(word: number): number {
  let h = word | 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}
