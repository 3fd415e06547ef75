/** The pages of `docs/reference` are what the docstrings say now. `npm run docs` writes them anew. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { referencePages } from './docs/reference.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const pages = referencePages(root)

describe('the reference', () => {
  for (const { file, text } of pages) {
    test(`${file} says what the sources say`, async () => {
      await expect(text).toMatchFileSnapshot(join(root, 'docs/reference', file))
    })
  }

  test('has no page that nothing writes', () => {
    expect(readdirSync(join(root, 'docs/reference')).sort()).toEqual(pages.map(({ file }) => file).sort())
  })

  test('shows an example of every verb and every function of columns', () => {
    const silent = pages
      .filter(({ file }) => ['frames.md', 'expressions.md', 'aggregates.md', 'reading-and-writing.md'].includes(file))
      .flatMap(({ file, text }) =>
        text
          .split('\n### ')
          .slice(1)
          .filter(entry => /^`[^`]*\(/m.test(entry)) // a property needs no example
          .filter(entry => !/```typescript[^]*\/\/ =>/.test(entry))
          .map(entry => `${file}: ${entry.split('\n')[0]}`),
      )
    expect(silent).toEqual([])
  })
})
