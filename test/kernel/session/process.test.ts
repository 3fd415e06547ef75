import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { compiled } from '../../../kernel/session/installation.ts'
import { TestNotebook } from './notebook.ts'

let notebook: TestNotebook
beforeAll(async () => {
  notebook = await TestNotebook.open()
})
afterAll(() => notebook.close())

test('a process that ends gives ProcessDied, and a new one takes its place without the names', async () => {
  await notebook.run('const lost = 1')
  const { error, stdout } = await notebook.run('console.log("last words"); process.exit(3)')
  expect(error).toMatchObject({ ename: 'ProcessDied', evalue: expect.stringContaining('code 3') })
  expect(stdout).toBe('last words\n')
  expect((await notebook.run('lost')).error?.evalue).toContain("Cannot find name 'lost'")
  expect((await notebook.run('1 + 1')).result).toBe('2')
})

test('a process killed between two cells is replaced', async () => {
  await notebook.run('setTimeout(() => process.kill(process.pid, "SIGKILL"), 1); const gone = 1')
  await expect.poll(async () => (await notebook.run('gone')).error?.ename, { timeout: 5000 }).toBe('TypeScriptError')
  expect((await notebook.run('2 + 2')).result).toBe('4')
})

/** A cell that announces work without an end. */
const endless = (name: string): string =>
  `(globalThis as any)[Symbol.for('Jupyter.host')].background({ name: '${name}', bounded: true,
  done: new Promise(() => {}), progress: () => '', stop: () => new Promise(() => {}) })`

const toldIn = (cell: string): readonly string[] =>
  notebook.events.flatMap(event => (event.kind === 'error' && event.cell === cell ? [event.error.evalue] : []))

test('a process that ends under background work tells the cells of the work', async () => {
  const { cell } = await notebook.run(endless('query'))
  await notebook.run('setTimeout(() => process.kill(process.pid, "SIGKILL"), 1); void 0')
  await expect.poll(() => toldIn(cell)).toEqual([expect.stringContaining('SIGKILL')])
  expect(notebook.session.background()).toEqual([])
})

test('background work that never stops is ended with its process', async () => {
  const { cell } = await notebook.run(endless('stubborn'))
  await notebook.session.stopBackground(50)
  expect(notebook.session.background()).toEqual([])
  expect(toldIn(cell)).toEqual([expect.stringContaining('background work did not stop within 0.05 s')])
  expect((await notebook.run('3 + 3')).result).toBe('6')
})

test('a language process that ends is replaced; the next cell says that names are lost', async () => {
  await notebook.run('const forgotten = 1')
  for (const pid of languageProcesses()) process.kill(pid, 'SIGKILL')
  const { error } = await notebook.run('forgotten')
  expect(error?.ename).toBe('LanguageProcessError')
  expect(error?.traceback.at(-1)).toBe('Run earlier cells again: what they declared is not known now.')
  expect((await notebook.run('const again = 2\nagain')).result).toBe('2')
  expect((await notebook.run('again + 1')).result).toBe('3')
})

test('a shutdown ends a cell that loops', async () => {
  const other = await TestNotebook.open()
  const ran = other.run('console.log("ready"); for (;;) {}')
  await other.heard(event => event.kind === 'stream')
  await other.close()
  expect((await ran).error?.ename).toBe('ProcessDied')
})

test('nothing outlives a session whose own process is killed, not even a loop or a grandchild', async () => {
  const script = `
import { startSession } from ${JSON.stringify(compiled('session/session'))}
const session = await startSession({ cwd: process.cwd(), frontEnd: 'runner',
  listen: event => event.kind === 'stream' && process.stdout.write(event.text) })
await session.execute({ cell: 'a', count: 1, code: \`import { spawn } from 'node:child_process'
const child = spawn('sleep', ['600'])
console.log([process.pid, child.pid].join(' '))
for (;;) {}\` })`
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(parent.stdout, 'data')) as [Buffer]
  const pids = String(line).trim().split(' ').map(Number)
  expect(pids).toHaveLength(2)
  parent.kill('SIGKILL')
  await expect.poll(() => pids.filter(isAlive), { timeout: 5000, interval: 10 }).toEqual([])
})

/** Those of this test's own process. */
function languageProcesses(): number[] {
  return execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' })
    .split('\n')
    .map(line => line.trim().split(/\s+/))
    .filter(([, parent, ...args]) => Number(parent) === process.pid && /language(\/main\.js)?$/.test(args.at(-1) ?? ''))
    .map(([pid]) => Number(pid))
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
