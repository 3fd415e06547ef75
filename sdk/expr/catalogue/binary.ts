import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import { scalar, type DataType } from '../../data/type.ts'
import { RowFailure, type EagerFunction, type Sql } from '../function.ts'
import { plain } from './plain.ts'

/** Functions of bytes, and the ways between bytes and text: UTF-8, hexadecimal, Base64 (RFC 4648), and digests. */

const [INT32, UTF8, BINARY] = [scalar('int32'), scalar('utf8'), scalar('binary')]

export const length: EagerFunction = plain({
  name: 'length',
  takes: ['binary'],
  result: INT32,
  compute: () => (bytes: Uint8Array) => bytes.length,
  duckdb: ([a]) => `CAST(octet_length(${a}) AS INTEGER)`,
  flink: ([a]) => `OCTET_LENGTH(${a})`,
})

export const slice: EagerFunction = plain({
  name: 'slice',
  takes: ['binary'],
  result: BINARY,
  compute:
    ({ start, end }) =>
    (bytes: Uint8Array) =>
      bytes.slice(start as number, end as number | undefined),
  duckdb: ([a], _, { start, end }) => {
    const [from, to] = [start as number, end as number | undefined]
    if (from < 0 || (to ?? 0) < 0) return { refused: 'a position counted from the end has no form in SQL' }
    const until = to === undefined ? `octet_length(${a})` : String(to)
    return `unhex(substring(hex(${a}), ${2 * from + 1}, greatest(0, 2 * (${until} - ${from}))))`
  },
  flink: { refused: 'Flink has no part of bytes' },
})

export const concat: EagerFunction = plain({
  name: 'concat',
  takes: ['binary'],
  result: BINARY,
  compute:
    () =>
    (...all: readonly Uint8Array[]) =>
      new Uint8Array(Buffer.concat(all)),
  duckdb: args => `(${args.join(' || ')})`,
  flink: args => `(${args.join(' || ')})`,
})

export const byteLength: EagerFunction = plain({
  name: 'byteLength',
  takes: ['text'],
  result: INT32,
  compute: () => (text: string) => Buffer.byteLength(text),
  duckdb: ([a]) => `CAST(strlen(${a}) AS INTEGER)`,
  flink: ([a]) => `OCTET_LENGTH(ENCODE(${a}, 'UTF-8'))`,
})

export const toBytes: EagerFunction = plain({
  name: 'toBytes',
  takes: ['text'],
  result: BINARY,
  compute: () => (text: string) => new Uint8Array(Buffer.from(text)),
  duckdb: ([a]) => `encode(${a})`,
  flink: ([a]) => `ENCODE(${a}, 'UTF-8')`,
})

const MALFORMED = 'what is malformed is an error in one executor only, where Flink puts a replacement in its place'

/** A way back that not every value has: an error, or by the name `try…` null. */
function back<T extends string | Uint8Array>(
  name: string,
  takes: 'text' | 'binary',
  result: DataType,
  read: (value: T) => string | Uint8Array | undefined,
  says: (value: T) => string,
  duckdb: Sql,
): { readonly strict: EagerFunction; readonly tolerant: EagerFunction } {
  const tried = `try${name[0]!.toUpperCase()}${name.slice(1)}`
  const shared = { takes: [takes], result, flink: { refused: MALFORMED } } as const
  const strict = plain({
    ...shared,
    name,
    fails: true,
    compute: () => (value: T) => {
      const found = read(value)
      if (found === undefined) throw new RowFailure(`${says(value)}; ${tried} gives null for such`)
      return found
    },
    duckdb,
  })
  const tolerant = plain({
    ...shared,
    name: tried,
    nullable: true,
    compute: () => (value: T) => read(value) ?? null,
    duckdb: (args, types, options) => {
      const sql = typeof duckdb === 'function' ? duckdb(args, types, options) : duckdb
      return typeof sql === 'string' ? `TRY(${sql})` : sql
    },
  })
  return { strict, tolerant }
}

const shown = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}…` : text)
const firstBytes = (bytes: Uint8Array): string => {
  const hex = Buffer.from(bytes.subarray(0, 16)).toString('hex')
  return `the bytes ${hex}${bytes.length > 16 ? '…' : ''}`
}

const text = back(
  'toText',
  'binary',
  UTF8,
  (bytes: Uint8Array) =>
    isUtf8(bytes) ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString() : undefined,
  bytes => `${firstBytes(bytes)} are no UTF-8`,
  ([a]) => `decode(${a})`,
)
export const toText: EagerFunction = text.strict
export const tryToText: EagerFunction = text.tolerant

const hex = back(
  'fromHex',
  'text',
  BINARY,
  (text: string) =>
    text.length % 2 === 0 && /^[\da-f]*$/i.test(text) ? new Uint8Array(Buffer.from(text, 'hex')) : undefined,
  text => `${shown(text)} is no hexadecimal text of whole bytes`,
  { refused: 'DuckDB takes an odd number of digits' },
)
export const fromHex: EagerFunction = hex.strict
export const tryFromHex: EagerFunction = hex.tolerant

const BASE64 = /^(?:[\w+/]{4})*(?:[\w+/]{2}==|[\w+/]{3}=)?$/

const base64 = back(
  'fromBase64',
  'text',
  BINARY,
  (text: string) =>
    BASE64.test(text) && !text.includes('_') ? new Uint8Array(Buffer.from(text, 'base64')) : undefined,
  text => `${shown(text)} is no Base64 with its padding`,
  ([a]) => `from_base64(${a})`,
)
export const fromBase64: EagerFunction = base64.strict
export const tryFromBase64: EagerFunction = base64.tolerant

export const toHex: EagerFunction = plain({
  name: 'toHex',
  takes: ['binary'],
  result: UTF8,
  compute: () => (bytes: Uint8Array) => Buffer.from(bytes).toString('hex'),
  duckdb: ([a]) => `lower(hex(${a}))`,
  flink: { refused: 'Flink writes numbers and text as hexadecimal digits, not bytes' },
})

export const toBase64: EagerFunction = plain({
  name: 'toBase64',
  takes: ['binary'],
  result: UTF8,
  compute: () => (bytes: Uint8Array) => Buffer.from(bytes).toString('base64'),
  duckdb: ([a]) => `to_base64(${a})`,
  flink: { refused: 'Flink writes text as Base64, not bytes' },
})

/** A digest as hexadecimal text; of text, that of its UTF-8. */
function digest(name: 'md5' | 'sha256', flink: string): EagerFunction {
  return plain({
    name,
    takes: ['text or binary'],
    result: UTF8,
    compute: () => (value: string | Uint8Array) => createHash(name).update(value).digest('hex'),
    duckdb: ([a]) => `${name}(${a})`,
    flink: ([a], [type]) =>
      type!.type.kind === 'utf8' ? `${flink}(${a})` : { refused: 'Flink digests text, not bytes' },
  })
}

export const md5: EagerFunction = digest('md5', 'MD5')
export const sha256: EagerFunction = digest('sha256', 'SHA256')
