import type { Batch } from './batch.ts'
import type { Column } from './column.ts'

/**
 * How many bytes batches hold, to compare with a budget: arrays by their length, texts by two bytes a unit and a header.
 * A dictionary that several batches share counts once. An estimate: what the garbage collector still holds is not in it.
 */
export class MemoryMeter {
  #bytes = 0
  #seen = new WeakMap<readonly string[], Seen>()

  get bytes(): number {
    return this.#bytes
  }

  add({ columns, kinds = null }: Held): void {
    for (const column of columns) this.#bytes += this.#of(column)
    this.#bytes += kinds?.byteLength ?? 0
  }

  /** Takes back what was added. */
  remove({ columns, kinds = null }: Held): void {
    for (const column of columns) this.#bytes -= this.#of(column, -1)
    this.#bytes -= kinds?.byteLength ?? 0
  }

  clear(): void {
    this.#bytes = 0
    this.#seen = new WeakMap()
  }

  #of(column: Column, uses: 1 | -1 = 1): number {
    return (column.valid?.byteLength ?? 0) + this.#valuesOf(column, uses)
  }

  #valuesOf(column: Column, uses: 1 | -1): number {
    switch (column.layout) {
      case 'flat':
      case 'vector':
        return column.values.byteLength
      case 'text':
        return (column.codes?.byteLength ?? 0) + this.#textsOf(column.strings, uses)
      case 'bytes':
        return column.values.reduce((sum, value) => sum + value.byteLength + OBJECT_BYTES, 0)
      case 'list':
        return column.offsets.byteLength + this.#of(column.items, uses)
      case 'map':
        return column.offsets.byteLength + this.#of(column.keys, uses) + this.#of(column.items, uses)
      case 'struct':
        return column.children.reduce((sum, child) => sum + this.#of(child, uses), 0)
      case 'sparse':
        return column.offsets.byteLength + column.indices.byteLength + column.values.byteLength
    }
  }

  /** What a use of a dictionary adds, or what its last use takes back. */
  #textsOf(strings: readonly string[], uses: 1 | -1): number {
    const seen = this.#seen.get(strings) ?? { uses: 0, strings: 0, bytes: 0 }
    seen.uses += uses
    if (seen.uses === 0) {
      this.#seen.delete(strings)
      return seen.bytes
    }
    if (uses < 0) return 0
    const before = seen.bytes
    // a dictionary may have grown
    for (; seen.strings < strings.length; seen.strings++) seen.bytes += OBJECT_BYTES + 2 * strings[seen.strings]!.length
    this.#seen.set(strings, seen)
    return seen.bytes - before
  }
}

interface Seen {
  uses: number
  strings: number
  bytes: number
}

/** A batch, or columns alone. */
type Held = Pick<Batch, 'columns'> & { readonly kinds?: Batch['kinds'] }

/** A string or a view beside its content: header, length, and the slot that points at it. */
const OBJECT_BYTES = 24
