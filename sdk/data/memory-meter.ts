import type { Batch } from './batch.ts'
import type { Column } from './column.ts'

/**
 * How many bytes batches hold, to compare with a budget: arrays by their length, texts by two bytes a unit and a header.
 * A dictionary that several batches share counts once. An estimate: what the garbage collector still holds is not in it.
 */
export class MemoryMeter {
  #bytes = 0
  #seen = new WeakMap<readonly string[], number>()

  get bytes(): number {
    return this.#bytes
  }

  add(batch: Batch): void {
    for (const column of batch.columns) this.#bytes += this.#of(column)
    this.#bytes += batch.kinds?.byteLength ?? 0
  }

  clear(): void {
    this.#bytes = 0
    this.#seen = new WeakMap()
  }

  #of(column: Column): number {
    return (column.valid?.byteLength ?? 0) + this.#valuesOf(column)
  }

  #valuesOf(column: Column): number {
    switch (column.layout) {
      case 'flat':
      case 'vector':
        return column.values.byteLength
      case 'text':
        return (column.codes?.byteLength ?? 0) + this.#textsOf(column.strings)
      case 'bytes':
        return column.values.reduce((sum, value) => sum + value.byteLength + OBJECT_BYTES, 0)
      case 'list':
        return column.offsets.byteLength + this.#of(column.items)
      case 'map':
        return column.offsets.byteLength + this.#of(column.keys) + this.#of(column.items)
      case 'struct':
        return column.children.reduce((sum, child) => sum + this.#of(child), 0)
      case 'sparse':
        return column.offsets.byteLength + column.indices.byteLength + column.values.byteLength
    }
  }

  #textsOf(strings: readonly string[]): number {
    const from = this.#seen.get(strings) ?? 0 // a dictionary may have grown
    this.#seen.set(strings, strings.length)
    let bytes = 0
    for (let i = from; i < strings.length; i++) bytes += OBJECT_BYTES + 2 * strings[i]!.length
    return bytes
  }
}

/** A string or a view beside its content: header, length, and the slot that points at it. */
const OBJECT_BYTES = 24
