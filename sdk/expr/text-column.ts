import type { BareText, ColumnType } from '../data/type.ts'
import type { BoolCol, Col, CollectOptions, EqCol, Expr, NumCol, OrdCol } from './column-type.ts'
import type { AnyText, Beside, Both, Given, Grain, Like, Mixed, OrNull } from './type-rule.ts'

/** The methods of columns of text and of bytes. */

/** A column of text. Positions and lengths count code points. */
export interface TextCol<T extends ColumnType, G extends Grain> extends OrdCol<T, G> {
  /**
   * The text or number that a table has for the text. What the table does not list gives `otherwise`, or null
   * where there is none; null stays null. A table that is empty, or that gives both texts and numbers, is refused.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 'OSL' }, { a: 'ZZZ' }])
   * const table = await frame.derive(t => ({ b: t.a.mapValues({ OSL: 'Oslo' }, 'elsewhere') })).select('b').collect()
   * table.rows() // => [ { b: 'Oslo' }, { b: 'elsewhere' } ]
   * ```
   */
  mapValues<const V extends string | number>(table: { readonly [value: string]: V }): Col<`${Given<V>}?`, G>
  mapValues<const V extends string | number, const E extends string | number>(
    table: { readonly [value: string]: V },
    otherwise: E,
  ): Col<Like<T, Given<V | E>>, G>
  /**
   * In upper case, by the full Unicode mapping: ß becomes SS.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 'straße' }])
   * const table = await frame.derive(t => ({ b: t.a.upper() })).select('b').collect()
   * table.rows() // => [ { b: 'STRASSE' } ]
   * ```
   */
  upper(): TextCol<T, G>
  /**
   * In lower case, by the full Unicode mapping.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 'SFO' }])
   * const table = await frame.derive(t => ({ b: t.a.lower() })).select('b').collect()
   * table.rows() // => [ { b: 'sfo' } ]
   * ```
   */
  lower(): TextCol<T, G>
  /**
   * True where the other text stands in it.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 'abc' }])
   * const table = await frame.derive(t => ({ b: t.a.contains('b') })).select('b').collect()
   * table.rows() // => [ { b: true } ]
   * ```
   */
  contains<O extends string | Expr<AnyText, Beside<G>>>(text: O): BoolCol<Both<T, O, 'bool'>, Mixed<G, O>>
  /**
   * True where it begins with the other text.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 'abc' }])
   * const table = await frame.derive(t => ({ b: t.a.startsWith('ab') })).select('b').collect()
   * table.rows() // => [ { b: true } ]
   * ```
   */
  startsWith<O extends string | Expr<AnyText, Beside<G>>>(text: O): BoolCol<Both<T, O, 'bool'>, Mixed<G, O>>
  /**
   * True where it ends with the other text.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 'abc' }])
   * const table = await frame.derive(t => ({ b: t.a.endsWith('ab') })).select('b').collect()
   * table.rows() // => [ { b: false } ]
   * ```
   */
  endsWith<O extends string | Expr<AnyText, Beside<G>>>(text: O): BoolCol<Both<T, O, 'bool'>, Mixed<G, O>>
  /**
   * The number of code points: 1 for an emoji of one code point.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 'a😀' }])
   * const table = await frame.derive(t => ({ b: t.a.length() })).select('b').collect()
   * table.rows() // => [ { b: 2 } ]
   * ```
   */
  length(): NumCol<Like<T, 'int32'>, G>
  /**
   * The code points from `start` up to but not including `end`, counted from 0; negative counts from the end.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 'abc' }])
   * const table = await frame.derive(t => ({ b: t.a.slice(1, 3) })).select('b').collect()
   * table.rows() // => [ { b: 'bc' } ]
   * ```
   */
  slice(start: number, end?: number): TextCol<T, G>
  /**
   * This text with the others behind it; null where one is missing.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 'SFO', b: 'LAX' }])
   * const table = await frame.derive(t => ({ b: t.a.concat('-', t.b) })).select('b').collect()
   * table.rows() // => [ { b: 'SFO-LAX' } ]
   * ```
   */
  concat<O extends readonly (string | Expr<AnyText, Beside<G>>)[]>(
    ...others: O
  ): TextCol<Both<T, O[number], 'utf8'>, Mixed<G, O[number]>>
  /**
   * With every occurrence of `search` replaced. An empty search replaces nothing.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 'banana' }])
   * const table = await frame.derive(t => ({ b: t.a.replace('an', 'o') })).select('b').collect()
   * table.rows() // => [ { b: 'booa' } ]
   * ```
   */
  replace(search: string, replacement: string): TextCol<T, G>
  /**
   * Without white space at its ends, or without the given characters: a set, in any order.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: '  x ' }])
   * const table = await frame.derive(t => ({ b: t.a.trim() })).select('b').collect()
   * table.rows() // => [ { b: 'x' } ]
   * ```
   */
  trim(characters?: string): TextCol<T, G>
  /**
   * Without white space, or without the given characters, at its start.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: '007' }])
   * const table = await frame.derive(t => ({ b: t.a.trimStart('0') })).select('b').collect()
   * table.rows() // => [ { b: '7' } ]
   * ```
   */
  trimStart(characters?: string): TextCol<T, G>
  /**
   * Without white space, or without the given characters, at its end.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 'so!?!' }])
   * const table = await frame.derive(t => ({ b: t.a.trimEnd('?!') })).select('b').collect()
   * table.rows() // => [ { b: 'so' } ]
   * ```
   */
  trimEnd(characters?: string): TextCol<T, G>
  /**
   * Filled at its start to so many code points. A longer text stays as it is; an empty fill is refused.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: '7' }])
   * const table = await frame.derive(t => ({ b: t.a.padStart(3, '0') })).select('b').collect()
   * table.rows() // => [ { b: '007' } ]
   * ```
   */
  padStart(length: number, fill?: string): TextCol<T, G>
  /**
   * Filled at its end to so many code points. A longer text stays as it is; an empty fill is refused.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 'ab' }])
   * const table = await frame.derive(t => ({ b: t.a.padEnd(4, '.') })).select('b').collect()
   * table.rows() // => [ { b: 'ab..' } ]
   * ```
   */
  padEnd(length: number, fill?: string): TextCol<T, G>
  /**
   * The text so many times. More than 2^28 characters are an error.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 'ab' }])
   * const table = await frame.derive(t => ({ b: t.a.repeat(2) })).select('b').collect()
   * table.rows() // => [ { b: 'abab' } ]
   * ```
   */
  repeat(times: number): TextCol<T, G>
  /**
   * The code points from last to first.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 'ab😀' }])
   * const table = await frame.derive(t => ({ b: t.a.reverse() })).select('b').collect()
   * table.rows() // => [ { b: '😀ba' } ]
   * ```
   */
  reverse(): TextCol<T, G>
  /**
   * Where the other text first stands, counted in code points from 0; −1 where it does not. Null where one is missing.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: '😀b' }])
   * const table = await frame.derive(t => ({ b: t.a.indexOf('b') })).select('b').collect()
   * table.rows() // => [ { b: 1 } ]
   * ```
   */
  indexOf<O extends string | Expr<AnyText, Beside<G>>>(search: O): NumCol<Both<T, O, 'int32'>, Mixed<G, O>>
  /**
   * The parts between separators; its code points where the separator is empty. Null where the text is missing.
   *
   * ```ts
   * import { lit, read } from 'millrace'
   * const frame = read.rows([{ a: 'a,b,' }])
   * const table = await frame.derive(t => ({ b: t.a.split(',') })).select('b').collect()
   * table.rows() // => [ { b: [ 'a', 'b', '' ] } ]
   * ```
   */
  split(separator: string): Col<Like<T, 'utf8[]'>, G>
  /**
   * The part between separators at an index from 0, from the end where negative; null where there is none.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 'a-b-c' }])
   * const table = await frame.derive(t => ({ b: t.a.splitPart('-', -1) })).select('b').collect()
   * table.rows() // => [ { b: 'c' } ]
   * ```
   */
  splitPart(separator: string, index: number): TextCol<'utf8?', G>
  /**
   * With the first occurrence of `search` replaced. An empty search replaces nothing.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 'banana' }])
   * const table = await frame.derive(t => ({ b: t.a.replaceFirst('an', 'o') })).select('b').collect()
   * table.rows() // => [ { b: 'boana' } ]
   * ```
   */
  replaceFirst(search: string, replacement: string): TextCol<T, G>
  /**
   * With the first letter in upper case and the rest in lower case, by the full Unicode mapping.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 'SAN jose' }])
   * const table = await frame.derive(t => ({ b: t.a.capitalize() })).select('b').collect()
   * table.rows() // => [ { b: 'San jose' } ]
   * ```
   */
  capitalize(): TextCol<T, G>
  /**
   * With the first letter of each word in upper case and the rest in lower case. A word begins with a letter and goes
   * on over letters, marks, digits and apostrophes.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: "NEW york's" }])
   * const table = await frame.derive(t => ({ b: t.a.titleCase() })).select('b').collect()
   * table.rows() // => [ { b: "New York's" } ]
   * ```
   */
  titleCase(): TextCol<T, G>
  /**
   * In a normal form of Unicode, NFC unless another is named.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 'e\u0301' }])
   * const table = await frame.derive(t => ({ b: t.a.normalize().length() })).select('b').collect()
   * table.rows() // => [ { b: 1 } ]
   * ```
   */
  normalize(form?: 'NFC' | 'NFD' | 'NFKC' | 'NFKD'): TextCol<T, G>
  /**
   * The number of the first code point, as ASCII has it up to 127; null where the text is empty or missing.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 'A' }])
   * const table = await frame.derive(t => ({ b: t.a.codePoint() })).select('b').collect()
   * table.rows() // => [ { b: 65 } ]
   * ```
   */
  codePoint(): NumCol<'int32?', G>
  /**
   * True where it is like a pattern of SQL: `%` stands for any text, `_` for one code point. There is no escape; see
   * `matches`. Null where the text is missing.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 'SFO' }])
   * const table = await frame.derive(t => ({ b: t.a.like('S_O%') })).select('b').collect()
   * table.rows() // => [ { b: true } ]
   * ```
   */
  like(pattern: string): BoolCol<Like<T, 'bool'>, G>
  /**
   * True where the pattern has a match in it; anchor it by `^` and `$` to match the whole. Patterns of all these
   * methods are read by code points, as with the flag `u`, where they can be; the flags `i`, `m` and `s` count. Null
   * where the text is missing.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 'gate B12' }])
   * const table = await frame.derive(t => ({ b: t.a.matches(/[A-F]\d+$/) })).select('b').collect()
   * table.rows() // => [ { b: true } ]
   * ```
   */
  matches(pattern: RegExp): BoolCol<Like<T, 'bool'>, G>
  /**
   * The first match of the pattern, or a group of it, by number or name; null where there is no match, or the group
   * has no part in it. A group that the pattern does not have is refused.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 'gate B12' }])
   * const table = await frame.derive(t => ({ b: t.a.extract(/(?<pier>[A-F])(\d+)/, 'pier') })).select('b').collect()
   * table.rows() // => [ { b: 'B' } ]
   * ```
   */
  extract(pattern: RegExp, group?: number | string): TextCol<'utf8?', G>
  /**
   * All matches of the pattern as a list; an empty list where there is none. With a group, by number or name, its part
   * in each match, null where it had none.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 'B12 C7' }])
   * const table = await frame.derive(t => ({ b: t.a.extractAll(/([A-F])\d+/, 1) })).select('b').collect()
   * table.rows() // => [ { b: [ 'B', 'C' ] } ]
   * ```
   */
  extractAll<N extends number | string = 0>(
    pattern: RegExp,
    group?: N,
  ): Col<Like<T, [N] extends [0] ? 'utf8[]' : 'utf8?[]'>, G>
  /**
   * With every match replaced. In the replacement `$1` is a group by number, `$<name>` one by name, `$&` the match and
   * `$$` a dollar.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: '2001-04' }])
   * const table = await frame.derive(t => ({ b: t.a.replaceMatches(/(\d+)-(\d+)/, '$2/$1') })).select('b').collect()
   * table.rows() // => [ { b: '04/2001' } ]
   * ```
   */
  replaceMatches(pattern: RegExp, replacement: string): TextCol<T, G>
  /**
   * How many matches the pattern has, none overlapping another.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 'banana' }])
   * const table = await frame.derive(t => ({ b: t.a.countMatches(/an/) })).select('b').collect()
   * table.rows() // => [ { b: 2 } ]
   * ```
   */
  countMatches(pattern: RegExp): NumCol<Like<T, 'int32'>, G>
  /**
   * The parts between matches of the pattern. An empty match divides nothing.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 'a, b;c' }])
   * const table = await frame.derive(t => ({ b: t.a.splitMatches(/[,;] ?/) })).select('b').collect()
   * table.rows() // => [ { b: [ 'a', 'b', 'c' ] } ]
   * ```
   */
  splitMatches(pattern: RegExp): Col<Like<T, 'utf8[]'>, G>
  /**
   * How many code points must be put in, taken out or changed to make the other text of it. Null where one is missing.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 'kitten' }])
   * const table = await frame.derive(t => ({ b: t.a.levenshtein('sitting') })).select('b').collect()
   * table.rows() // => [ { b: 3 } ]
   * ```
   */
  levenshtein<O extends string | Expr<AnyText, Beside<G>>>(other: O): NumCol<Both<T, O, 'int32'>, Mixed<G, O>>
  /**
   * How many code points differ, position by position; null for texts of different lengths, and where one is missing.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 'karolin' }])
   * const table = await frame.derive(t => ({ b: t.a.hamming('kathrin') })).select('b').collect()
   * table.rows() // => [ { b: 3 } ]
   * ```
   */
  hamming<O extends string | Expr<AnyText, Beside<G>>>(other: O): NumCol<'int32?', Mixed<G, O>>
  /**
   * The similarity of Jaro and Winkler, 0 to 1: 1 for equal texts, more for a common start of up to four code points.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 'abc' }])
   * const table = await frame.derive(t => ({ b: t.a.jaroWinkler('abc') })).select('b').collect()
   * table.rows() // => [ { b: 1 } ]
   * ```
   */
  jaroWinkler<O extends string | Expr<AnyText, Beside<G>>>(other: O): NumCol<Both<T, O, 'float64'>, Mixed<G, O>>
  /**
   * The share of code points that both have, of all that one has: 0 to 1, and 1 for two empty texts.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 'abcd' }])
   * const table = await frame.derive(t => ({ b: t.a.jaccard('bcde') })).select('b').collect()
   * table.rows() // => [ { b: 0.6 } ]
   * ```
   */
  jaccard<O extends string | Expr<AnyText, Beside<G>>>(other: O): NumCol<Both<T, O, 'float64'>, Mixed<G, O>>
  /**
   * The number of bytes of its UTF-8.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 'é😀' }])
   * const table = await frame.derive(t => ({ b: t.a.byteLength() })).select('b').collect()
   * table.rows() // => [ { b: 6 } ]
   * ```
   */
  byteLength(): NumCol<Like<T, 'int32'>, G>
  /**
   * Its UTF-8 as bytes.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 'é' }])
   * const table = await frame.derive(t => ({ b: t.a.toBytes().toHex() })).select('b').collect()
   * table.rows() // => [ { b: 'c3a9' } ]
   * ```
   */
  toBytes(): BinaryCol<Like<T, 'binary'>, G>
  /**
   * The bytes that hexadecimal digits of either case stand for. What is no such text is an error that names it; see
   * `tryFromHex`.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 'c3A9' }])
   * const table = await frame.derive(t => ({ b: t.a.fromHex().toText() })).select('b').collect()
   * table.rows() // => [ { b: 'é' } ]
   * ```
   */
  fromHex(): BinaryCol<Like<T, 'binary'>, G>
  /**
   * The bytes of hexadecimal digits as `fromHex` gives them, or null for what is no such text.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 'c3a' }])
   * const table = await frame.derive(t => ({ b: t.a.tryFromHex() })).select('b').collect()
   * table.rows() // => [ { b: null } ]
   * ```
   */
  tryFromHex(): BinaryCol<'binary?', G>
  /**
   * The bytes of Base64 with its padding, by RFC 4648. What is no such text is an error that names it; see
   * `tryFromBase64`.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 'aGk=' }])
   * const table = await frame.derive(t => ({ b: t.a.fromBase64().toText() })).select('b').collect()
   * table.rows() // => [ { b: 'hi' } ]
   * ```
   */
  fromBase64(): BinaryCol<Like<T, 'binary'>, G>
  /**
   * The bytes of Base64 as `fromBase64` gives them, or null for what is no such text.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 'aGk' }])
   * const table = await frame.derive(t => ({ b: t.a.tryFromBase64() })).select('b').collect()
   * table.rows() // => [ { b: null } ]
   * ```
   */
  tryFromBase64(): BinaryCol<'binary?', G>
  /**
   * The MD5 digest of its UTF-8 as hexadecimal text. Not for secrets.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 'abc' }])
   * const table = await frame.derive(t => ({ b: t.a.md5() })).select('b').collect()
   * table.rows() // => [ { b: '900150983cd24fb0d6963f7d28e17f72' } ]
   * ```
   */
  md5(): TextCol<T, G>
  /**
   * The SHA-256 digest of its UTF-8 as hexadecimal text.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: '' }])
   * const table = await frame.derive(t => ({ b: t.a.sha256().slice(0, 16) })).select('b').collect()
   * table.rows() // => [ { b: 'e3b0c44298fc1c14' } ]
   * ```
   */
  sha256(): TextCol<T, G>
  /**
   * What stands at a path of a JSON text, as a value of a type: a whole number, text, `'timestamp'` from ISO 8601
   * text, `'float64[]'`. Null where nothing or null stands there. A text that is no JSON, or another kind of value, is
   * an error that names it; see `tryJson`. A path is such as `$.user.ids[0]` or `$["first name"]`; a negative index
   * counts from the end.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: '{"user":{"ids":[7,8]}}' }])
   * const table = await frame.derive(t => ({ b: t.a.json('$.user.ids[0]', 'int64') })).select('b').collect()
   * table.rows() // => [ { b: 7 } ]
   * ```
   */
  json<U extends BareText>(path: string, type: U): Col<OrNull<U>, G>
  /**
   * What stands at a path as `json` gives it, and null also for a text that is no JSON and for another kind of value.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: '{"n":"x"}' }, { a: '{' }])
   * const table = await frame.derive(t => ({ b: t.a.tryJson('$.n', 'int32') })).select('b').collect()
   * table.rows() // => [ { b: null }, { b: null } ]
   * ```
   */
  tryJson<U extends BareText>(path: string, type: U): Col<OrNull<U>, G>
  /**
   * The JSON text of what stands at a path, without spaces; null where nothing does. A text that is no JSON is an
   * error that names it.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: '{"b": [1, 2]}' }])
   * const table = await frame.derive(t => ({ b: t.a.jsonText('$.b') })).select('b').collect()
   * table.rows() // => [ { b: '[1,2]' } ]
   * ```
   */
  jsonText(path?: string): TextCol<'utf8?', G>
  /**
   * The keys of the object at a path, in order; null where there is none. A text that is no JSON is an error.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: '{"x":1,"y":2}' }])
   * const table = await frame.derive(t => ({ b: t.a.jsonKeys() })).select('b').collect()
   * table.rows() // => [ { b: [ 'x', 'y' ] } ]
   * ```
   */
  jsonKeys(path?: string): Col<'utf8[]?', G>
  /**
   * How many items the array, or keys the object, at a path has; null where there is neither. A text that is no JSON
   * is an error.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: '[1,[2,3,4]]' }])
   * const table = await frame.derive(t => ({ b: t.a.jsonSize('$[1]') })).select('b').collect()
   * table.rows() // => [ { b: 3 } ]
   * ```
   */
  jsonSize(path?: string): NumCol<'int32?', G>
  /**
   * What stands at a path: `object`, `array`, `string`, `number`, `boolean` or `null`; null where nothing does. A text
   * that is no JSON is an error.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: '[true]' }])
   * const table = await frame.derive(t => ({ b: t.a.jsonType('$[0]') })).select('b').collect()
   * table.rows() // => [ { b: 'boolean' } ]
   * ```
   */
  jsonType(path?: string): TextCol<'utf8?', G>
  /**
   * The texts one after another with the separator between, in the order of arrival; null when there is none. With `{
   * distinct: true }` each text stands once, and `{ limit: n }` keeps the first n. It cannot take rows back.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 'x' }, { a: null }, { a: 'y' }])
   * const table = await frame.aggregate(t => ({ b: t.a.joinText(', ') })).collect()
   * table.rows() // => [ { b: 'x, y' } ]
   * ```
   */
  joinText(this: Expr<T, 'row'>, separator: string, options?: CollectOptions): TextCol<'utf8?', 'agg'>
  /**
   * A time by directives of strftime as `format` has them, in UTC unless `%z` is read; with `'date'`, a date. Numbers
   * may lack leading zeros, names may have any case; what the format lacks is that of 1970-01-01. A text that does not
   * fit is an error that names it; see `tryParse`.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: '3/4/2001' }])
   * const table = await frame.derive(t => ({ b: t.a.parse('%d/%m/%Y', 'date') })).select('b').collect()
   * table.rows() // => [ { b: '2001-04-03' } ]
   * ```
   */
  parse<U extends 'timestamp' | 'date' = 'timestamp'>(format: string, type?: U): Col<Like<T, U>, G>
  /**
   * A time as `parse` gives it, or null for a text that does not fit.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: '31/2/2001' }])
   * const table = await frame.derive(t => ({ b: t.a.tryParse('%d/%m/%Y', 'date') })).select('b').collect()
   * table.rows() // => [ { b: null } ]
   * ```
   */
  tryParse<U extends 'timestamp' | 'date' = 'timestamp'>(format: string, type?: U): Col<OrNull<U>, G>
}

/** A column of bytes. */
export interface BinaryCol<T extends ColumnType, G extends Grain> extends EqCol<T, G> {
  /**
   * The number of bytes.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 'é' }])
   * const table = await frame.derive(t => ({ b: t.a.toBytes().length() })).select('b').collect()
   * table.rows() // => [ { b: 2 } ]
   * ```
   */
  length(): NumCol<Like<T, 'int32'>, G>
  /**
   * The bytes from `start` up to but not including `end`, counted from 0; negative counts from the end.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 'abc' }])
   * const table = await frame.derive(t => ({ b: t.a.toBytes().slice(1).toText() })).select('b').collect()
   * table.rows() // => [ { b: 'bc' } ]
   * ```
   */
  slice(start: number, end?: number): BinaryCol<T, G>
  /**
   * These bytes with the others behind them; null where one is missing.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 'ab', b: 'c' }])
   * const table = await frame.derive(t => ({ b: t.a.toBytes().concat(t.b.toBytes()).toText() })).select('b').collect()
   * table.rows() // => [ { b: 'abc' } ]
   * ```
   */
  concat<O extends readonly (Uint8Array | Expr<'binary' | 'binary?', Beside<G>>)[]>(
    ...others: O
  ): BinaryCol<Both<T, O[number], 'binary'>, Mixed<G, O[number]>>
  /**
   * The bytes as UTF-8 text. What is no UTF-8 is an error that names the bytes; see `tryToText`.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 'c3a9' }])
   * const table = await frame.derive(t => ({ b: t.a.fromHex().toText() })).select('b').collect()
   * table.rows() // => [ { b: 'é' } ]
   * ```
   */
  toText(): TextCol<Like<T, 'utf8'>, G>
  /**
   * The bytes as UTF-8 text, or null for what is no UTF-8.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 'c3' }])
   * const table = await frame.derive(t => ({ b: t.a.fromHex().tryToText() })).select('b').collect()
   * table.rows() // => [ { b: null } ]
   * ```
   */
  tryToText(): TextCol<'utf8?', G>
  /**
   * The bytes as hexadecimal digits in lower case.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 'hi' }])
   * const table = await frame.derive(t => ({ b: t.a.toBytes().toHex() })).select('b').collect()
   * table.rows() // => [ { b: '6869' } ]
   * ```
   */
  toHex(): TextCol<Like<T, 'utf8'>, G>
  /**
   * The bytes as Base64 with its padding, by RFC 4648.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 'hi' }])
   * const table = await frame.derive(t => ({ b: t.a.toBytes().toBase64() })).select('b').collect()
   * table.rows() // => [ { b: 'aGk=' } ]
   * ```
   */
  toBase64(): TextCol<Like<T, 'utf8'>, G>
  /**
   * The MD5 digest as hexadecimal text. Not for secrets.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 'abc' }])
   * const table = await frame.derive(t => ({ b: t.a.toBytes().md5() })).select('b').collect()
   * table.rows() // => [ { b: '900150983cd24fb0d6963f7d28e17f72' } ]
   * ```
   */
  md5(): TextCol<Like<T, 'utf8'>, G>
  /**
   * The SHA-256 digest as hexadecimal text.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: '' }])
   * const table = await frame.derive(t => ({ b: t.a.toBytes().sha256().slice(0, 16) })).select('b').collect()
   * table.rows() // => [ { b: 'e3b0c44298fc1c14' } ]
   * ```
   */
  sha256(): TextCol<Like<T, 'utf8'>, G>
}
