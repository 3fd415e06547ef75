import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { languageSetup, packageRoot } from '../../../kernel/session/installation.ts'
import { LanguageClient } from '../../../kernel/session/language-client.ts'
import { LanguageSnapshot } from '../../../kernel/session/language-snapshot.ts'

const setup = languageSetup(path.join(packageRoot, 'test'))
/** Built before the tests. */
const snapshot = LanguageSnapshot.of(setup)!
const cache = mkdtempSync(path.join(tmpdir(), 'millrace-cache-'))
const before = process.env.XDG_CACHE_HOME

afterAll(() => {
  if (before === undefined) delete process.env.XDG_CACHE_HOME
  else process.env.XDG_CACHE_HOME = before
  rmSync(cache, { recursive: true, force: true })
})

test('a session from a snapshot gives the answers of one that started cold', async () => {
  await snapshot.build().ended
  expect(snapshot.file()).toMatch(/\.blob$/)
  const cold = new LanguageClient(setup, null)
  const warm = new LanguageClient(setup, snapshot)
  const code = 'import { join } from "node:path"\nenum E { A }\nconst x: string[] = [join("a"), E.A]\nx.map(y => y.'
  for (const call of ['compile', 'check'] as const) {
    expect(await warm.call(call, { code })).toEqual(await cold.call(call, { code }))
  }
  const question = { code, cursor: code.length }
  expect((await warm.call('complete', question)).items.length).toBeGreaterThan(20)
  expect(await warm.call('complete', question)).toEqual(await cold.call('complete', question))
  await Promise.all([cold.close(), warm.close()])
})

test('a snapshot that does not start is removed, and the session starts cold', async () => {
  process.env.XDG_CACHE_HOME = cache
  const folder = path.join(cache, 'millrace')
  mkdirSync(folder)
  writeFileSync(path.join(folder, path.basename(snapshot.file()!)), 'no snapshot')
  const broken = LanguageSnapshot.of(setup)!
  expect(broken.file()).not.toBe(null)
  const client = new LanguageClient(setup, broken)
  expect(await client.call('check', { code: 'const n: number = ""' })).toMatchObject([{ code: 2322 }])
  await client.close()
  expect(readdirSync(folder).filter(name => name.endsWith('.blob'))).toEqual([])
})
