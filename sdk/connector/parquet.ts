import { parquetMetadata, type FileMetaData, type RowGroup } from 'hyparquet'
import { Batch } from '../data/batch.ts'
import { slice, type Column } from '../data/column.ts'
import { DataError, didYouMean, PlanError, SourceError } from '../data/errors.ts'
import { checkOptions } from '../data/options.ts'
import { Schema } from '../data/schema.ts'
import { parseType, sameType, typeText, type Columns, type Field, type Nullable } from '../data/type.ts'
import type { Condition, ReadRequest, Source, SourceReader } from '../plan/port.ts'
import { anyPlaceOf, placeOf, shownName, type AnyPlace, type OpenPlaces } from './file.ts'
import { assemble, leafIndexes } from './parquet-nest.ts'
import { readLeaf, type LeafValues, type ReadBytes } from './parquet-page.ts'
import { parquetColumns, type Leaf, type ParquetColumn, type Part, type Unreadable } from './parquet-schema.ts'
import { mayHold } from './parquet-statistics.ts'
import { widened, widens, type Notes } from './parquet-value.ts'
import { TextBuilder } from './text-builder.ts'

/**
 * Parquet files, read one row group after another and only the columns that are asked for; row groups whose statistics
 * show that a filter drops all of their rows are left out. The footer is read when the source is made, so the schema is
 * known at once.
 */

export interface ParquetOptions<C extends Columns = Columns> {
  /**
   * The columns to read and their types, checked against the file when the source is made. A type may be wider than the
   * file's: nullable, `int64`, `bigint` or `float64` for smaller numbers, `timestamp` for a date, `utf8` for binary, `duration`
   * for a 64-bit number of microseconds.
   * A 64-bit column may be declared `int64` or `bigint` whatever its statistics say. Other columns are left out.
   */
  readonly schema?: C
}

/**
 * A source of the rows of a Parquet file. Timestamps of any unit become microseconds; finer ones are cut with a
 * warning. 64-bit integers are `int64` where the statistics show them to lie within ±(2^53 − 1), else `bigint`; in a file
 * that `to.parquet` wrote, durations and bigints are what they were.
 */
export function parquet(path: string, options: ParquetOptions = {}): Source {
  const name = `parquet ${shownName(path)}`
  checkOptions(name, options, ['schema'])
  const file = anyPlaceOf(placeOf(path), name)
  const metadata = file.look((size, read) => readFooter(size, read, name))
  const found = parquetColumns(metadata, name)
  const plans =
    options.schema === undefined ? found.map(column => planOf(column, name)) : declared(found, options.schema, name)
  const schema = new Schema(plans.map(plan => plan.field))
  const byName = new Map(plans.map(plan => [plan.field.name, plan]))
  const notes: Notes & { warned: boolean } = { truncated: false, warned: false }
  return {
    name,
    schema,
    bounded: true,
    rows: Number(metadata.num_rows),
    open: request => {
      const chosen = request.columns.map(column => byName.get(column)!)
      const wanted = metadata.row_groups.map(group => isWanted(group, request.where ?? [], byName))
      const pass = { file, name, metadata, plans: chosen, wanted, notes }
      return new ParquetReader(pass, schema.pick(request.columns), request)
    },
  }
}

/** False when the statistics of a row group show that none of its rows meets a condition. */
function isWanted(group: RowGroup, where: readonly Condition[], plans: ReadonlyMap<string, ColumnPlan>): boolean {
  return where.every(condition => {
    const { part, field } = plans.get(condition.column)!
    if (part.form !== 'leaf' || (field.type.kind === 'timestamp' && part.leaf.reading === 'date')) return true
    const chunk = group.columns[part.leaf.index]?.meta_data
    if (chunk?.statistics === undefined) return true
    return mayHold(condition, { ...chunk.statistics, rows: chunk.num_values }, part.leaf)
  })
}

/** How one column is read: where it is stored and what it becomes. */
interface ColumnPlan {
  readonly field: Field
  readonly part: Part
  /** The file may hold nulls, and the declared type has none. */
  readonly refuseNulls: boolean
}

function readFooter(size: number, read: (from: number, length: number) => Uint8Array, name: string): FileMetaData {
  const magic = (bytes: Uint8Array): boolean => String.fromCharCode(...bytes) === 'PAR1'
  if (size < 12 || !magic(read(0, 4))) {
    throw new SourceError('bad-file', `${name}: this is not a Parquet file: it does not begin with PAR1`)
  }
  if (!magic(read(size - 4, 4))) {
    const encrypted = String.fromCharCode(...read(size - 4, 4)) === 'PARE'
    const why = encrypted ? 'its footer is encrypted' : 'it is cut short: it begins as a Parquet file and has no footer'
    throw new SourceError('bad-file', `${name}: ${why}`)
  }
  const lengthBytes = read(size - 8, 4)
  const length = new DataView(lengthBytes.buffer, lengthBytes.byteOffset).getUint32(0, true)
  if (length > size - 12) throw new SourceError('bad-file', `${name}: the footer is damaged: its length is ${length}`)
  try {
    return parquetMetadata(read(size - 8 - length, length + 8), { geoparquet: false })
  } catch (error) {
    throw new SourceError('bad-file', `${name}: the footer is damaged: ${(error as Error).message}`, {}, error)
  }
}

function planOf(column: ParquetColumn | Unreadable, name: string): ColumnPlan {
  if ('problem' in column) {
    const text = `${name}: column "${column.name}" cannot be read: ${column.problem}. Declare a schema without it.`
    throw new SourceError('unreadable-column', text, { column: column.name })
  }
  const { part, type, nullable } = column
  return { field: { name: column.name, type, nullable }, part, refuseNulls: false }
}

function declared(found: readonly (ParquetColumn | Unreadable)[], columns: Columns, name: string): ColumnPlan[] {
  const names = found.map(column => column.name)
  return Object.entries(columns).map(([wanted, text]) => {
    const column = found.find(one => one.name === wanted)
    if (column === undefined) {
      const hint = didYouMean(wanted, names)
      const list = names.join(', ')
      const message = `${name}: the file has no column "${wanted}".${hint} Its columns are ${list}.`
      throw new PlanError('unknown-column', message, { column: wanted })
    }
    const plan = planOf(column, name) as ColumnPlan & { field: ParquetColumn }
    const type = parseType(text)
    const part = restated(plan.part, type)
    const has = (column as ParquetColumn).nulls
    if (part === null || (!type.nullable && plan.field.nullable && has !== null && has > 0)) {
      const what = `is ${typeText(plan.field)} in the file and ${typeText(type)} in the declared schema`
      const why = part === null ? '' : `: the file has ${has} nulls in it`
      throw new PlanError('wrong-type', `${name}: column "${wanted}" ${what}${why}`, { column: wanted })
    }
    const refuseNulls = plan.field.nullable && !type.nullable
    return { field: { name: wanted, ...type }, part, refuseNulls }
  })
}

/** The part read as the declared type, or null when that cannot be. */
function restated(part: Part, to: Nullable): Part | null {
  if (part.form === 'leaf') {
    const { reading } = part.leaf
    const kind = to.type.kind
    const other = OTHER_INTEGER[reading]
    if (other !== undefined && kind === other.kind) {
      return { ...part, type: to.type, leaf: { ...part.leaf, reading: other.reading } }
    }
    if (reading === 'bigint' && kind === 'float64') return null
    return sameType(part.type, to.type) || widens(part.type, to.type) ? part : null
  }
  return nestedFits({ type: part.type, nullable: false }, { type: to.type, nullable: false }) ? part : null
}

const OTHER_INTEGER: Readonly<Record<string, { kind: string; reading: Leaf['reading'] }>> = {
  int64: { kind: 'bigint', reading: 'bigint' },
  uint64: { kind: 'bigint', reading: 'ubigint' },
  bigint: { kind: 'int64', reading: 'int64' },
  ubigint: { kind: 'int64', reading: 'uint64' },
}

/** Nested types must be the same but for nullability, which may be wider. */
function nestedFits(from: Nullable, to: Nullable): boolean {
  if (from.nullable && !to.nullable) return false
  const [a, b] = [from.type, to.type]
  if (a.kind === 'list' && b.kind === 'list') return nestedFits(a.item, b.item)
  if (a.kind === 'map' && b.kind === 'map') return sameType(a.key, b.key) && nestedFits(a.value, b.value)
  if (a.kind === 'struct' && b.kind === 'struct') {
    const same = a.fields.length === b.fields.length
    return same && a.fields.every((field, i) => field.name === b.fields[i]!.name && nestedFits(field, b.fields[i]!))
  }
  return sameType(a, b)
}

interface ParquetPass {
  readonly file: AnyPlace
  readonly name: string
  readonly metadata: FileMetaData
  readonly plans: readonly ColumnPlan[]
  /** Whether the rows of each row group may be wanted. */
  readonly wanted: readonly boolean[]
  readonly notes: Notes & { warned: boolean }
}

class ParquetReader implements SourceReader {
  readonly #pass: ParquetPass
  readonly #schema: Schema
  readonly #request: ReadRequest
  readonly #texts = new Map<number, TextBuilder>()
  #open: OpenPlaces | null = null
  #group = 0
  #columns: readonly Column[] | null = null
  #rows = 0
  #at = 0
  #before = 0

  constructor(pass: ParquetPass, schema: Schema, request: ReadRequest) {
    this.#pass = pass
    this.#schema = schema
    this.#request = request
  }

  next(): Batch | null | Promise<Batch | null> {
    if (this.#columns !== null && this.#at < this.#rows) return this.#slice(this.#columns)
    return this.#next()
  }

  async #next(): Promise<Batch | null> {
    const groups = this.#pass.metadata.row_groups
    for (;;) {
      if (this.#columns !== null) {
        if (this.#at < this.#rows) return this.#slice(this.#columns)
        this.#group++
        this.#before += this.#rows
        this.#at = 0
        this.#columns = null
      }
      if (this.#group >= groups.length) return null
      this.#rows = Number(groups[this.#group]!.num_rows)
      if (!this.#pass.wanted[this.#group]!) this.#at = this.#rows
      if (this.#at >= this.#rows)
        this.#columns = [] // nothing of this group is wanted: it need not be read
      else this.#columns = await this.#readGroup()
    }
  }

  #slice(columns: readonly Column[]): Batch {
    const from = this.#at
    const to = Math.min(this.#rows, from + this.#request.batchRows)
    this.#at = to
    return new Batch(
      this.#schema,
      to - from,
      columns.map(column => slice(column, from, to)),
    )
  }

  async #readGroup(): Promise<Column[]> {
    this.#open ??= await this.#pass.file.open(this.#request.signal)
    const { read } = this.#open
    const columns: Column[] = []
    for (const plan of this.#pass.plans) {
      this.#request.signal.throwIfAborted()
      columns.push(await this.#readColumn(plan, read))
    }
    return columns
  }

  async #readColumn(plan: ColumnPlan, read: ReadBytes): Promise<Column> {
    const { metadata, name, notes } = this.#pass
    const chunks = metadata.row_groups[this.#group]!.columns
    try {
      const leaves = new Map<number, LeafValues>()
      for (const index of leafIndexes(plan.part)) {
        const chunk = chunks[index]?.meta_data
        if (chunk === undefined || chunks[index]!.file_path) throw new Error('it is stored in another file')
        const leaf = leafOf(plan.part, index)!
        leaves.set(index, await readLeaf(read, chunk, leaf.leaf, leaf.type, notes, this.#textsOf(index)))
      }
      const column = assemble(plan.part, leaves)
      if (column.length !== this.#rows) throw new Error(`it has ${column.length} values for ${this.#rows} rows`)
      const missing = plan.refuseNulls && column.valid !== null ? column.valid.indexOf(0) : -1
      if (missing >= 0) {
        const text = `row ${this.#before + missing} is null, and the declared type ${typeText(plan.field)} has no nulls`
        throw new DataError('null-value', text, { row: this.#before + missing })
      }
      if (notes.truncated && !notes.warned) {
        notes.warned = true
        const text = `${name}: column "${plan.field.name}" has timestamps finer than a microsecond; they are cut`
        process.emitWarning(text, { code: 'MILLRACE_NANOSECONDS' })
      }
      return column.layout === 'flat' || column.layout === 'bytes' ? widened(column, plan.field.type)! : column
    } catch (error) {
      const text = `${name}: column "${plan.field.name}", row group ${this.#group}: ${(error as Error).message}`
      const fields = { column: plan.field.name, rowGroup: this.#group }
      if (error instanceof SourceError) throw error // of a connection, which says where
      if (error instanceof DataError) throw new DataError(error.code, text, { ...error.fields, ...fields }, error)
      throw new SourceError('bad-file', text, fields, error)
    }
  }

  #textsOf(leaf: number): TextBuilder {
    let texts = this.#texts.get(leaf)
    if (texts === undefined) this.#texts.set(leaf, (texts = new TextBuilder()))
    return texts
  }

  offset(): number {
    return this.#before + this.#at
  }

  seek(offset: unknown): void {
    const groups = this.#pass.metadata.row_groups
    this.#columns = null
    this.#group = 0
    this.#before = 0
    this.#at = offset as number
    while (this.#group < groups.length && this.#at >= Number(groups[this.#group]!.num_rows)) {
      const rows = Number(groups[this.#group++]!.num_rows)
      this.#before += rows
      this.#at -= rows
    }
  }

  async close(): Promise<void> {
    const open = this.#open
    this.#open = null
    await open?.close()
  }
}

function leafOf(part: Part, index: number): (Part & { form: 'leaf' }) | undefined {
  if (part.form === 'leaf') return part.leaf.index === index ? part : undefined
  for (const child of part.parts) {
    const found = leafOf(child, index)
    if (found !== undefined) return found
  }
  return undefined
}
