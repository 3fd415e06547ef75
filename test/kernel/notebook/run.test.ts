/** Runs of the built command line, as a user sees them: files, text on standard error, exit codes. */
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { readNotebook } from '../../../kernel/notebook/read.ts'
import type { CodeCell, Output } from '../../../kernel/notebook/model.ts'

const command = fileURLToPath(new URL('../../../dist/kernel/main.js', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'millrace-run-'))

afterAll(() => rmSync(folder, { recursive: true }))

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

function start(...args: string[]): {
  child: ChildProcess
  ended: Promise<Ended>
  said: (text: string) => Promise<void>
} {
  expect(existsSync(command), 'the package is not built: npm run build').toBe(true)
  const child = spawn(process.execPath, [command, ...args], {
    cwd: folder,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let out = ''
  let err = ''
  let heard = (): void => undefined
  child.stdout.on('data', (chunk: Buffer) => ((out += chunk.toString()), heard()))
  child.stderr.on('data', (chunk: Buffer) => ((err += chunk.toString()), heard()))
  const ended = new Promise<Ended>(done => child.on('close', code => done({ code, out, err })))
  const said = (text: string): Promise<void> =>
    new Promise(done => {
      heard = () => (out + err).includes(text) && done()
      heard()
    })
  return { child, ended, said }
}

const millrace = (...args: string[]): Promise<Ended> => start(...args).ended

interface Source {
  readonly source: string
  readonly tags?: readonly string[]
  readonly outputs?: readonly object[]
}

let notebooks = 0

/** Writes a notebook of the sources and gives its name. */
function notebook(...sources: (string | Source)[]): string {
  const cells = sources.map((given, i) => {
    const { source, tags = [], outputs = [] } = typeof given === 'string' ? { source: given } : given
    return { cell_type: 'code', id: `c${i + 1}`, metadata: { tags }, execution_count: 9, outputs, source }
  })
  const name = `n${++notebooks}.ipynb`
  writeFileSync(join(folder, name), JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells }))
  return name
}

const codeCells = (name: string): CodeCell[] => {
  const { cells } = readNotebook(readFileSync(join(folder, name), 'utf8'), name)
  return cells.filter(cell => cell.kind === 'code')
}

const short = (output: Output): string => {
  if (output.kind === 'stream') return output.text.trimEnd()
  if (output.kind === 'error') return `${output.ename}: ${output.evalue}`
  return String(output.data['text/plain'] ?? output.data['text/html'])
}

const texts = (name: string): string[][] => codeCells(name).map(cell => cell.outputs.map(short))

describe('a notebook that is good', () => {
  test('is written with outputs, counts and times, and as a page', async () => {
    const name = notebook('const a: number = 20', '', 'console.log("out")\na + 1', {
      source: 'a.nothing()',
      tags: ['skip-execution'],
    })
    const { code, err, out } = await millrace('run', name, '-o', 'new/good.ipynb', '--html', 'new/good.html')
    expect({ code, out }, err).toEqual({ code: 0, out: '' })
    expect(err).toMatch(
      /^cell 1 of 2: \d\.\d s\ncell 2 of 2: \d\.\d s\nn\d+\.ipynb: done after .* s\n {2}new\/good.ipynb\n {2}new\/good.html\n$/,
    )
    expect(texts('new/good.ipynb')).toEqual([[], [], ['out', '21'], []])
    const cells = codeCells('new/good.ipynb')
    expect(cells.map(cell => cell.executionCount)).toEqual([1, null, 2, 9])
    expect(Object.keys(cells[0]!.metadata['execution'] as object)).toContain('iopub.status.idle')
    expect(readFileSync(join(folder, 'new/good.html'), 'utf8')).toContain('21')
  })

  test('finds files beside it, wherever the command is called', async () => {
    mkdirSync(join(folder, 'sub'))
    writeFileSync(join(folder, 'sub/beside.ts'), 'export const beside: string = "beside"\n')
    writeFileSync(join(folder, 'sub/data.txt'), 'data')
    const name = notebook(
      "import { beside } from './beside.ts'\nimport { readFileSync } from 'node:fs'\nconsole.log(beside, readFileSync('data.txt', 'utf8'))",
    )
    writeFileSync(join(folder, 'sub', name), readFileSync(join(folder, name)))
    const { code, err } = await millrace('run', `sub/${name}`, '-o', 'sub.ipynb')
    expect(code, err).toBe(0)
    expect(texts('sub.ipynb')).toEqual([['beside data']])
  })

  test('updates what earlier cells show', async () => {
    const host = "const host = (globalThis as any)[Symbol.for('Jupyter.host')]"
    const name = notebook(
      `${host}\nhost.display({ 'text/plain': 'old' }, { id: 'd' }); undefined`,
      "host.update('d', { 'text/plain': 'new' }); undefined",
    )
    const { code, err } = await millrace('run', name, '-o', 'update.ipynb')
    expect(code, err).toBe(0)
    expect(texts('update.ipynb')).toEqual([['new'], []])
  })
})

describe('a notebook that fails', () => {
  test('stops there, with the output so far, an error that names the line, and exit code 1', async () => {
    const stale = { output_type: 'stream', name: 'stdout', text: 'stale' }
    const name = notebook('console.log("before")', 'const x = 1\nthrow new RangeError("too far")', {
      source: '2',
      outputs: [stale],
    })
    const { code, err } = await millrace('run', name, '-o', 'fail.ipynb', '--html', 'fail.html')
    expect(code).toBe(1)
    expect(texts('fail.ipynb')).toEqual([['before'], ['RangeError: too far'], []])
    expect(codeCells('fail.ipynb').map(cell => cell.executionCount)).toEqual([1, 2, null])
    expect(err).toContain('cell 2 failed\nRangeError: too far\n')
    expect(err).toMatch(/2 \| throw new RangeError\("too far"\)/)
    expect(readFileSync(join(folder, 'fail.html'), 'utf8')).toContain('Cell 2 failed</a>: RangeError: too far')
  })

  test('goes on where the failure is expected, by tag or by option', async () => {
    const tagged = notebook({ source: 'throw new Error("as said")', tags: ['raises-exception'] }, '"after"')
    expect((await millrace('run', tagged, '-o', 'tagged.ipynb')).code).toBe(0)
    expect(texts('tagged.ipynb')).toEqual([['Error: as said'], ["'after'"]])
    const plain = notebook('throw new Error("anyway")', '"after"')
    expect((await millrace('run', plain, '-o', 'allowed.ipynb', '--allow-errors')).code).toBe(0)
    expect(texts('allowed.ipynb')).toEqual([['Error: anyway'], ["'after'"]])
  })

  test('by taking too long says so, and nothing allows that', async () => {
    const name = notebook({ source: 'console.log("in"); while (true) {}', tags: ['raises-exception'] }, '1')
    const { code, err } = await millrace('run', name, '-o', 'late.ipynb', '--timeout', '1')
    expect(code).toBe(1)
    expect(err).toContain('TimeoutError: the cell ran longer than 1 s')
    expect(texts('late.ipynb')).toEqual([
      ['in', 'TimeoutError: the cell ran longer than 1 s, the limit that --timeout sets'],
      [],
    ])
  })

  test('by killing its process is an error like any other', async () => {
    const { code } = await millrace(
      'run',
      notebook('process.kill(process.pid, "SIGKILL"); await new Promise(() => {})'),
      '-o',
      'died.ipynb',
    )
    expect(code).toBe(1)
    expect(texts('died.ipynb')[0]![0]).toMatch(/^ProcessDied: /)
  })
})

describe('parameters', () => {
  const declared = { source: 'const days = 30\nconst city = "Oslo"', tags: ['parameters'] }

  test('stand in a cell of their own after the declarations', async () => {
    const name = notebook(declared, '`${days + 1} ${city}`')
    const { code, err } = await millrace('run', name, '-p', 'days', '-7', '-r', 'city', '12', '-o', 'set.ipynb')
    expect(code, err).toBe(0)
    const cells = codeCells('set.ipynb')
    expect(cells.map(cell => cell.source)[1]).toBe('// Parameters\nconst days = -7\nconst city = "12"')
    expect(cells[1]!.metadata['tags']).toEqual(['injected-parameters'])
    expect(texts('set.ipynb')[2]).toEqual(["'-6 12'"])
  })

  test('that are wrong are refused before anything runs', async () => {
    const { code, err } = await millrace('run', notebook(declared), '-p', 'dyas', '7', '-o', 'never.ipynb')
    expect(code).toBe(2)
    expect(err).toContain('millrace: unknown parameter "dyas". Did you mean "days"?')
    expect(existsSync(join(folder, 'never.ipynb'))).toBe(false)
  })
})

/** A cell that announces background work; `done` is an expression for its end, `stop` a statement. */
const background = (name: string, bounded: boolean, done: string, stop = ''): string => `{
  const host = (globalThis as any)[Symbol.for('Jupyter.host')]
  let end = (value: unknown) => {}
  const stopped = new Promise(settle => (end = settle))
  const later = (ms: number) => new Promise<void>(next => setTimeout(next, ms))
  const work = { name: '${name}', bounded: ${String(bounded)}, done: ${done}, progress: () => '7 rows', stop: async () => { ${stop}; end(0) } }
  host.background(work)
}
undefined`

describe('background work', () => {
  test('lets the next cell run and is waited for when it is bounded', async () => {
    const name = notebook(
      background('counting', true, 'later(800).then(() => console.log("counted"))'),
      'console.log("second")',
    )
    const { code, err } = await millrace('run', name, '-o', 'bounded.ipynb', '--drain', '0')
    expect(code, err).toBe(0)
    expect(err).toContain('waiting for counting\n')
    expect(texts('bounded.ipynb')).toEqual([['counted'], ['second']])
  })

  test('without an end is stopped after the time it is given', async () => {
    const name = notebook(background('endless', false, 'stopped', 'console.log("stopped")'))
    const { code, err } = await millrace('run', name, '-o', 'endless.ipynb', '--drain', '0.2')
    expect(code, err).toBe(0)
    expect(texts('endless.ipynb')).toEqual([['stopped']])
  })

  test('that fails shows in its cell and fails the run, while the cells go on', async () => {
    const name = notebook(
      background('broken', true, 'later(50).then(() => { throw new RangeError("row 7") })'),
      'await new Promise(next => setTimeout(next, 300)); "went on"',
    )
    const { code, err } = await millrace('run', name, '-o', 'broken.ipynb')
    expect(code).toBe(1)
    expect(texts('broken.ipynb')).toEqual([['RangeError: row 7'], ["'went on'"]])
    expect(err).toContain('background work of cell 1 failed')
  })

  test('is stopped when a cell fails', async () => {
    const name = notebook(
      background('long', true, 'stopped.then(() => console.log("stopped"))'),
      'throw new Error("no")',
    )
    const { code } = await millrace('run', name, '-o', 'cut.ipynb')
    expect(code).toBe(1)
    expect(texts('cut.ipynb')).toEqual([['stopped'], ['Error: no']])
  })
})

describe('an interrupt', () => {
  test('ends the cell, keeps the output and exits with 130', async () => {
    const name = notebook('console.log("in"); require("node:fs").writeFileSync("mark", ""); while (true) {}', '2')
    const marked = new Promise<void>(done => {
      const watcher = watch(folder, (_, file) => {
        if (file !== 'mark') return
        watcher.close()
        done()
      })
    })
    const { child, ended } = start('run', name, '-o', 'stopped.ipynb')
    await marked
    // As a terminal does: to every process of the group.
    process.kill(-child.pid!, 'SIGINT')
    const { code, err } = await ended
    expect(code, err).toBe(130)
    expect(err).toContain('interrupted after')
    expect(texts('stopped.ipynb')).toEqual([['in', expect.stringMatching(/^KeyboardInterrupt/)], []])
  })
})

describe('a script', () => {
  test('runs with its arguments, imports, lines and exit code, where the command was called', async () => {
    writeFileSync(join(folder, 'part.ts'), 'export const twice = (n: number): number => n * 2\n')
    writeFileSync(
      join(folder, 'script.ts'),
      "import { twice } from './part.ts'\nconst n: number = await Promise.resolve(twice(2))\ninterface Row {}\nconsole.log(n, process.argv.slice(2).join(' '))\nconsole.error(new Error('row').stack)\nprocess.exitCode = 3\n",
    )
    const { code, out, err } = await millrace('run', 'script.ts', '--flag', 'x')
    expect({ code, out }).toEqual({ code: 3, out: '4 --flag x\n' })
    expect(err).toMatch(/^Error: row\n.*script\.ts:5:15/)
  })

  test('is not run when its types, or those of a file it imports, are wrong', async () => {
    writeFileSync(join(folder, 'wrong.ts'), 'export const text: string = 7\n')
    writeFileSync(join(folder, 'uses.ts'), "import { text } from './wrong.ts'\nconsole.log(text)\n")
    const { code, out, err } = await millrace('run', 'uses.ts')
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toBe("wrong.ts(1,14): error TS2322: Type 'number' is not assignable to type 'string'.\n")
  })

  test('that is interrupted ends with 130', async () => {
    writeFileSync(join(folder, 'waits.ts'), 'console.log("ready")\nsetInterval(() => undefined, 1000)\n')
    const { child, ended, said } = start('run', 'waits.ts')
    await said('ready')
    child.kill('SIGINT')
    expect((await ended).code).toBe(130)
  })
})

describe('the command line', () => {
  test.each([
    [['rnu'], 'unknown command rnu. Did you mean run?'],
    [['--hlep'], 'unknown option --hlep. Did you mean --help?'],
    [[], 'a command is missing: run or schema'],
    [['run'], 'run needs a file'],
    [['run', 'a.ipynb', '--htlm', 'x'], 'unknown option --htlm. Did you mean --html?'],
    [['run', 'a.ipynb', '-p', 'days'], '-p takes two words, NAME VALUE'],
    [['run', 'a.ipynb', '--timeout', 'soon'], '--timeout takes a number of seconds, found "soon"'],
    [['run', 'a.txt'], 'run takes a notebook (.ipynb) or a script (.ts), not a.txt'],
    [['run', 'none.ipynb'], 'none.ipynb cannot be read: there is no such file'],
    [['run', 'none.ts'], 'none.ts cannot be read: there is no such file'],
    [['schema'], 'schema needs a file'],
  ])('refuses %j with exit code 2', async (args, message) => {
    const { code, out, err } = await millrace(...args)
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain(`millrace: ${message}\n`)
  })

  test('knows its help and its version', async () => {
    expect((await millrace('--help')).out).toContain('millrace run NOTEBOOK.ipynb')
    expect((await millrace('--version')).out).toMatch(/^\d+\.\d+\.\d+\n$/)
  })
})
