import { flatArray, type Column, type FlatArray, type SparseVector, type Value } from './column.ts'
import { bareText, type DataType, type Nullable } from './type.ts'

/**
 * Builds a column value by value, for edges, tests and operators whose output is small. Values are physical ones
 * ({@link Value}); ranges are checked before they get here. Text is dictionary coded while that pays.
 */
export class ColumnBuilder {
  readonly #type: DataType
  #length = 0
  #valid: Uint8Array | null = null
  readonly #store: Store

  constructor(type: DataType) {
    this.#type = type
    this.#store = storeOf(type)
  }

  get length(): number {
    return this.#length
  }

  push(value: Value): void {
    const i = this.#length++
    if (value === null) {
      this.#valid = grown(this.#valid ?? new Uint8Array(Math.max(16, i + 1)).fill(1, 0, i), i + 1)
      this.#valid[i] = 0
    } else if (this.#valid !== null) {
      this.#valid = grown(this.#valid, i + 1)
      this.#valid[i] = 1
    }
    this.#store.push(value)
  }

  /** The column of what was pushed. The builder is spent. */
  finish(): Column {
    const valid = this.#valid === null ? null : this.#valid.subarray(0, this.#length)
    return this.#store.finish(this.#type, this.#length, valid)
  }
}

/** A column from an array of physical values. */
export function columnOf(type: DataType, values: readonly Value[]): Column {
  const builder = new ColumnBuilder(type)
  for (const value of values) builder.push(value)
  return builder.finish()
}

interface Store {
  push(value: Value): void
  finish(type: DataType, length: number, valid: Uint8Array | null): Column
}

function grown(array: Uint8Array, length: number): Uint8Array {
  if (length <= array.length) return array
  const out = new Uint8Array(Math.max(length, array.length * 2))
  out.set(array)
  return out
}

function storeOf(type: DataType): Store {
  switch (type.kind) {
    case 'utf8':
      return new TextStore()
    case 'binary':
      return new BytesStore()
    case 'list':
      return new ListStore(type.item)
    case 'map':
      return new MapStore(type.key, type.value)
    case 'struct':
      return new StructStore(type.fields)
    case 'vector':
      return type.sparse ? new SparseStore(type.size) : new VectorStore(type.size)
    default:
      return new FlatStore(type)
  }
}

class FlatStore implements Store {
  #values: FlatArray
  #length = 0

  constructor(type: DataType) {
    this.#values = flatArray(type, 16)
  }

  push(value: Value): void {
    if (this.#length === this.#values.length) {
      const Same = this.#values.constructor as new (length: number) => FlatArray
      const more = new Same(this.#length * 2)
      if (more instanceof BigInt64Array) more.set(this.#values as BigInt64Array)
      else more.set(this.#values as Float64Array)
      this.#values = more
    }
    const i = this.#length++
    if (value === null) return
    if (this.#values instanceof BigInt64Array) this.#values[i] = value as bigint
    else this.#values[i] = Number(value)
  }

  finish(type: DataType, length: number, valid: Uint8Array | null): Column {
    return { layout: 'flat', type, length, valid, values: this.#values.subarray(0, length) }
  }
}

class TextStore implements Store {
  readonly #strings: string[] = []
  readonly #codes: number[] = []
  readonly #known = new Map<string, number>()

  push(value: Value): void {
    const text = (value ?? '') as string
    let code = this.#known.get(text)
    if (code === undefined) {
      code = this.#strings.length
      this.#strings.push(text)
      this.#known.set(text, code)
    }
    this.#codes.push(code)
  }

  finish(type: DataType, length: number, valid: Uint8Array | null): Column {
    return { layout: 'text', type, length, valid, strings: this.#strings, codes: Int32Array.from(this.#codes) }
  }
}

class BytesStore implements Store {
  readonly #values: Uint8Array[] = []

  push(value: Value): void {
    this.#values.push((value ?? new Uint8Array(0)) as Uint8Array)
  }

  finish(type: DataType, length: number, valid: Uint8Array | null): Column {
    return { layout: 'bytes', type, length, valid, values: this.#values }
  }
}

class ListStore implements Store {
  readonly #items: ColumnBuilder
  readonly #offsets = [0]

  constructor(item: Nullable) {
    this.#items = new ColumnBuilder(item.type)
  }

  push(value: Value): void {
    for (const item of (value ?? []) as readonly Value[]) this.#items.push(item)
    this.#offsets.push(this.#items.length)
  }

  finish(type: DataType, length: number, valid: Uint8Array | null): Column {
    return { layout: 'list', type, length, valid, offsets: Int32Array.from(this.#offsets), items: this.#items.finish() }
  }
}

class MapStore implements Store {
  readonly #keys: ColumnBuilder
  readonly #items: ColumnBuilder
  readonly #offsets = [0]

  constructor(key: DataType, value: Nullable) {
    this.#keys = new ColumnBuilder(key)
    this.#items = new ColumnBuilder(value.type)
  }

  push(value: Value): void {
    for (const pair of (value ?? []) as readonly (readonly [Value, Value])[]) {
      this.#keys.push(pair[0])
      this.#items.push(pair[1])
    }
    this.#offsets.push(this.#keys.length)
  }

  finish(type: DataType, length: number, valid: Uint8Array | null): Column {
    const offsets = Int32Array.from(this.#offsets)
    return { layout: 'map', type, length, valid, offsets, keys: this.#keys.finish(), items: this.#items.finish() }
  }
}

class StructStore implements Store {
  readonly #children: readonly ColumnBuilder[]

  constructor(fields: readonly Nullable[]) {
    this.#children = fields.map(field => new ColumnBuilder(field.type))
  }

  push(value: Value): void {
    for (const [i, child] of this.#children.entries())
      child.push(value === null ? null : (value as readonly Value[])[i]!)
  }

  finish(type: DataType, length: number, valid: Uint8Array | null): Column {
    return { layout: 'struct', type, length, valid, children: this.#children.map(child => child.finish()) }
  }
}

class VectorStore implements Store {
  readonly #size: number
  #values: Float64Array
  #length = 0

  constructor(size: number) {
    this.#size = size
    this.#values = new Float64Array(size * 16)
  }

  push(value: Value): void {
    const from = this.#size * this.#length++
    if (from + this.#size > this.#values.length) {
      const more = new Float64Array(this.#values.length * 2)
      more.set(this.#values)
      this.#values = more
    }
    if (value !== null) this.#values.set(value as Float64Array, from)
  }

  finish(type: DataType, length: number, valid: Uint8Array | null): Column {
    const values = this.#values.subarray(0, length * this.#size)
    return { layout: 'vector', type, length, valid, size: this.#size, values }
  }
}

class SparseStore implements Store {
  readonly #size: number
  readonly #offsets = [0]
  readonly #indices: number[] = []
  readonly #values: number[] = []

  constructor(size: number) {
    this.#size = size
  }

  push(value: Value): void {
    const { indices, values } = (value ?? { indices: [], values: [] }) as SparseVector
    for (const [i, index] of indices.entries()) {
      if (index < 0 || index >= this.#size)
        throw new RangeError(
          `index ${index} is outside ${bareText({ kind: 'vector', size: this.#size, sparse: true })}`,
        )
      this.#indices.push(index)
      this.#values.push(values[i]!)
    }
    this.#offsets.push(this.#indices.length)
  }

  finish(type: DataType, length: number, valid: Uint8Array | null): Column {
    const offsets = Int32Array.from(this.#offsets)
    const indices = Int32Array.from(this.#indices)
    return {
      layout: 'sparse',
      type,
      length,
      valid,
      size: this.#size,
      offsets,
      indices,
      values: Float64Array.from(this.#values),
    }
  }
}
