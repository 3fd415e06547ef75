/**
 * What an example says a value looks like, compared with `util.inspect` of it. Only the amount of white space is free,
 * and `throws Name: text` stands for an error.
 */
import { formatWithOptions, inspect } from 'node:util'
import { expect } from 'vitest'

type Outcome = { readonly value: unknown } | { readonly logged: readonly unknown[] }

const options = { depth: 6, breakLength: 120, compact: 3 }

const normal = (text: string): string => text.replace(/\s+/g, ' ').trim()

export async function check(line: number, run: () => Promise<Outcome>, expected: string): Promise<void> {
  const found = await run().then(
    outcome => ('logged' in outcome ? formatWithOptions(options, ...outcome.logged) : inspect(outcome.value, options)),
    (error: unknown) => {
      if (!expected.startsWith('throws ')) throw error
      return `throws ${error instanceof Error ? `${error.name}: ${error.message}` : inspect(error)}`
    },
  )
  expect(normal(found), `line ${line}`).toBe(normal(expected))
}
