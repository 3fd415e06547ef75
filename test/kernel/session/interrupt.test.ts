import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TestNotebook } from './notebook.ts'

let notebook: TestNotebook
beforeAll(async () => {
  notebook = await TestNotebook.open()
  await notebook.run('let kept = 0')
})
afterAll(() => notebook.close())

const stubborn: Record<string, string> = {
  'a loop': 'console.log("ready"); while (true) {}',
  'a loop of awaits': 'console.log("ready"); for (;;) await 0',
  'an await that never ends': 'console.log("ready"); await new Promise(() => {})',
  'a last expression that never settles': 'console.log("ready"); new Promise(() => {})',
  'a loop after an await': 'await 0; console.log("ready"); for (;;) {}',
  'a loop in a timer': 'await new Promise(() => setTimeout(() => { console.log("ready"); for (;;) {} }, 1))',
  'a loop after a timer':
    'await new Promise(done => setTimeout(done, 1)); console.log("ready"); let spins = 0; for (;;) spins++',
  'a loop of timers': 'console.log("ready"); for (;;) { kept++; await new Promise(done => setTimeout(done, 1)) }',
  'a child process that blocks':
    'import { execSync } from "node:child_process"; console.log("ready"); execSync("sleep 60")',
  'a loop that prints': 'for (;;) console.log("ready")',
  'a regular expression that backtracks': 'console.log("ready"); /^(a+)+$/.test("a".repeat(60) + "b")',
}

describe('an interrupt ends', () => {
  for (const [name, code] of Object.entries(stubborn)) {
    test(`${name}, and earlier cells keep their state`, async () => {
      const { error } = await notebook.interrupted(code)
      expect(error?.ename).toBe('KeyboardInterrupt')
      expect((await notebook.run('typeof kept')).result).toBe("'number'")
    })
  }

  test('the timers of the cell', async () => {
    await notebook.run('kept = 0')
    await notebook.interrupted('setInterval(() => kept++, 1); console.log("ready"); await new Promise(() => {})')
    const { result } = await notebook.run(
      'const was = kept; await new Promise(done => setTimeout(done, 20)); kept - was',
    )
    expect(result).toBe('0')
  })

  test('a question that waits for its answer', async () => {
    let isAsked!: () => void
    const asked = new Promise<void>(resolve => (isAsked = resolve))
    const ran = notebook.run('prompt("?")', {
      input: () => {
        isAsked()
        return new Promise(() => {})
      },
    })
    await asked
    await notebook.session.interrupt()
    expect((await ran).error?.ename).toBe('KeyboardInterrupt')
    const { result } = await notebook.run('prompt("again?")', { input: async () => 'answered' })
    expect(result).toBe("'answered'")
  })

  test('a cell that is still being checked, which then never runs', async () => {
    const ran = notebook.run('kept = -1')
    await Promise.resolve()
    await notebook.session.interrupt()
    expect((await ran).error?.ename).toBe('KeyboardInterrupt')
    expect((await notebook.run('kept >= 0')).result).toBe('true')
  })
})

test('an interrupt ends a cell that waits behind code of an earlier one, which then never runs', async () => {
  await notebook.run(
    'kept = 0; setTimeout(() => { console.log("blocks"); const end = Date.now() + 2000; while (Date.now() < end); }, 50)',
  )
  await notebook.heard(event => event.kind === 'stream' && event.text.includes('blocks'))
  const ran = notebook.run('kept = -1')
  // Answers come in order: the first comes when the cell is asked for, the second when it is with the blocked process.
  await notebook.session.check('')
  await notebook.session.check('')
  await notebook.session.interrupt()
  expect((await ran).error?.ename).toBe('KeyboardInterrupt')
  expect((await notebook.run('kept')).result).toBe('0')
})

test('an interrupt aborts the signal of its cell', async () => {
  await notebook.interrupted(`const host = (globalThis as any)[Symbol.for('Jupyter.host')]
const signal: AbortSignal = host.signal(host.cell())
console.log('ready'); await new Promise(() => {})`)
  expect((await notebook.run('signal.aborted')).result).toBe('true')
})

test('an engine slice is asked to stop before anything is terminated', async () => {
  const { error } =
    await notebook.interrupted(`const critical: Int32Array = (globalThis as any)[Symbol.for('Jupyter.host')].critical
let asked = false
critical[0] = 1
console.log('ready')
try { while (Atomics.load(critical, 1) === 0) {} } finally { asked = true; critical[0] = 0 }
await new Promise(() => {})`)
  expect(error?.ename).toBe('KeyboardInterrupt')
  expect((await notebook.run('[asked, critical[1]]')).result).toBe('[ true, 0 ]')
})

test('an interrupt ends what its cell collects, and no query of another cell', async () => {
  const { error } = await notebook.run(`import { count, read, to } from 'millrace'
const rows = read.rows(Array.from({ length: 20_000 }, (_, i) => ({ key: i % 7, at: new Date(i * 3_600_000) })))
const query = rows.watermark('at', '1 minute').replay({ speed: 1 }).write(to.memory()).start({ name: 'slow' })`)
  expect(error).toBe(null)
  const loop = "console.log('ready'); for (;;) await rows.groupBy('key').aggregate(t => ({ n: count() })).collect()"
  expect((await notebook.interrupted(loop)).error?.ename).toBe('KeyboardInterrupt')
  expect((await notebook.run('query.progress().state')).result).toBe("'running'")
  expect(
    (await notebook.run("(await rows.groupBy('key').aggregate(t => ({ n: count() })).collect()).length")).result,
  ).toBe('7')
  await notebook.session.stopBackground()
  expect((await notebook.run('query.progress().state')).result).toBe("'stopped'")
})

test('an interrupt with nothing running does nothing', async () => {
  await notebook.session.interrupt()
  expect((await notebook.run('1')).result).toBe('1')
})
