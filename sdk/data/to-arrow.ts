import * as arrow from '@uwdata/flechette'
import type {
  Batch as ArrowBatch,
  DataType as ArrowType,
  Field as ArrowField,
  Table as ArrowTable,
} from '@uwdata/flechette'
import type { Batch } from './batch.ts'
import type { Column } from './column.ts'
import { PlanError } from './errors.ts'
import { KIND_KEY } from './from-arrow.ts'
import type { Schema } from './schema.ts'
import { bareText, type DataType, type Nullable } from './type.ts'

/**
 * Our columns in the Arrow format: text is plain UTF-8, times are UTC in microseconds, vectors lists of fixed size. A
 * note in a field's metadata tells a bigint from an int64.
 */

export type { ArrowTable }

/** The rows of batches as an Arrow table, each batch a record batch. */
export function arrowTable(schema: Schema, batches: readonly Batch[], where: string): ArrowTable {
  const fields = schema.fields.map(field => fieldToArrow(field.name, field, `${where}: column "${field.name}"`))
  const columns = fields.map(
    (field, c) =>
      new arrow.Column(
        batches.map(batch => batchToArrow(batch.columns[c]!, field.type)),
        field.type,
      ),
  )
  return new arrow.Table({ version: arrow.Version.V5, endianness: 0, fields, metadata: null }, columns)
}

/** The bytes of a table in the stream or file form of Arrow IPC. */
export function arrowBytes(
  table: ArrowTable,
  format: 'stream' | 'file',
  compression: ArrowCompression = 'none',
): Uint8Array {
  return arrow.tableToIPC(table, { format, codec: CODECS[compression] })!
}

/** What packs the buffers of record batches. */
export type ArrowCompression = 'none' | 'lz4' | 'zstd'

const CODECS = { none: null, lz4: arrow.CompressionType.LZ4_FRAME, zstd: arrow.CompressionType.ZSTD } as const

function fieldToArrow(name: string, of: Nullable, where: string): ArrowField {
  const { kind } = of.type
  const metadata = kind === 'bigint' || kind === 'int64' ? new Map([[KIND_KEY, kind]]) : null
  return arrow.field(name, typeToArrow(of.type, where), of.nullable, metadata)
}

function typeToArrow(type: DataType, where: string): ArrowType {
  switch (type.kind) {
    case 'bool':
      return arrow.bool()
    case 'int32':
      return arrow.int32()
    case 'int64':
    case 'bigint':
      return arrow.int64()
    case 'float32':
      return arrow.float32()
    case 'float64':
      return arrow.float64()
    case 'utf8':
      return arrow.utf8()
    case 'binary':
      return arrow.binary()
    case 'timestamp':
      return arrow.timestamp(arrow.TimeUnit.MICROSECOND, 'UTC')
    case 'date':
      return arrow.dateDay()
    case 'duration':
      return arrow.duration(arrow.TimeUnit.MICROSECOND)
    case 'decimal':
      return arrow.decimal(type.precision, type.scale, 128)
    case 'list':
      return arrow.list(fieldToArrow('item', type.item, where))
    case 'struct':
      return arrow.struct(type.fields.map(field => fieldToArrow(field.name, field, where)))
    case 'map':
      return arrow.map(
        fieldToArrow('key', { type: type.key, nullable: false }, where),
        fieldToArrow('value', type.value, where),
      )
    case 'vector':
      if (!type.sparse) return arrow.fixedSizeList(arrow.field('item', arrow.float64(), false), type.size)
      throw new PlanError('wrong-type', `${where} is ${bareText(type)}, which Arrow does not hold. Write JSON lines.`)
  }
}

function batchToArrow(column: Column, type: ArrowType): ArrowBatch<unknown> {
  const { length, valid } = column
  const nullCount = valid === null ? 0 : valid.reduce((count, one) => count + 1 - one, 0)
  const base = { length, nullCount, type, validity: nullCount === 0 ? new Uint8Array(0) : bitsOf(valid!) }
  const made = (rest: object): ArrowBatch<unknown> => {
    const Made = arrow.batchType(type) as new (options: object) => ArrowBatch<unknown>
    return new Made({ ...base, ...rest })
  }
  const children = (type as { readonly children?: readonly ArrowField[] }).children ?? []
  switch (column.layout) {
    case 'flat':
      return made({ values: flatValues(column, type) })
    case 'text':
      return made(textValues(column))
    case 'bytes':
      return made(
        spansOf(column.values.map((bytes, i) => (valid !== null && valid[i] === 0 ? new Uint8Array(0) : bytes))),
      )
    case 'list':
      return made({ offsets: column.offsets, children: [batchToArrow(column.items, children[0]!.type)] })
    case 'struct':
      return made({ children: column.children.map((child, i) => batchToArrow(child, children[i]!.type)) })
    case 'map': {
      const entries = children[0]!.type as ArrowType & { readonly children: readonly ArrowField[] }
      const Entries = arrow.batchType(entries) as new (options: object) => ArrowBatch<unknown>
      const pairs = new Entries({
        length: column.keys.length,
        nullCount: 0,
        type: entries,
        validity: new Uint8Array(0),
        children: [
          batchToArrow(column.keys, entries.children[0].type),
          batchToArrow(column.items, entries.children[1].type),
        ],
      })
      return made({ offsets: column.offsets, children: [pairs] })
    }
    case 'vector': {
      const items: Column = {
        layout: 'flat',
        type: { kind: 'float64' },
        length: length * column.size,
        valid: null,
        values: column.values.subarray(0, length * column.size),
      }
      return made({ children: [batchToArrow(items, children[0]!.type)] })
    }
    case 'sparse':
      throw new PlanError('wrong-type', `${bareText(column.type)} has no form in Arrow`)
  }
}

function bitsOf(bytes: Uint8Array): Uint8Array {
  const bits = new Uint8Array((bytes.length + 7) >> 3)
  for (let i = 0; i < bytes.length; i++) if (bytes[i] === 1) bits[i >> 3]! |= 1 << (i & 7)
  return bits
}

function flatValues(column: Column & { layout: 'flat' }, type: ArrowType): ArrayBufferView {
  const { values, length, valid } = column
  const here = (i: number): boolean => valid === null || valid[i] === 1
  switch (column.type.kind) {
    case 'bool':
      return bitsOf(values.subarray(0, length) as Uint8Array)
    case 'int64':
    case 'timestamp':
    case 'duration': {
      const out = new BigInt64Array(length)
      for (let i = 0; i < length; i++) if (here(i)) out[i] = BigInt(values[i]!)
      return out
    }
    case 'decimal': {
      const out = new BigUint64Array(length * 2)
      const signed = new BigInt64Array(out.buffer)
      for (let i = 0; i < length; i++) {
        signed[2 * i] = values[i] as bigint
        signed[2 * i + 1] = (values[i] as bigint) < 0n ? -1n : 0n
      }
      return out
    }
    default:
      return type.typeId === arrow.Type.Bool ? bitsOf(values as Uint8Array) : values.subarray(0, length)
  }
}

function textValues(column: Column & { layout: 'text' }): object {
  const { strings, codes, length, valid } = column
  if (codes === null) {
    return spansOf(Array.from({ length }, (_, i) => Buffer.from(valid !== null && valid[i] === 0 ? '' : strings[i]!)))
  }
  const entries = strings.length <= length ? strings.map(text => Buffer.from(text)) : null
  const none = Buffer.alloc(0)
  return spansOf(
    Array.from({ length }, (_, i) => {
      if (valid !== null && valid[i] === 0) return none
      return entries === null ? Buffer.from(strings[codes[i]!]!) : entries[codes[i]!]!
    }),
  )
}

function spansOf(parts: readonly Uint8Array[]): { offsets: Int32Array; values: Uint8Array } {
  const offsets = new Int32Array(parts.length + 1)
  for (const [i, part] of parts.entries()) offsets[i + 1] = offsets[i]! + part.length
  const values = new Uint8Array(offsets[parts.length]!)
  for (const [i, part] of parts.entries()) values.set(part, offsets[i])
  return { offsets, values }
}
