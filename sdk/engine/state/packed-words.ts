/**
 * Rows of words in fewer words: each word of a row takes as many bits as the range of what it has been so far needs, and
 * several of them share one. Rows of equal words are equal when packed. A range that is outgrown needs another packing.
 */
export class PackedWords {
  /** Words of a packed row. */
  readonly width: number
  readonly #fields: readonly Field[]

  private constructor(fields: readonly Field[]) {
    this.#fields = fields
    this.width = 1 + Math.max(0, ...fields.map(({ word }) => word))
  }

  /** A packing for these rows of `stride` words and for all that `before` packs; null where it would save nothing. */
  static of(words: Int32Array, stride: number, length: number, before: PackedWords | null): PackedWords | null {
    const free: number[] = []
    const fields: Field[] = []
    for (let k = 0; k < stride; k++) {
      const { least, bits } = widened(words, k, stride, length, before === null ? undefined : before.#fields[k])
      let word = free.findIndex(each => each >= bits)
      if (word < 0) word = free.push(32) - 1
      free[word]! -= bits
      fields.push({ least, bits, word, shift: free[word]! & 31 })
    }
    return free.length < stride ? new PackedWords(fields) : null
  }

  /** Packs rows of as many words as the packing is for; false where some of them are out of range. */
  pack(words: Int32Array, length: number, out: Int32Array): boolean {
    const [fields, width] = [this.#fields, this.width]
    out.fill(0, 0, length * width)
    let outside = 0
    for (const [k, field] of fields.entries()) {
      outside |= addField(words, k, fields.length, length, out, width, field)
    }
    return outside === 0
  }

  /** Whether all words of a row are in range. */
  packs(words: Int32Array, row: number): boolean {
    const from = row * this.#fields.length
    return this.#fields.every((field, k) => ((words[from + k]! - field.least) & ~maskOf(field.bits)) === 0)
  }

  /** The words of the rows at some places. */
  unpack(packed: Int32Array, places: Int32Array, length: number, out: Int32Array): void {
    const [stride, width] = [this.#fields.length, this.width]
    for (const [k, { least, bits, word, shift }] of this.#fields.entries()) {
      const mask = maskOf(bits)
      for (let row = 0, to = k; row < length; row++, to += stride) {
        out[to] = ((packed[places[row]! * width + word]! >>> shift) & mask) + least
      }
    }
  }
}

/** Where a word is: its distance from `least`, in so many bits from `shift` on. */
interface Field {
  readonly least: number
  readonly bits: number
  readonly word: number
  readonly shift: number
}

const maskOf = (bits: number): number => (bits === 32 ? -1 : (1 << bits) - 1)

/** The range of a word: what it has been and what it is, and beyond that where it has grown to, or on both sides. */
function widened(
  words: Int32Array,
  k: number,
  stride: number,
  length: number,
  before: Field | undefined,
): { readonly least: number; readonly bits: number } {
  let [least, most] = [2 ** 31 - 1, -(2 ** 31)]
  for (let row = 0, at = k; row < length; row++, at += stride) {
    const word = words[at]!
    if (word < least) least = word
    if (word > most) most = word
  }
  if (length === 0) [least, most] = [0, 0]
  let below = 0.5
  if (before !== undefined) {
    const [from, to] = [before.least, before.least + 2 ** before.bits - 1]
    if (least >= from && most <= to) return before
    below = most <= to ? 1 : least >= from ? 0 : 0.5
    least = Math.min(least, from)
    most = Math.max(most, to)
  }
  const bits = 32 - Math.clz32(most - least)
  const slack = 2 ** bits - 1 - (most - least)
  return { least: Math.max(-(2 ** 31), Math.min(least - Math.floor(slack * below), 2 ** 31 - 2 ** bits)), bits }
}

function addField(
  words: Int32Array,
  k: number,
  stride: number,
  length: number,
  out: Int32Array,
  width: number,
  { least, bits, word, shift }: Field,
): number {
  let all = 0
  for (let row = 0, from = k, to = word; row < length; row++, from += stride, to += width) {
    const place = (words[from]! - least) | 0
    all |= place
    out[to]! |= place << shift
  }
  return all & ~maskOf(bits)
}
