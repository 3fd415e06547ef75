import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TestNotebook, printed } from './notebook.ts'

let notebook: TestNotebook
beforeAll(async () => {
  notebook = await TestNotebook.open()
})
afterAll(() => notebook.close())

describe('output before the reply', () => {
  test('holds ten thousand lines in order', async () => {
    const { stdout, events } = await notebook.run('for (let i = 0; i < 10_000; i++) console.log(`line ${i}`)')
    expect(stdout).toBe(Array.from({ length: 10_000 }, (_, i) => `line ${i}\n`).join(''))
    expect(events.length).toBeLessThan(200)
  })

  test('keeps standard output and standard error in order', async () => {
    const { events } = await notebook.run('console.log("a"); console.error("b"); process.stdout.write("c"); void 0')
    expect(events.map(event => event.kind === 'stream' && [event.name, event.text])).toEqual([
      ['stdout', 'a\n'],
      ['stderr', 'b\n'],
      ['stdout', 'c'],
    ])
  })

  test('holds what child processes and file descriptors print', async () => {
    const { stdout, events } = await notebook.run(`import { execSync } from 'node:child_process'
import { writeSync } from 'node:fs'
execSync('echo child; echo trouble >&2', { stdio: 'inherit' })
void writeSync(1, 'descriptor')`)
    expect(stdout).toBe('child\ndescriptor')
    expect(printed(events, 'stderr')).toBe('trouble\n')
  })

  test('holds more than a pipe does, beyond ASCII', async () => {
    const { stdout } = await notebook.run('process.stdout.write("é😀".repeat(400_000)); void 0')
    expect(stdout === 'é😀'.repeat(400_000)).toBe(true)
  })

  test('has no colours and the whole console', async () => {
    const { stdout } = await notebook.run('console.table([{ a: 1 }]); console.dir({ b: "x" }); console.group("g")')
    expect(stdout).toContain('│ 0       │ 1 │')
    expect(stdout).toContain("{ b: 'x' }\ng\n")
    await notebook.run('console.groupEnd()')
  })
})

describe('output after the reply goes to the cell that started it', () => {
  test('from timers, promises and async functions', async () => {
    const first = await notebook.run(`let open!: () => void
const gate = new Promise<void>(resolve => { open = resolve })
setTimeout(() => console.log('timer'), 5)
void gate.then(() => console.log('promise'))
async function wait() { await gate; await 0; console.log('function') }
void wait(); void 0`)
    expect(first.events).toEqual([])
    const second = await notebook.run('open(); console.log("mine"); await new Promise(done => setTimeout(done, 30))')
    expect(second.stdout).toBe('mine\n')
    expect(
      printed(notebook.events.filter(event => event.cell === first.cell))
        .split('\n')
        .sort(),
    ).toEqual(['', 'function', 'promise', 'timer'])
  })

  test('still after a termination', async () => {
    await notebook.interrupted('console.log("ready"); for (;;) {}')
    const first = await notebook.run('setTimeout(async () => { await 0; console.log("late") }, 5); void 0')
    await notebook.run('await new Promise(done => setTimeout(done, 30))')
    expect(printed(notebook.events.filter(event => event.cell === first.cell))).toBe('late\n')
  })

  test('also what background work prints when it is stopped', async () => {
    const first = await notebook.run(`{
  let end!: () => void
  const done = new Promise<void>(resolve => { end = resolve })
  const stop = async () => { console.log('stopping'); await 0; console.log('stopped'); end() }
  ;(globalThis as any)[Symbol.for('Jupyter.host')].background({ name: 'w', bounded: false, done, progress: () => '', stop })
}`)
    const second = await notebook.run('console.log("second")')
    await notebook.session.stopBackground()
    const ofCell = (cell: string): string => printed(notebook.events.filter(event => event.cell === cell))
    expect([ofCell(first.cell), ofCell(second.cell)]).toEqual(['stopping\nstopped\n', 'second\n'])
  })

  test('and so do errors', async () => {
    const { cell, error } = await notebook.run(
      'void Promise.reject(new Error("lost")); setTimeout(() => { throw new Error("timer") }, 1)',
    )
    expect(error).toBe(null)
    for (const evalue of ['lost', 'timer']) {
      const heard = await notebook.heard(event => event.kind === 'error' && event.error.evalue === evalue)
      expect(heard).toMatchObject({ cell, background: true, error: { ename: 'Error' } })
    }
  })
})

describe('running a cell again', () => {
  test('aborts its signal, clears its timers and stops its background work first', async () => {
    const code = `const host = (globalThis as any)[Symbol.for('Jupyter.host')]
const signal: AbortSignal = host.signal(host.cell())
const log: string[] = ((globalThis as any).log ??= [])
signal.addEventListener('abort', () => log.push('aborted'))
setInterval(() => log.push('tick'), 1)
let end!: () => void
const done = new Promise<void>(resolve => { end = resolve })
host.background({ name: 'work', bounded: false, done, progress: () => 'p',
  stop: async () => { log.push('stopping'); end() } })
;[log.includes('tick'), log.filter(word => word !== 'tick')]`
    const cell = 'same'
    await notebook.run(code, { cell })
    await notebook.run('await new Promise(done => setTimeout(done, 20))')
    const { result, error } = await notebook.run(code, { cell })
    expect(error).toBe(null)
    expect(result).toBe("[ true, [ 'aborted', 'stopping' ] ]")
    await notebook.session.stopBackground()
    expect(notebook.session.background()).toEqual([])
  })
})
