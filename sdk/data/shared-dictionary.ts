import type { Batch } from './batch.ts'
import type { TextColumn } from './column.ts'
import type { Schema } from './schema.ts'

/**
 * Gives each text column of batches that stay in memory one dictionary, so that whoever reads them learns about a text
 * once and not once a batch. It costs a lookup for each entry of a dictionary that comes, or for each row of a batch that
 * has none; where texts hardly repeat the batches stay as they are.
 */
export function withSharedDictionaries(schema: Schema, batches: readonly Batch[]): readonly Batch[] {
  if (batches.length < 2) return batches
  const columns = batches.map(batch => [...batch.columns])
  let changed = false
  for (const [i, field] of schema.fields.entries()) {
    if (field.type.kind !== 'utf8') continue
    const shared = share(batches.map(batch => batch.columns[i] as TextColumn))
    if (shared === null) continue
    for (const [b, column] of shared.entries()) columns[b]![i] = column
    changed = true
  }
  return changed ? batches.map((batch, b) => batch.with(schema, columns[b]!)) : batches
}

/** Rows for each entry, at least, for a dictionary to pay. */
const PAYS = 4

/** Lookups that may turn out to have been in vain. */
const TRIED = 65_536

function share(columns: readonly TextColumn[]): TextColumn[] | null {
  const first = columns[0]!.strings
  if (columns.every(({ strings, codes }) => codes !== null && strings === first)) return null
  if (!repeats(columns)) return null
  const most = columns.reduce((sum, { length }) => sum + length, 0) / PAYS
  const texts = new Texts()
  const places = new Map<readonly string[], Int32Array>()
  const codes: Int32Array[] = []
  for (const column of columns) {
    codes.push(texts.codes(column, places))
    if (texts.strings.length > most) return null
  }
  if (texts.strings.length === 0) texts.strings.push('') // what missing rows point at
  return columns.map(({ type, length, valid }, b) => ({
    layout: 'text',
    type,
    length,
    valid,
    strings: texts.strings,
    codes: codes[b]!,
  }))
}

/**
 * Whether the texts repeat, as far as a part of many shows it: of `n` distinct texts of the first rows, `n / d` of others
 * are known when there are `d` in all.
 */
function repeats(columns: readonly TextColumn[]): boolean {
  const rows = columns.reduce((sum, { length }) => sum + length, 0)
  const entries = new Map(columns.map(column => [column.strings, column]))
  const lookups = [...entries.values()].reduce((sum, { strings }) => sum + strings.length, 0)
  if (lookups <= TRIED) return true
  const seen = new Set<string>()
  let b = 0
  for (let n = 0; n < TRIED / 2 && b < columns.length; b++) {
    for (const text of columns[b]!.strings) seen.add(text)
    n += columns[b]!.strings.length
  }
  let [asked, known] = [0, 0]
  for (let later = columns.length - 1; asked < TRIED / 2 && later >= b; later--) {
    for (const text of columns[later]!.strings) if (seen.has(text)) known++
    asked += columns[later]!.strings.length
  }
  return known > 0 && (seen.size * asked) / known < rows / PAYS
}

/** Texts numbered as they come. */
class Texts {
  readonly strings: string[] = []
  readonly #numbers = new Map<string, number>()

  /** The codes of a column's rows; `places` remembers what the entries of a dictionary became. */
  codes({ strings, codes, valid, length }: TextColumn, places: Map<readonly string[], Int32Array>): Int32Array {
    const out = new Int32Array(length)
    if (codes === null) {
      for (let row = 0; row < length; row++) {
        out[row] = valid !== null && valid[row] === 0 ? 0 : this.#number(strings[row]!)
      }
      return out
    }
    let place = places.get(strings)
    if (place === undefined) {
      place = Int32Array.from(strings, text => this.#number(text))
      places.set(strings, place)
    }
    for (let row = 0; row < length; row++) out[row] = place[codes[row]!]!
    return out
  }

  #number(text: string): number {
    let number = this.#numbers.get(text)
    if (number === undefined) {
      number = this.strings.push(text) - 1
      this.#numbers.set(text, number)
    }
    return number
  }
}
