/**
 * What a cell costs beside its own work, and how long the first result takes, in `millrace run` as a user starts it: the
 * runner, the language process that checks types, and the process that evaluates. CPU time is that of all three, as Linux
 * counts it for children that have ended. The limits are for a machine of 2020 that has nothing else to do.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Bench, Case, Measured, Scale, Side } from './harness/bench.ts'
import { median } from './harness/bench.ts'
import { root } from './harness/rivals.ts'

type Env = Readonly<Record<string, string>>

const trivialCells = ({ quick }: Scale): number => (quick ? 20 : 200)

/** Runs a notebook of these cells and gives the CPU seconds of its processes. */
function run(folder: string, cells: readonly string[], env: Env): number {
  const notebook = join(folder, 'cells.ipynb')
  const forms = cells.map((source, i) => ({
    cell_type: 'code',
    id: `c${i}`,
    metadata: {},
    source,
    execution_count: null,
    outputs: [],
  }))
  writeFileSync(notebook, JSON.stringify({ cells: forms, metadata: {}, nbformat: 4, nbformat_minor: 5 }))
  const before = childrenCpuSeconds()
  const command = [join(root, 'dist/kernel/main.js'), 'run', notebook, '-o', join(folder, 'out.ipynb')]
  const { status, stderr } = spawnSync(process.execPath, command, { env: { ...process.env, ...env }, encoding: 'utf8' })
  if (status !== 0) throw new Error(`the notebook failed: ${stderr}`)
  return childrenCpuSeconds() - before
}

/** Of ended children and theirs: cutime and cstime of proc(5), in ticks of 10 ms. */
function childrenCpuSeconds(): number {
  const stat = readFileSync('/proc/self/stat', 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[13]) + Number(fields[14])) / 100
}

const newFolder = (): string => mkdtempSync(join(tmpdir(), 'millrace-cells-'))

const NO_SNAPSHOT: Env = { MILLRACE_SNAPSHOT: 'off' }

/** A cache folder with the snapshot of the language process, which a session makes while a cell of it waits. */
function withSnapshot(folder: string): Env {
  const env = { XDG_CACHE_HOME: join(folder, 'cache') }
  const made = join(env.XDG_CACHE_HOME, 'millrace')
  mkdirSync(made, { recursive: true })
  const wait = `import { readdirSync } from 'node:fs'
while (!readdirSync(${JSON.stringify(made)}).some(name => name.endsWith('.blob'))) await new Promise(r => setTimeout(r, 100))`
  run(folder, [wait], env)
  return env
}

/** Cells that note when they ran; the last one writes the times to a file. */
function stampCells(file: string, count: number): string[] {
  const first = `import { writeFileSync } from 'node:fs'\nconst stamps: number[] = []`
  const last = `writeFileSync(${JSON.stringify(file)}, JSON.stringify(stamps))`
  return [first, ...Array.from({ length: count }, () => 'stamps.push(Date.now())'), last]
}

const cellCpu: Side = scale => {
  const folder = newFolder()
  const count = trivialCells(scale)
  const file = join(folder, 'stamps.json')
  const few = run(folder, stampCells(file, 1), NO_SNAPSHOT)
  return (): Measured => ({
    value: (1e3 * (run(folder, stampCells(file, count + 1), NO_SNAPSHOT) - few)) / count,
  })
}

const cellWall: Side = scale => {
  const folder = newFolder()
  const file = join(folder, 'stamps.json')
  return (): Measured => {
    run(folder, stampCells(file, trivialCells(scale) + 1), NO_SNAPSHOT)
    const stamps = JSON.parse(readFileSync(file, 'utf8')) as number[]
    return { value: median(stamps.slice(1).map((stamp, i) => stamp - stamps[i]!)) }
  }
}

const wholeRun =
  (envOf: (folder: string) => Env): Side =>
  () => {
    const folder = newFolder()
    const env = envOf(folder)
    return (): Measured => ({ value: 1e3 * run(folder, ['1 + 1'], env) })
  }

/** From the start of the command to the moment when its first cell runs. */
const firstResult: Side = () => {
  const folder = newFolder()
  const env = withSnapshot(folder)
  const file = join(folder, 'stamps.json')
  return (): Measured => {
    const start = Date.now()
    run(folder, stampCells(file, 1), env)
    const [stamp] = JSON.parse(readFileSync(file, 'utf8')) as number[]
    return { value: stamp! - start }
  }
}

const limited = (name: string, metric: string, limit: number, ours: Side): Case => ({
  name,
  metric,
  floor: 1,
  rounds: 3,
  warmups: 0,
  ours,
  rival: { limit },
})

export const bench: Bench = {
  name: 'cells',
  cases: [
    limited('trivial cell, mean of 200', 'cpu ms', 40, cellCpu),
    limited('trivial cell, median of 200', 'wall ms', 100, cellWall),
    limited(
      'run of one cell, no snapshot',
      'cpu ms',
      4000,
      wholeRun(() => NO_SNAPSHOT),
    ),
    limited('run of one cell, snapshot', 'cpu ms', 2000, wholeRun(withSnapshot)),
    limited('first result, snapshot', 'wall ms', 2500, firstResult),
  ],
}
