import { DataError } from '../../data/errors.ts'
import { fromJs, toJs } from '../../data/row.ts'
import { typeText, type Field } from '../../data/type.ts'

/**
 * Rows of a broadcast stream under keys of the user's choice, which all keys of a keyed function read. It is written
 * while a broadcast row is handled and at no other time, so that every key sees the same.
 */
export class BroadcastState {
  readonly #name: string
  readonly #fields: readonly Field[]
  readonly #rows = new Map<unknown, object>()
  /** Set by the operator while a broadcast row is handled. */
  writable = false

  constructor(name: string, fields: readonly Field[]) {
    this.#name = name
    this.#fields = fields
  }

  get size(): number {
    return this.#rows.size
  }

  get(key: unknown): object | null {
    return this.#rows.get(key) ?? null
  }

  has(key: unknown): boolean {
    return this.#rows.has(key)
  }

  keys(): unknown[] {
    return [...this.#rows.keys()]
  }

  values(): object[] {
    return [...this.#rows.values()]
  }

  entries(): [unknown, object][] {
    return [...this.#rows]
  }

  set(key: unknown, row: unknown): void {
    this.#checkWritable()
    if (!['string', 'number', 'boolean', 'bigint'].includes(typeof key)) {
      const text = `broadcast "${this.#name}": a key is a text, number, bigint or truth, and found ${key === null ? 'null' : typeof key}`
      throw new DataError('bad-value', text, { broadcast: this.#name })
    }
    this.#rows.set(key, this.#rowOf(row))
  }

  delete(key: unknown): boolean {
    this.#checkWritable()
    return this.#rows.delete(key)
  }

  clear(): void {
    this.#checkWritable()
    this.#rows.clear()
  }

  snapshot(): readonly (readonly [unknown, object])[] {
    return [...this.#rows]
  }

  restore(state: readonly (readonly [unknown, object])[]): void {
    this.#rows.clear()
    for (const [key, row] of state) this.#rows.set(key, Object.freeze({ ...row }))
  }

  #rowOf(row: unknown): object {
    if (typeof row !== 'object' || row === null) {
      const text = `broadcast "${this.#name}": set takes a key and a row, and found ${row === null ? 'null' : typeof row}`
      throw new DataError('bad-value', text, { broadcast: this.#name })
    }
    const entries = this.#fields.map(field => {
      const converted = fromJs((row as Readonly<Record<string, unknown>>)[field.name], field)
      if ('value' in converted) return [field.name, toJs(converted.value, field.type)]
      const text = `broadcast "${this.#name}", column "${field.name}" (${typeText(field)}): ${converted.problem}`
      throw new DataError('bad-value', text, { broadcast: this.#name, column: field.name })
    })
    return Object.freeze(Object.fromEntries(entries))
  }

  #checkWritable(): void {
    if (this.writable) return
    const text = `broadcast "${this.#name}" is read by every key and written in onBroadcast only. Keep what belongs to one key in a state.`
    throw new DataError('read-only', text, { broadcast: this.#name })
  }
}
