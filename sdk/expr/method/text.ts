import type { BareText } from '../../data/type.ts'
import * as binary from '../catalogue/binary.ts'
import * as distance from '../catalogue/distance.ts'
import { hash } from '../catalogue/hash.ts'
import * as json from '../catalogue/json.ts'
import * as pattern from '../catalogue/pattern.ts'
import * as shape from '../catalogue/text-shape.ts'
import * as text from '../catalogue/text.ts'
import type { FunctionOptions, RowFunction } from '../function.ts'

/** The methods of columns of text and bytes, and `hash`, as calls of the catalogue. E is the class of expressions. */
export abstract class TextMethods<E> {
  protected abstract call(fn: RowFunction, others?: readonly unknown[], options?: FunctionOptions): E

  #match(fn: RowFunction, regex: unknown, options: FunctionOptions = {}): E {
    return this.call(fn, [], pattern.patternOptions(fn.name, regex, options))
  }

  trim(characters?: string): E {
    return this.call(text.trim, [], { characters })
  }
  trimStart(characters?: string): E {
    return this.call(text.trimStart, [], { characters })
  }
  trimEnd(characters?: string): E {
    return this.call(text.trimEnd, [], { characters })
  }
  padStart(length: number, fill: string = ' '): E {
    return this.call(shape.padStart, [], { length, fill })
  }
  padEnd(length: number, fill: string = ' '): E {
    return this.call(shape.padEnd, [], { length, fill })
  }
  repeat(times: number): E {
    return this.call(shape.repeat, [], { times })
  }
  split(separator: string): E {
    return this.call(shape.split, [], { separator })
  }
  splitPart(separator: string, index: number): E {
    return this.call(shape.splitPart, [], { separator, index })
  }
  replaceFirst(search: string, replacement: string): E {
    return this.call(shape.replaceFirst, [], { search, replacement })
  }
  capitalize(): E {
    return this.call(shape.capitalize)
  }
  titleCase(): E {
    return this.call(shape.titleCase)
  }
  normalize(form: string = 'NFC'): E {
    return this.call(shape.normalize, [], { form })
  }
  codePoint(): E {
    return this.call(shape.codePoint)
  }
  like(like: string): E {
    return this.call(shape.like, [], { pattern: like })
  }

  matches(regex: RegExp): E {
    return this.#match(pattern.matches, regex)
  }
  extract(regex: RegExp, group: number | string = 0): E {
    return this.#match(pattern.extract, regex, { group })
  }
  extractAll(regex: RegExp, group: number | string = 0): E {
    return this.#match(pattern.extractAll, regex, { group })
  }
  replaceMatches(regex: RegExp, replacement: string): E {
    return this.#match(pattern.replaceMatches, regex, { replacement })
  }
  countMatches(regex: RegExp): E {
    return this.#match(pattern.countMatches, regex)
  }
  splitMatches(regex: RegExp): E {
    return this.#match(pattern.splitMatches, regex)
  }

  levenshtein(other: unknown): E {
    return this.call(distance.levenshtein, [other])
  }
  hamming(other: unknown): E {
    return this.call(distance.hamming, [other])
  }
  jaroWinkler(other: unknown): E {
    return this.call(distance.jaroWinkler, [other])
  }
  jaccard(other: unknown): E {
    return this.call(distance.jaccard, [other])
  }

  byteLength(): E {
    return this.call(binary.byteLength)
  }
  toBytes(): E {
    return this.call(binary.toBytes)
  }
  toText(): E {
    return this.call(binary.toText)
  }
  tryToText(): E {
    return this.call(binary.tryToText)
  }
  toHex(): E {
    return this.call(binary.toHex)
  }
  fromHex(): E {
    return this.call(binary.fromHex)
  }
  tryFromHex(): E {
    return this.call(binary.tryFromHex)
  }
  toBase64(): E {
    return this.call(binary.toBase64)
  }
  fromBase64(): E {
    return this.call(binary.fromBase64)
  }
  tryFromBase64(): E {
    return this.call(binary.tryFromBase64)
  }
  md5(): E {
    return this.call(binary.md5)
  }
  sha256(): E {
    return this.call(binary.sha256)
  }
  hash(): E {
    return this.call(hash)
  }

  json(path: string, type: BareText): E {
    return this.call(json.json, [], { path, type })
  }
  tryJson(path: string, type: BareText): E {
    return this.call(json.tryJson, [], { path, type })
  }
  jsonText(path: string = '$'): E {
    return this.call(json.jsonText, [], { path })
  }
  jsonKeys(path: string = '$'): E {
    return this.call(json.jsonKeys, [], { path })
  }
  jsonSize(path: string = '$'): E {
    return this.call(json.jsonSize, [], { path })
  }
  jsonType(path: string = '$'): E {
    return this.call(json.jsonType, [], { path })
  }
}
