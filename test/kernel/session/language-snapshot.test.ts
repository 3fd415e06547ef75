import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { languageSetup, packageRoot } from '../../../kernel/session/installation.ts'
import { LanguageClient } from '../../../kernel/session/language-client.ts'
import { LanguageSnapshot } from '../../../kernel/session/language-snapshot.ts'

const setup = languageSetup(path.join(packageRoot, 'test'))
const cache = mkdtempSync(path.join(tmpdir(), 'millrace-cache-'))
const folder = path.join(cache, 'millrace')
const before = process.env.XDG_CACHE_HOME
/** From the snapshot that was built before the tests, and from a file that is none. */
let warm: LanguageClient
let cold: LanguageClient

beforeAll(async () => {
  const snapshot = LanguageSnapshot.of(setup)!
  await snapshot.build().ended
  const file = snapshot.file()
  expect(file).toMatch(/\.blob$/)
  warm = new LanguageClient(setup, snapshot)
  process.env.XDG_CACHE_HOME = cache
  mkdirSync(folder)
  writeFileSync(path.join(folder, path.basename(file!)), 'no snapshot')
  cold = new LanguageClient(setup, LanguageSnapshot.of(setup))
})
afterAll(async () => {
  if (before === undefined) delete process.env.XDG_CACHE_HOME
  else process.env.XDG_CACHE_HOME = before
  await Promise.all([cold.close(), warm.close()])
  rmSync(cache, { recursive: true, force: true })
})

const code = 'import { join } from "node:path"\nenum E { A }\nconst x: string[] = [join("a"), E.A]\nx.map(y => y.'

test('a snapshot that does not start is removed, and the session starts cold', async () => {
  expect(readdirSync(folder)).toHaveLength(1)
  expect(await cold.call('check', { code: 'const n: number = ""' })).toMatchObject([{ code: 2322 }])
  expect(readdirSync(folder)).toEqual([])
})

test('a session from a snapshot gives the answers of one that started cold', async () => {
  for (const call of ['compile', 'check'] as const) {
    expect(await warm.call(call, { code })).toEqual(await cold.call(call, { code }))
  }
  const question = { code, cursor: code.length }
  expect((await warm.call('complete', question)).items.length).toBeGreaterThan(20)
  expect(await warm.call('complete', question)).toEqual(await cold.call('complete', question))
})
