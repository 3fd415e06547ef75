import type { Refused } from './function.ts'

/**
 * Regular expressions of JavaScript in the words of RE2, which DuckDB has. Only what both read alike is written: each
 * part is parsed and written again, and what RE2 does not have, or reads otherwise, is refused with the reason.
 */

export interface Re2 {
  readonly source: string
  /** True where the pattern matches an empty text: executors go on from such a match in different ways. */
  readonly empty: boolean
  /** True where the pattern looks at what stands around a match: at an end of the text or of a word. */
  readonly anchored: boolean
  /** True where a group may be left out of a match, or is repeated. */
  readonly loose: boolean
}

class NotAlike extends Error {}

/** The pattern for RE2, read as with the flag u. */
export function toRe2(source: string, flags: string): Re2 | Refused {
  if (flags.includes('m')) return { refused: 'the ends of lines differ with the flag m' }
  try {
    return new Reader(source, flags).read()
  } catch (error) {
    if (error instanceof NotAlike) return { refused: error.message }
    throw error
  }
}

const SPACES = '\\t-\\r\\x{20}\\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}\\x{feff}'
const CONTROLS: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f', v: '\v' }

interface Part {
  readonly text: string
  readonly empty: boolean
  readonly groups: boolean
}

class Reader {
  readonly #source: string
  readonly #ignoreCase: boolean
  readonly #dotAll: boolean
  #at = 0
  #anchored = false
  #loose = false

  constructor(source: string, flags: string) {
    this.#source = source
    this.#ignoreCase = flags.includes('i')
    this.#dotAll = flags.includes('s')
  }

  read(): Re2 {
    const { text, empty } = this.#alternatives()
    return { source: this.#ignoreCase ? `(?i:${text})` : text, empty, anchored: this.#anchored, loose: this.#loose }
  }

  #alternatives(): Part {
    const parts = [this.#sequence()]
    while (this.#take('|')) parts.push(this.#sequence())
    if (parts.length === 1) return parts[0]!
    const groups = parts.some(part => part.groups)
    if (groups) this.#loose = true
    return { text: parts.map(part => part.text).join('|'), empty: parts.some(part => part.empty), groups }
  }

  #sequence(): Part {
    let [text, empty, groups] = ['', true, false]
    while (this.#at < this.#source.length && !/[|)]/.test(this.#next)) {
      const part = this.#repeated()
      text += part.text
      empty &&= part.empty
      groups ||= part.groups
    }
    return { text, empty, groups }
  }

  #repeated(): Part {
    const part = this.#atom()
    const match = /^(?:[*+?]|\{(\d+)(?:,(\d*))?\})\??/.exec(this.#source.slice(this.#at))
    if (match === null) return part
    this.#at += match[0].length
    if (Number(match[1] ?? 0) > 1000 || Number(match[2] ?? 0) > 1000) throw new NotAlike('RE2 repeats up to 1000 times')
    if (part.empty) throw new NotAlike('what may be empty is repeated in another way')
    if (part.groups) this.#loose = true
    const none = /^[*?]/.test(match[0]) || match[1] === '0'
    return { text: part.text + match[0], empty: none, groups: part.groups }
  }

  #atom(): Part {
    const one = (text: string): Part => ({ text, empty: false, groups: false })
    const nothing = (text: string): Part => {
      this.#anchored = true
      return { text, empty: true, groups: false }
    }
    if (this.#take('^')) return nothing('^')
    if (this.#take('$')) return nothing('$')
    if (this.#take('.')) return one(this.#dotAll ? '(?s:.)' : '[^\\n\\r\\x{2028}\\x{2029}]')
    if (this.#take('[')) return one(this.#class())
    if (this.#take('(')) return this.#group()
    if (this.#take('\\')) {
      if (/[bB]/.test(this.#next)) {
        if (this.#ignoreCase) throw new NotAlike('words differ with the flag i')
        return nothing(`\\${this.#point()}`)
      }
      const set = this.#set()
      return one(set === undefined ? written(this.#escape()) : `[${set}]`)
    }
    return one(written(this.#point()))
  }

  #group(): Part {
    let open = '('
    if (this.#take('?:')) open = '(?:'
    else if (/^\?<[A-Za-z_$]/.test(this.#source.slice(this.#at))) this.#at = this.#source.indexOf('>', this.#at) + 1
    else if (this.#next === '?') throw new NotAlike('RE2 does not look around')
    const inner = this.#alternatives()
    this.#take(')')
    return { text: `${open}${inner.text})`, empty: inner.empty, groups: inner.groups || open === '(' }
  }

  #class(): string {
    let text = this.#take('^') ? '[^' : '['
    if (this.#next === ']') throw new NotAlike('RE2 has no empty class')
    while (!this.#take(']')) {
      const set = this.#take('\\') ? (this.#set() ?? written(this.#escape())) : written(this.#point())
      text += set
      if (this.#next !== '-' || this.#source[this.#at + 1] === ']') continue
      this.#at++
      text += `-${written(this.#take('\\') ? this.#escape() : this.#point())}`
    }
    return `${text}]`
  }

  /** The inside of a class for `\d`, `\w` or `\s`, after its backslash. */
  #set(): string | undefined {
    const letter = this.#next
    if (!/[dwsDWS]/.test(letter)) return undefined
    if (/[wW]/.test(letter) && this.#ignoreCase) throw new NotAlike('words differ with the flag i')
    if (letter === 'S') throw new NotAlike('RE2 has other white space than \\S')
    this.#at++
    return letter === 's' ? SPACES : `\\${letter}`
  }

  /** The code point of an escape, after its backslash. */
  #escape(): string {
    const rest = this.#source.slice(this.#at)
    const hex = /^(?:x([\da-f]{2})|u([\da-f]{4})|u\{([\da-f]+)\})/i.exec(rest)
    if (hex !== null) {
      this.#at += hex[0].length
      const point = Number.parseInt(hex[1] ?? hex[2] ?? hex[3]!, 16)
      if (point >= 0xd800 && point <= 0xdfff) throw new NotAlike('RE2 has no surrogates')
      return String.fromCodePoint(point)
    }
    const next = this.#point()
    const control = CONTROLS[next]
    if (control !== undefined) return control
    if (/\w/.test(next)) throw new NotAlike(`RE2 reads \\${next} in another way, or not at all`)
    return next
  }

  get #next(): string {
    return this.#source[this.#at] ?? ''
  }

  #point(): string {
    const point = String.fromCodePoint(this.#source.codePointAt(this.#at) ?? 0)
    this.#at += point.length
    return point
  }

  #take(text: string): boolean {
    if (!this.#source.startsWith(text, this.#at)) return false
    this.#at += text.length
    return true
  }
}

/** A code point that stands for itself. */
function written(point: string): string {
  if (/[\dA-Za-z]/.test(point)) return point
  const code = point.codePointAt(0)!
  if (code === 0) throw new NotAlike('a text of DuckDB has no zero byte in a pattern')
  return `\\x{${code.toString(16)}}`
}
