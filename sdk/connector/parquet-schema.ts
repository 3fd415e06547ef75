import { parquetSchema, type FileMetaData, type SchemaElement, type SchemaTree, type Statistics } from 'hyparquet'
import { SourceError } from '../data/errors.ts'
import { scalar, type DataType, type Field, type Nullable } from '../data/type.ts'

/**
 * The columns of a Parquet file as our types, and how each is stored. A column that may be null by its schema is taken
 * as never null when the statistics of every row group say so, and a 64-bit integer as `int64` when they show that all
 * values lie within ±(2^53 − 1), else as `bigint`.
 */

/** How the stored values of a leaf become physical ones. `unit` is how many stored units make a microsecond. */
export type Reading =
  | 'bool'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'bigint'
  | 'ubigint'
  | 'float32'
  | 'float64'
  | 'float16'
  | 'date'
  | 'millis'
  | 'micros'
  | 'nanos'
  | 'int96'
  | 'decimal'
  | 'utf8'
  | 'uuid'
  | 'binary'

/** One stored column. `definition` and `repetition` are its highest levels. */
export interface Leaf {
  readonly index: number
  readonly element: SchemaElement
  readonly reading: Reading
  readonly definition: number
  readonly repetition: number
}

/**
 * A column or a part of one. At a definition level of `level` or more the value is present; in lists and maps a level
 * of `itemLevel` or more means an item, and a repetition level of `itemRepetition` or less begins one.
 */
export type Part =
  | ({ readonly form: 'leaf'; readonly leaf: Leaf } & Present)
  | ({ readonly form: 'struct'; readonly parts: readonly Part[] } & Present)
  | ({ readonly form: 'list' | 'map'; readonly parts: readonly Part[] } & Present & Repeated)

interface Present {
  readonly type: DataType
  readonly nullable: boolean
  readonly level: number
}

interface Repeated {
  readonly itemLevel: number
  readonly itemRepetition: number
}

export interface ParquetColumn extends Field {
  readonly part: Part
  /** Nulls that the statistics count; null when they do not say. */
  readonly nulls: number | null
}

/** A column that no type of ours holds, with the reason. */
export interface Unreadable {
  readonly name: string
  readonly problem: string
}

export function parquetColumns(metadata: FileMetaData, name: string): (ParquetColumn | Unreadable)[] {
  const root = parquetSchema(metadata)
  const noted = notedKinds(metadata, leafCount(root))
  let leaves = 0
  return root.children.map(tree => {
    const first = leaves
    leaves += leafCount(tree)
    try {
      const nulls = knownNulls(metadata, first)
      const part = new Mapper(metadata, noted, first).part(tree, 0, 0)
      const nullable = tree.children.length > 0 ? part.nullable : part.nullable && nulls !== 0
      return { name: tree.element.name, type: part.type, nullable, part, nulls }
    } catch (problem) {
      if (problem instanceof Unmapped) return { name: tree.element.name, problem: problem.message }
      throw new SourceError('bad-file', `${name}: ${(problem as Error).message}`, {}, problem)
    }
  })
}

class Unmapped extends Error {}

/**
 * The key under which our files note the kinds of their leaves, in order, as a JSON list: a duration is stored as a
 * 64-bit integer of microseconds, since Parquet has no type for it, and a bigint like an int64.
 */
export const KINDS_KEY = 'millrace.kinds'

/** The kinds of the leaves as our own sink noted them; none for a file of another writer. */
function notedKinds(metadata: FileMetaData, leaves: number): readonly unknown[] {
  const text = metadata.key_value_metadata?.find(({ key }) => key === KINDS_KEY)?.value
  if (text === undefined) return []
  try {
    const kinds: unknown = JSON.parse(text)
    return Array.isArray(kinds) && kinds.length === leaves ? kinds : []
  } catch {
    return [] // someone else's note: what is stored says enough
  }
}

/** The kinds of the leaves of a column, in the order in which they are stored. */
export function leafKinds(type: DataType): DataType['kind'][] {
  switch (type.kind) {
    case 'list':
      return leafKinds(type.item.type)
    case 'struct':
      return type.fields.flatMap(field => leafKinds(field.type))
    case 'map':
      return [...leafKinds(type.key), ...leafKinds(type.value.type)]
    default:
      return [type.kind]
  }
}

function leafCount(tree: SchemaTree): number {
  return tree.children.length === 0 ? 1 : tree.children.reduce((sum, child) => sum + leafCount(child), 0)
}

class Mapper {
  readonly #metadata: FileMetaData
  readonly #noted: readonly unknown[]
  #leaf: number

  constructor(metadata: FileMetaData, noted: readonly unknown[], leaf: number) {
    this.#metadata = metadata
    this.#noted = noted
    this.#leaf = leaf
  }

  /** `level` and `repetition` are the levels of the parent. */
  part(tree: SchemaTree, level: number, repetition: number): Part {
    const { element } = tree
    if (element.repetition_type === 'REPEATED') {
      // a repeated field outside a LIST is a list of required items, by the rules of the format
      const item = this.#content(tree, level + 1, repetition + 1, false)
      return this.#list([item], level, level + 1, repetition + 1, false)
    }
    const optional = element.repetition_type === 'OPTIONAL'
    return this.#content(tree, level + (optional ? 1 : 0), repetition, optional)
  }

  #content(tree: SchemaTree, level: number, repetition: number, nullable: boolean): Part {
    const { element, children } = tree
    if (children.length === 0) return this.#leafPart(element, level, repetition, nullable)
    const logical = element.logical_type?.type
    if (logical === 'VARIANT') throw new Unmapped('it is a VARIANT')
    const repeated = children[0]!
    const wraps = children.length === 1 && repeated.element.repetition_type === 'REPEATED'
    if (wraps && (logical === 'LIST' || element.converted_type === 'LIST')) {
      const item = this.#item(repeated, element.name, level + 1, repetition + 1)
      return this.#list([item], level, level + 1, repetition + 1, nullable)
    }
    const mapped = logical === 'MAP' || element.converted_type === 'MAP' || element.converted_type === 'MAP_KEY_VALUE'
    if (wraps && mapped && repeated.children.length === 2) {
      const [key, value] = repeated.children.map(child => this.part(child, level + 1, repetition + 1)) as [Part, Part]
      const type: DataType = { kind: 'map', key: key.type, value: nullableOf(value) }
      const levels = { level, itemLevel: level + 1, itemRepetition: repetition + 1 }
      return { form: 'map', type, nullable, parts: [key, value], ...levels }
    }
    const parts = children.map(child => this.part(child, level, repetition))
    const fields = parts.map((part, i) => ({ name: children[i]!.element.name, ...nullableOf(part) }))
    return { form: 'struct', type: { kind: 'struct', fields }, nullable, level, parts }
  }

  /** The item under the repeated group of a list, by the backward compatibility rules of the format. */
  #item(repeated: SchemaTree, list: string, level: number, repetition: number): Part {
    const { name } = repeated.element
    const only = repeated.children.length === 1 ? repeated.children[0]! : undefined
    if (only === undefined || name === 'array' || name === `${list}_tuple`) {
      return this.#content(repeated, level, repetition, false)
    }
    return this.part(only, level, repetition)
  }

  #list(parts: Part[], level: number, itemLevel: number, itemRepetition: number, nullable: boolean): Part {
    const type: DataType = { kind: 'list', item: nullableOf(parts[0]!) }
    return { form: 'list', type, nullable, parts, level, itemLevel, itemRepetition }
  }

  #leafPart(element: SchemaElement, level: number, repetition: number, nullable: boolean): Part {
    const index = this.#leaf++
    const { reading, type } = readingOf(element, this.#noted[index], () => safeIntegers(this.#metadata, index))
    const leaf = { index, element, reading, definition: level, repetition }
    return { form: 'leaf', leaf, type, nullable, level }
  }
}

function nullableOf(part: Part): Nullable {
  return { type: part.type, nullable: part.nullable }
}

function readingOf(element: SchemaElement, noted: unknown, safe: () => boolean): { reading: Reading; type: DataType } {
  const { type: stored, converted_type: converted, logical_type: logical } = element
  if (converted === 'DECIMAL' || logical?.type === 'DECIMAL') {
    const written = logical?.type === 'DECIMAL' ? logical : { precision: element.precision, scale: element.scale }
    const [precision, scale] = [written.precision ?? 0, written.scale ?? 0]
    if (precision > 18) throw new Unmapped(`it is a decimal of ${precision} digits, and decimals have at most 18`)
    return { reading: 'decimal', type: { kind: 'decimal', precision, scale } }
  }
  const as = (reading: Reading, kind: Parameters<typeof scalar>[0]): { reading: Reading; type: DataType } => ({
    reading,
    type: scalar(kind),
  })
  switch (stored) {
    case 'BOOLEAN':
      return as('bool', 'bool')
    case 'FLOAT':
      return as('float32', 'float32')
    case 'DOUBLE':
      return as('float64', 'float64')
    case 'INT96':
      return as('int96', 'timestamp')
    case 'INT32':
      if (converted === 'DATE' || logical?.type === 'DATE') return as('date', 'date')
      if (converted === 'TIME_MILLIS' || logical?.type === 'TIME') return as('millis', 'duration')
      if (converted === 'UINT_32' || (logical?.type === 'INTEGER' && !logical.isSigned && logical.bitWidth === 32)) {
        return as('uint32', 'int64')
      }
      return as('int32', 'int32')
    case 'INT64': {
      if (logical?.type === 'TIMESTAMP' || logical?.type === 'TIME') {
        const kind = logical.type === 'TIME' ? 'duration' : 'timestamp'
        return as(logical.unit === 'MILLIS' ? 'millis' : logical.unit === 'MICROS' ? 'micros' : 'nanos', kind)
      }
      if (converted === 'TIMESTAMP_MILLIS') return as('millis', 'timestamp')
      if (converted === 'TIMESTAMP_MICROS') return as('micros', 'timestamp')
      if (converted === 'TIME_MICROS') return as('micros', 'duration')
      if (noted === 'duration') return as('micros', 'duration')
      if (noted === 'bigint') return as('bigint', 'bigint')
      const unsigned = converted === 'UINT_64' || (logical?.type === 'INTEGER' && !logical.isSigned)
      if (safe()) return as(unsigned ? 'uint64' : 'int64', 'int64')
      return as(unsigned ? 'ubigint' : 'bigint', 'bigint')
    }
    case 'BYTE_ARRAY': {
      const text = converted === 'UTF8' || converted === 'ENUM' || converted === 'JSON'
      if (text || logical?.type === 'STRING' || logical?.type === 'ENUM' || logical?.type === 'JSON') {
        return as('utf8', 'utf8')
      }
      return as('binary', 'binary')
    }
    case 'FIXED_LEN_BYTE_ARRAY':
      if (logical?.type === 'UUID') return as('uuid', 'utf8')
      if (logical?.type === 'FLOAT16') return as('float16', 'float32')
      if (converted === 'INTERVAL') throw new Unmapped('it is an INTERVAL of months, days and milliseconds')
      return as('binary', 'binary')
    default:
      throw new Unmapped(`its stored type is ${String(stored)}`)
  }
}

function statistics(metadata: FileMetaData, leaf: number): (Statistics & { rows: bigint })[] | null {
  const all = []
  for (const group of metadata.row_groups) {
    const chunk = group.columns[leaf]?.meta_data
    if (chunk?.statistics === undefined) return null
    all.push({ ...chunk.statistics, rows: chunk.num_values })
  }
  return all
}

function safeIntegers(metadata: FileMetaData, leaf: number): boolean {
  const all = statistics(metadata, leaf)
  const within = (value: unknown): boolean =>
    (typeof value === 'bigint' || typeof value === 'number') && Number.isSafeInteger(Number(value))
  return (
    all !== null &&
    all.every(of => of.null_count === of.rows || (within(of.min_value ?? of.min) && within(of.max_value ?? of.max)))
  )
}

function knownNulls(metadata: FileMetaData, leaf: number): number | null {
  const all = statistics(metadata, leaf)
  if (all === null || all.some(of => of.null_count === undefined)) return null
  return all.reduce((sum, of) => sum + Number(of.null_count), 0)
}
