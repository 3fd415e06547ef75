import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TestNotebook } from '../session/notebook.ts'

let notebook: TestNotebook
beforeAll(async () => {
  notebook = await TestNotebook.open()
  await notebook.run(`const host = (globalThis as any)[Symbol.for('Jupyter.host')]
const DISPLAY = Symbol.for('Jupyter.display')`)
})
afterAll(() => notebook.close())

describe('a value', () => {
  test('shows the bundle of its own method, also when that is a promise', async () => {
    for (const method of ['() { return bundle }', 'async () { return bundle }']) {
      const code = method.startsWith('async') ? `async [DISPLAY]${method.slice(5)}` : `[DISPLAY]${method}`
      const { events } = await notebook.run(
        `const bundle = { 'text/html': '<b>1</b>', 'text/plain': '1' };\n({ ${code} })`,
      )
      expect(events).toEqual([
        {
          kind: 'result',
          cell: expect.any(String),
          data: { 'text/html': '<b>1</b>', 'text/plain': '1' },
          metadata: {},
        },
      ])
    }
  })

  test('with an empty bundle shows nothing', async () => {
    expect((await notebook.run('({ [DISPLAY]: () => ({}) })')).events).toEqual([])
  })

  test('whose method fails gives the error of the cell', async () => {
    const { error } = await notebook.run('({ [DISPLAY]() { throw new RangeError("no picture") } })')
    expect(error).toMatchObject({ ename: 'RangeError', evalue: 'no picture' })
  })
})

describe('display', () => {
  test('shows bundles, values and texts of a type, in order', async () => {
    const { events } = await notebook.run(`display({ 'text/markdown': '*a*' })
display([1])
display.html('<i>')
display.json({ a: 1 })
display({ [DISPLAY]: async () => ({ 'text/latex': 'x' }) }); void 0`)
    expect(events.map(event => event.kind === 'display' && event.data)).toEqual([
      { 'text/markdown': '*a*' },
      { 'text/plain': '[ 1 ]' },
      { 'text/html': '<i>' },
      { 'application/json': { a: 1 } },
      { 'text/latex': 'x' },
    ])
  })

  test('is updated where it stands, from another cell', async () => {
    const first = await notebook.run('const shown = display.html("1"); void 0')
    await notebook.run('host.update(shown, { "text/html": "2" })')
    const update = await notebook.heard(event => event.kind === 'update')
    expect(update).toMatchObject({ cell: first.cell, data: { 'text/html': '2' } })
    expect(first.events[0]).toMatchObject({ kind: 'display', id: 'id' in update && update.id })
  })

  test('clears', async () => {
    const { events } = await notebook.run('display.clear(true)')
    expect(events).toMatchObject([{ kind: 'clear', wait: true }])
  })
})

test('the runner refuses channels to widgets', async () => {
  expect((await notebook.run('host.capabilities()')).result).toBe(
    "{ frontEnd: 'runner', comms: false, interactive: false }",
  )
  expect((await notebook.run('host.comm("widget", { data: {} })')).error?.evalue).toContain('capabilities().comms')
})

test('a value tells later cells its type', async () => {
  await notebook.run(`const told = { [Symbol.for('Jupyter.type')]: () => '{ colour: string }' }
let broken = { n: 1, [Symbol.for('Jupyter.type')]: '{ colour: ' }
const unknown = { n: 1, [Symbol.for('Jupyter.type')]: 'import("nowhere").Colour' }`)
  expect(await notebook.session.check('told.colour.length')).toEqual([])
  expect(await notebook.session.check('told.color')).toMatchObject([
    { line: 1, column: 6, text: expect.stringContaining("Did you mean 'colour'?") },
  ])
  expect(await notebook.session.check('broken.n.toFixed(); unknown.n.toFixed()')).toEqual([])
  expect(await notebook.session.check('unknown.m')).toMatchObject([{ column: 9 }])
})

describe('background work', () => {
  test('is listed with its progress until it has ended', async () => {
    const { cell } = await notebook.run(`let finish!: () => void
let rows = 0
host.background({ name: 'query', bounded: true, done: new Promise<void>(r => { finish = r }), progress: () => rows + ' rows',
  stop: async () => finish() })
rows = 5`)
    expect(notebook.session.background()).toMatchObject([{ cell, name: 'query', bounded: true }])
    await notebook.heard(event => event.kind === 'background' && event.works[0]?.progress === '5 rows')
    await notebook.run('finish()')
    await notebook.heard(event => event.kind === 'background' && event.cell === cell && event.works.length === 0)
    expect(notebook.session.background()).toEqual([])
  })

  test('that fails gives an error in its cell', async () => {
    const { cell, error } = await notebook.run(`host.background({ name: 'q', bounded: true, progress: () => '',
  done: Promise.reject(new TypeError('bad row')), stop: async () => {} })`)
    expect(error).toBe(null)
    const heard = await notebook.heard(event => event.kind === 'error' && event.error.evalue === 'bad row')
    expect(heard).toMatchObject({ cell, background: true, error: { ename: 'TypeError' } })
  })

  test('goes on through an interrupt and ends when asked to stop', async () => {
    await notebook.run(`let quit!: () => void
host.background({ name: 'live', bounded: false, done: new Promise<void>(r => { quit = r }), progress: () => 'on',
  stop: async () => quit() })`)
    await notebook.interrupted('console.log("ready"); for (;;) {}')
    expect(notebook.session.background().map(work => work.name)).toEqual(['live'])
    await notebook.session.stopBackground()
    expect(notebook.session.background()).toEqual([])
  })
})
