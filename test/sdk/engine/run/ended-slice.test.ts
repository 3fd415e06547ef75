import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

test('a job that is ended from outside within a slice fails as interrupted, and the next job runs', () => {
  const hook = `import { register } from 'node:module'; register(${JSON.stringify(new URL('strip-types.mjs', import.meta.url).href)})`
  const args = ['--import', `data:text/javascript,${encodeURIComponent(hook)}`, here('ended-slice.ts')]
  const out = execFileSync(process.execPath, args, { encoding: 'utf8', timeout: 30_000 })
  expect(JSON.parse(out)).toEqual({
    said: 'InterruptedError: first was interrupted. Start it again to begin anew.',
    state: 'failed',
    word: 0,
    second: 3,
  })
})
