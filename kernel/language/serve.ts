/** The language process: answers one request a line on standard input with one line on standard output, in order. */
import { writeSync } from 'node:fs'
import { Language } from './language.ts'
import type { LanguageAnswer, LanguageRequest } from './messages.ts'

/** Touches what most cells use: modules of Node, and this package's own types. */
const FIRST_CELL = `import 'node:fs'
import * as millrace from 'millrace'
const warm: number[] = [1, 2].map(n => n + Object.keys(millrace).length)
console.log(warm, process.cwd(), setTimeout)
`

/** Serves until the input ends. `language` is one that a snapshot has brought along. */
export function serve(language: Language | null): void {
  let speaker = language
  let rest = ''
  process.stdin.setEncoding('utf8')
  process.stdin.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop()!
    for (const line of lines) {
      const message = JSON.parse(line) as LanguageRequest
      if (message.call === 'open') {
        if (speaker) speaker.open(message.request)
        else {
          speaker = new Language(message.request)
          warm(speaker)
        }
        say({ id: message.id, answer: null })
      } else say(answer(speaker!, message))
    }
  })
  // A terminal sends Ctrl-C to the whole group; it is meant for the cell.
  process.on('SIGINT', () => undefined)
  process.stdin.on('end', () => process.exit(0))
}

export function warm(language: Language): void {
  language.warm(FIRST_CELL)
}

function answer(language: Language, message: Exclude<LanguageRequest, { call: 'open' }>): LanguageAnswer {
  try {
    const call = language[message.call].bind(language) as (request: unknown) => unknown
    return { id: message.id, answer: call(message.request) }
  } catch (error) {
    return { id: message.id, failure: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}

function say(message: LanguageAnswer): void {
  const bytes = Buffer.from(`${JSON.stringify(message)}\n`)
  let written = 0
  while (written < bytes.length) {
    try {
      written += writeSync(1, bytes, written)
    } catch (error) {
      // The pipe is full until the session reads on.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
    }
  }
}
