import { take, type Column } from '../../data/column.ts'

/**
 * Slots found without hashing, where keys are 32-bit integers of small ranges or codes of the same dictionary as in the
 * batch before: the places of a row's keys within their ranges make one index into an array of slots. Place 0 of a key is
 * null. Only the first row of an index that is not known yet asks the key table.
 */
export class DirectSlots {
  /** The slot of each index; {@link UNKNOWN}, and {@link ASKED} while it is being asked for. */
  #slots: Int32Array | null = null
  #ranges: readonly Range[] = []
  /** The dictionaries of the batch before, by key; null for integers. */
  #dictionaries: readonly (readonly string[] | null)[] = []
  #index: Int32Array = new Int32Array(0)
  #off = false

  /** Knows no slot any more, for they may mean other keys now. */
  forget(): void {
    this.#slots = null
  }

  /** Slots go and come all the time: what is known would not last. */
  turnOff(): void {
    this.#off = true
    this.#slots = null
  }

  /**
   * Where the slots of rows are that have been met, without looking at the rows; null where that is not known. A loop
   * that reads them is to stop at the first row whose slot is below 0 or whose integer is out of range.
   */
  places(columns: readonly Column[]): KeyPlaces | null {
    const slots = this.#slots
    if (slots === null || !columns.every(isDirect)) return null
    const keys: KeyPlace[] = []
    for (const [k, column] of columns.entries()) {
      const strings = column.layout === 'text' ? column.strings : null
      if (!this.#isKnown(strings, k)) return null
      const { base, size } = this.#ranges[k]!
      keys.push({
        values: integersOf(column),
        valid: column.valid,
        least: 1 - base,
        span: size - 1,
        safe: strings !== null,
      })
    }
    return { slots, keys }
  }

  /**
   * The slot of each row, or false where hashing is the better way. `ask` gives the slots of the rows of other columns,
   * of `length` rows that have keys of their own each.
   */
  find(
    columns: readonly Column[],
    length: number,
    out: Int32Array,
    ask: (columns: readonly Column[], length: number) => Int32Array,
  ): boolean {
    if (this.#off || columns.length === 0 || !columns.every(isDirect)) return false
    const dictionaries = columns.map(column => (column.layout === 'text' ? column.strings : null))
    const again = dictionaries.every((each, k) => this.#isKnown(each, k))
    this.#dictionaries = dictionaries
    if (this.#index.length < length) this.#index = new Int32Array(length)
    if (!again || this.#slots === null || !this.#fill(columns, length)) {
      if (!this.#begin(columns, length, again)) return false
      this.#fill(columns, length)
    }
    const [slots, index] = [this.#slots!, this.#index]
    const missing = lookup(slots, index, length, out)
    if (missing === 0) return true
    const rows = askedRows(slots, index, out, missing)
    const found = ask(
      columns.map(column => take(column, rows, missing)),
      missing,
    )
    for (let i = 0; i < missing; i++) slots[index[rows[i]!]!] = found[i]!
    for (let row = 0; row < length; row++) if (out[row]! < 0) out[row] = slots[index[row]!]!
    return true
  }

  /** Whether a key has the dictionary that it had before, which nothing has been added to; or none, as before. */
  #isKnown(dictionary: readonly string[] | null, k: number): boolean {
    if (dictionary !== this.#dictionaries[k]) return false
    const range = this.#ranges[k]
    return dictionary === null || range === undefined || range.size === dictionary.length + 1
  }

  /** Begins with ranges that the columns fit; false where the array of slots would be too large. */
  #begin(columns: readonly Column[], length: number, again: boolean): boolean {
    const ranges = columns.map((column, k) => rangeOf(column, length, again ? this.#ranges[k] : undefined))
    const product = (some: readonly Range[]): number => some.reduce((all, { size }) => all * size, 1)
    const places = product(ranges)
    const fits = places <= (again ? MOST : Math.min(MOST, length * 4))
    // A dictionary may be another one in the next batch; integers that are far apart do not come nearer.
    if (product(ranges.filter((_, k) => columns[k]!.layout === 'flat')) > MOST) this.#off = true
    this.#ranges = fits ? ranges : []
    this.#slots = fits ? new Int32Array(places).fill(UNKNOWN) : null
    return fits
  }

  /** Computes the index of each row; false where an integer is outside of its range. */
  #fill(columns: readonly Column[], length: number): boolean {
    let inside = true
    for (const [k, column] of columns.entries()) {
      const { base, size } = this.#ranges[k]!
      const add = column.valid !== null ? addOrNull : column.layout === 'text' ? addCodes : addIntegers
      if (!add(this.#index, integersOf(column), column.valid, base, size, length, k === 0)) inside = false
    }
    return inside
  }
}

/** The most indices: eight megabytes of slots. */
const MOST = 1 << 21
const UNKNOWN = -1
const ASKED = -2

/** The places of several keys within their ranges, and the slots of all combinations of them, the last key's next to each other. */
export interface KeyPlaces {
  readonly slots: Int32Array
  readonly keys: readonly KeyPlace[]
}

/** Place 0 is null, and place `1 + value - least` a value, which is out of range from `span` on. */
export interface KeyPlace {
  readonly values: Int32Array
  readonly valid: Uint8Array | null
  readonly least: number
  readonly span: number
  /** Whether no value is out of range. */
  readonly safe: boolean
}

/** The places of a key: 0 for null, `value + base` for others, all below `size`. */
interface Range {
  readonly base: number
  readonly size: number
}

function isDirect(column: Column): boolean {
  return column.layout === 'text'
    ? column.codes !== null
    : column.layout === 'flat' && column.values instanceof Int32Array
}

function integersOf(column: Column): Int32Array {
  return column.layout === 'text' ? column.codes! : ((column as { readonly values: unknown }).values as Int32Array)
}

/** The range of a column; of integers, what was known is widened to twice what is needed. */
function rangeOf(column: Column, length: number, known: Range | undefined): Range {
  if (column.layout === 'text') return { base: 1, size: column.strings.length + 1 }
  const values = integersOf(column)
  let [least, most] = [values[0]!, values[0]!]
  for (let row = 1; row < length; row++) {
    const value = values[row]!
    if (value < least) least = value
    if (value > most) most = value
  }
  if (known !== undefined) {
    const [from, to] = [1 - known.base, known.size - 1 - known.base]
    const more = to - from + 1
    least = least < from ? Math.max(Math.min(least, from - more), -(2 ** 31)) : from
    most = most > to ? Math.min(Math.max(most, to + more), 2 ** 31 - 1) : to
  }
  return { base: 1 - least, size: most - least + 2 }
}

/** Adds the places of a key to the index: codes are below the length of their dictionary. */
const addCodes: AddPlaces = (index, values, _, base, size, length, first) => {
  if (first) for (let row = 0; row < length; row++) index[row] = values[row]! + base
  else for (let row = 0; row < length; row++) index[row] = Math.imul(index[row]!, size) + values[row]! + base
  return true
}

const addIntegers: AddPlaces = (index, values, _, base, size, length, first) => {
  let outside = 0
  for (let row = 0; row < length; row++) {
    const place = values[row]! + base
    if (place < 1 || place >= size) outside++
    index[row] = first ? place : Math.imul(index[row]!, size) + place
  }
  return outside === 0
}

/** A value that is missing may be anything. */
const addOrNull: AddPlaces = (index, values, valid, base, size, length, first) => {
  let outside = 0
  for (let row = 0; row < length; row++) {
    const place = valid![row] === 0 ? 0 : values[row]! + base
    if (place < 0 || place >= size || (place === 0 && valid![row] === 1)) outside++
    index[row] = first ? place : Math.imul(index[row]!, size) + place
  }
  return outside === 0
}

type AddPlaces = (
  index: Int32Array,
  values: Int32Array,
  valid: Uint8Array | null,
  base: number,
  size: number,
  length: number,
  first: boolean,
) => boolean

/** The slots of known indices. Marks the others once each, and gives how many those are. */
function lookup(slots: Int32Array, index: Int32Array, length: number, out: Int32Array): number {
  let missing = 0
  for (let row = 0; row < length; row++) {
    const slot = slots[index[row]!]!
    out[row] = slot
    if (slot === UNKNOWN) {
      slots[index[row]!] = ASKED
      missing++
    }
  }
  return missing
}

/** The rows that asked first, each for an index of its own, which is marked no more. */
function askedRows(slots: Int32Array, index: Int32Array, out: Int32Array, missing: number): Int32Array {
  const rows = new Int32Array(missing)
  for (let row = 0, n = 0; n < missing; row++) {
    if (out[row] !== UNKNOWN) continue
    slots[index[row]!] = UNKNOWN
    rows[n++] = row
  }
  return rows
}
