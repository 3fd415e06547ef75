import type { Column } from '../data/column.ts'
import { PlanError, SourceError } from '../data/errors.ts'
import { checkOptions } from '../data/options.ts'
import { Schema } from '../data/schema.ts'
import type { Columns } from '../data/type.ts'
import type { Source } from '../plan/port.ts'
import { placeOf, shownName } from './file.ts'
import { inferFrom, JsonParser, parseObject, StrayKeys, type JsonLinesOptions, type JsonObject } from './json-lines.ts'
import { BadRecords, checkFormat, hintOf, onErrorOf, sampleOf, TextReader } from './text-file.ts'
import type { RecordParser } from './text-file.ts'

/**
 * A JSON array of objects in a file, alone or under keys of an object around it. The array is read object by object, so
 * that only one of them and what stands before the array must fit in memory.
 */

export interface JsonOptions<C extends Columns = Columns> extends JsonLinesOptions<C> {
  /** Where the array is: `'$'`, the whole file, if left out; `'$.data.items'` for one under these keys. */
  readonly at?: string
}

/** A source of the objects of a JSON array; a name that ends in `.gz` is unpacked. */
export function json(path: string, options: JsonOptions = {}): Source {
  const file = placeOf(path)
  const name = `json ${shownName(path)}`
  checkOptions(name, options, ['schema', 'onError', 'at'])
  const onError = onErrorOf(options.onError, name)
  const keys = keysOf(options.at ?? '$', name)
  const { bytes, whole } = sampleOf(file, name)
  checkFormat(bytes, path, name)
  const start = { byte: bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0, line: 1 }
  const objects = sampleObjects(bytes, start.byte, whole, new ArrayScanner(keys, name))
  if (options.schema === undefined && objects.length === 0) {
    const text = `${name}: the array ${whole ? 'is empty' : 'has no object in its first quarter of a megabyte'}; declare a schema to read it all the same`
    throw new SourceError('bad-file', text, { path })
  }
  const inferred = options.schema === undefined
  const schema = options.schema === undefined ? inferFrom(objects, name) : Schema.of(options.schema)
  const hint = hintOf(path, inferred ? 'rows' : null)
  const stray = inferred ? new StrayKeys(schema, name) : null
  return {
    name,
    schema,
    bounded: true,
    open: request => {
      const picked = schema.pick(request.columns)
      const bad = new BadRecords(name, onError, hint)
      const items = new JsonParser(picked, Object.keys(objects[0] ?? {}), stray, bad)
      const parser = new ArrayParser(items, new ArrayScanner(keys, name))
      return new TextReader({ path: file, name, start }, picked, request, parser, bad)
    },
  }
}

function keysOf(at: string, name: string): readonly string[] {
  if (typeof at === 'string' && /^\$(\.[^.[\]]+)*$/.test(at)) return at.split('.').slice(1)
  const text = `${name}: at is ${JSON.stringify(at)}; it begins with $, and keys follow, each after a dot: '$.data.items'`
  throw new PlanError('bad-option', text, { option: 'at' })
}

function sampleObjects(bytes: Buffer, from: number, whole: boolean, scanner: ArrayScanner): JsonObject[] {
  const objects: JsonObject[] = []
  for (let at = from; objects.length < 1000;) {
    const item = scanner.next(bytes, at, bytes.length, whole)
    if (item === null || item === 'end') break
    const parsed = parseObject(bytes.toString('utf8', item.from, item.end))
    if ('object' in parsed) objects.push(parsed.object)
    at = item.end
  }
  return objects
}

const [SPACE, TAB, LF, CR, QUOTE, COMMA, COLON, OPEN, CLOSE, BACKSLASH] = [32, 9, 10, 13, 34, 44, 58, 91, 93, 92]

/** Finds the items of the array, one after another. */
class ArrayScanner {
  readonly #keys: readonly string[]
  readonly #name: string
  /** How many items were given; null before the array. */
  #given: number | null = null
  #ended = false
  /** The pass went on here, and has seen no byte yet: it may have been at the end. */
  #resumed = false

  constructor(keys: readonly string[], name: string) {
    this.#keys = keys
    this.#name = name
  }

  /** Where the pass is: before the array, or after one of its items. */
  begin(atStart: boolean): void {
    this.#given = atStart ? null : 0
    this.#ended = false
    this.#resumed = !atStart
  }

  /** The next item at or after `from`; null when it goes on after `to`, and `'end'` behind the last. */
  next(bytes: Buffer, from: number, to: number, last: boolean): { from: number; end: number } | 'end' | null {
    let at = from
    if (this.#ended) return this.#rest(bytes, from, to)
    if (this.#resumed && from === to && last) return 'end'
    if (from < to) this.#resumed = false
    if (this.#given === null) {
      at = this.#find(bytes, from, to, last)
      if (at < 0) return this.#more(last, 'the file ends before its array')
    }
    at = space(bytes, at, to)
    if (at < to && bytes[at] === COMMA && this.#given !== null) at = space(bytes, at + 1, to)
    if (at >= to) return this.#more(last, 'the file ends within its array')
    if (bytes[at] === CLOSE) {
      this.#ended = true
      return this.#rest(bytes, at + 1, to)
    }
    const end = valueEnd(bytes, at, to)
    if (end < 0 || (end >= to && !last)) return this.#more(last, 'the file ends within its array')
    const after = space(bytes, end, to)
    if (after >= to && !last) return null
    if (after >= to) return this.#more(last, 'the file ends within its array')
    if (bytes[after] !== COMMA && bytes[after] !== CLOSE) this.#fail(`after an item there is ${shown(bytes, after)}`)
    this.#given = (this.#given ?? 0) + 1
    return { from: at, end }
  }

  #more(last: boolean, problem: string): null {
    if (last) this.#fail(problem)
    return null
  }

  /** Behind an array that is the whole file there is nothing. */
  #rest(bytes: Buffer, from: number, to: number): 'end' {
    const after = space(bytes, from, to)
    if (this.#keys.length === 0 && after < to) this.#fail(`after the array there is ${shown(bytes, after)}`)
    return 'end'
  }

  /** Where the array's first item may stand; -1 when more is needed. */
  #find(bytes: Buffer, from: number, to: number, last: boolean): number {
    let at = space(bytes, from, to)
    for (const key of this.#keys) {
      if (at >= to) return -1
      if (bytes[at] !== 123) this.#fail(`there is no object that could have the key "${key}"`)
      at = space(bytes, at + 1, to)
      for (;;) {
        if (at >= to) return -1
        if (bytes[at] !== QUOTE) this.#fail(`there is no key "${key}"`)
        const end = valueEnd(bytes, at, to)
        if (end < 0) return -1
        const found: unknown = JSON.parse(bytes.toString('utf8', at, end))
        at = space(bytes, end, to)
        if (at >= to) return -1
        if (bytes[at] !== COLON) this.#fail(`after the key ${JSON.stringify(found)} there is ${shown(bytes, at)}`)
        at = space(bytes, at + 1, to)
        if (found === key) break
        at = valueEnd(bytes, at, to)
        if (at < 0) return -1
        at = space(bytes, at, to)
        if (at < to && bytes[at] === COMMA) at = space(bytes, at + 1, to)
      }
    }
    if (at >= to) return -1
    if (bytes[at] !== OPEN) {
      const place = ['$', ...this.#keys].join('.')
      const lines =
        this.#keys.length === 0
          ? " One object a line is read by read.jsonLines; an array under keys needs at: '$.key'."
          : ''
      this.#fail(`${place} is no array: there is ${shown(bytes, at)}.${lines}`)
    }
    if (last || at + 1 < to) return at + 1
    return -1
  }

  #fail(problem: string): never {
    throw new SourceError('bad-file', `${this.#name}: ${problem}`)
  }
}

function space(bytes: Buffer, from: number, to: number): number {
  let at = from
  for (; at < to; at++) {
    const byte = bytes[at]
    if (byte !== SPACE && byte !== LF && byte !== TAB && byte !== CR) break
  }
  return at
}

/** Where the value at `from` ends; -1 when it goes on after `to`. A number may go on there too. */
function valueEnd(bytes: Buffer, from: number, to: number): number {
  let depth = 0
  for (let at = from; at < to; at++) {
    const byte = bytes[at]!
    if (byte === QUOTE) {
      for (at++; at < to && bytes[at] !== QUOTE; at++) if (bytes[at] === BACKSLASH) at++
      if (at >= to) return -1
      if (depth === 0) return at + 1
    } else if (byte === OPEN || byte === 123) depth++
    else if (byte === CLOSE || byte === 125) {
      if (depth === 0) return at
      if (--depth === 0) return at + 1
    } else if (depth === 0 && (byte === COMMA || byte <= SPACE)) return at
  }
  return depth === 0 ? to : -1
}

function shown(bytes: Buffer, at: number): string {
  return JSON.stringify(bytes.toString('utf8', at, Math.min(bytes.length, at + 20)))
}

class ArrayParser implements RecordParser {
  readonly #items: JsonParser
  readonly #scanner: ArrayScanner
  line = 1

  constructor(items: JsonParser, scanner: ArrayScanner) {
    this.#items = items
    this.#scanner = scanner
  }

  get rows(): number {
    return this.#items.rows
  }

  begin(atStart: boolean): void {
    this.#scanner.begin(atStart)
  }

  parse(bytes: Buffer, from: number, to: number, last: boolean, rows: number): number {
    let at = from
    if (at === to && !last) return at
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    while (this.#items.rows < rows) {
      const item = this.#scanner.next(bytes, at, to, last)
      if (item === null) break
      if (item === 'end') return to
      this.line += lineFeeds(bytes, at, item.from)
      this.#items.line = this.line
      this.#items.item(bytes, item.from, item.end, view)
      this.line += lineFeeds(bytes, item.from, item.end)
      at = item.end
    }
    return at
  }

  finish(): readonly Column[] {
    return this.#items.finish()
  }
}

function lineFeeds(bytes: Buffer, from: number, to: number): number {
  let count = 0
  for (let at = bytes.indexOf(LF, from); at >= 0 && at < to; at = bytes.indexOf(LF, at + 1)) count++
  return count
}
