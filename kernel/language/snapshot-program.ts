/**
 * What a start-up snapshot holds: the same program as `main.ts`, with the libraries read and their tables built. The
 * builder calls `prepare` in the process that is frozen; a process started from the snapshot goes on in `serve`.
 */
import v8 from 'node:v8'
import { Language } from './language.ts'
import type { LanguageSetup } from './messages.ts'
import { serve, warm } from './serve.ts'

export function prepare(setup: LanguageSetup): void {
  const language = new Language(setup)
  warm(language)
  v8.startupSnapshot.setDeserializeMainFunction(() => serve(language))
}
