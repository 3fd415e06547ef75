/**
 * Plants each fault in a copy of the sources, runs the tests that should notice, and says which did. The copy stands in
 * the system's temporary folder and goes with the process, so that the checkout is never touched. Without a fault the
 * tests must pass: what fails anyway notices nothing.
 *
 *   npm run test:faults                  all faults
 *   npm run test:faults -- timers        those whose rule or file has this text
 */
import { spawn } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { faults, type Fault } from './faults.ts'

const LIMIT_MS = 180_000

/** What tests of the engine and their set-up read. */
const COPIED = ['sdk', 'kernel', 'bench', 'test', 'package.json', 'tsconfig.json', 'vitest.config.ts']

const root = fileURLToPath(new URL('../..', import.meta.url))
const copy = mkdtempSync(join(tmpdir(), 'millrace-faults-'))
let stop = (): void => undefined

process.on('exit', () => rmSync(copy, { recursive: true, force: true }))
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const) {
  process.on(signal, () => {
    stop()
    process.exit(code)
  })
}

/** What a run of tests came to: the first one that failed, null where all passed. */
interface Outcome {
  readonly failed: string | null
  /** The tests did not run: what they said. */
  readonly broken: string | null
}

/** Packages are linked one by one: what tools keep beside them stays in the copy. */
function copySources(): void {
  for (const name of COPIED) cpSync(join(root, name), join(copy, name), { recursive: true })
  const packages = join(root, 'node_modules')
  mkdirSync(join(copy, 'node_modules'))
  for (const name of readdirSync(packages)) {
    if (!name.startsWith('.')) symlinkSync(join(packages, name), join(copy, 'node_modules', name))
  }
}

async function run(tests: readonly string[], bail: number): Promise<Outcome> {
  const report = join(copy, 'report.json')
  rmSync(report, { force: true })
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  const options = ['--project', 'unit', '--maxWorkers=1', `--bail=${bail}`, '--reporter=json', `--outputFile=${report}`]
  // a group of its own, so that a worker that never returns can be ended too
  const child = spawn(process.execPath, [vitest, 'run', ...options, ...tests], { cwd: copy, detached: true })
  let said = ''
  child.stdout.on('data', part => (said += String(part)))
  child.stderr.on('data', part => (said += String(part)))
  stop = () => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL')
  }
  let late = false
  const timer = setTimeout(() => {
    late = true
    stop()
  }, LIMIT_MS)
  const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve))
  clearTimeout(timer)
  if (late) return { failed: `they did not end within ${LIMIT_MS / 1000} s`, broken: null }
  if (!existsSync(report)) return { failed: null, broken: said.trim().slice(-1000) }
  const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as Report
  const failed = testResults.flatMap(file => file.assertionResults).find(test => test.status === 'failed')
  if (failed !== undefined) return { failed: failed.fullName, broken: null }
  const broken = testResults.find(file => file.status === 'failed')?.message ?? said
  return { failed: null, broken: code === 0 ? null : broken.trim().slice(0, 1000) }
}

/** The part of the report of vitest that is read. */
interface Report {
  readonly testResults: readonly {
    readonly status: string
    readonly message: string
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[]
  }[]
}

/** The source with the fault, or why it cannot be planted. */
function planted({ file, from, to }: Fault): { readonly text: string } | { readonly problem: string } {
  const path = join(copy, file)
  if (!existsSync(path)) return { problem: `there is no ${file}` }
  const parts = readFileSync(path, 'utf8').split(from)
  if (parts.length === 2) return { text: parts.join(to) }
  return {
    problem: `its text is ${parts.length === 1 ? 'no longer' : `${parts.length - 1} times`} in ${file}: ${from}`,
  }
}

const seconds = (from: number): string => `${((performance.now() - from) / 1000).toFixed(1).padStart(5)} s`

async function all(wanted: readonly string[]): Promise<number> {
  const text = ({ rule, file }: Fault): string => `${rule} ${file}`.toLowerCase()
  const chosen = faults.filter(each => wanted.every(word => text(each).includes(word.toLowerCase())))
  if (chosen.length === 0) {
    console.error(`no fault has "${wanted.join(' ')}" in its rule or file`)
    return 1
  }
  const began = performance.now()
  copySources()
  const tests = [...new Set(chosen.flatMap(fault => fault.tests))].sort()
  const sound = await run(tests, 0)
  if (sound.failed !== null || sound.broken !== null) {
    console.error(`without a fault the tests must pass, but: ${sound.failed ?? sound.broken}`)
    return 1
  }
  console.log(`passes    ${seconds(began)}  ${tests.length} files of tests without a fault`)
  let wrong = 0
  for (const fault of chosen) {
    const from = performance.now()
    const line = (word: string, rest: string): void => console.log(`${word.padEnd(9)} ${seconds(from)}  ${rest}`)
    const source = planted(fault)
    if ('problem' in source) {
      wrong++
      line('NOT FOUND', `${fault.rule}: ${source.problem}`)
      continue
    }
    const path = join(copy, fault.file)
    const before = readFileSync(path)
    writeFileSync(path, source.text)
    const { failed, broken } = await run(fault.tests, 1)
    writeFileSync(path, before)
    if (failed === null) wrong++
    if (failed !== null) line('caught', `${fault.rule} ‹ ${failed}`)
    else if (broken !== null) line('BROKEN', `${fault.rule}: the tests did not run: ${broken}`)
    else line('SURVIVED', `${fault.rule}: ${fault.file}, ${fault.tests.join(', ')}`)
  }
  console.log(`${chosen.length - wrong} of ${chosen.length} faults caught, ${seconds(began).trim()}`)
  return wrong === 0 ? 0 : 1
}

process.exit(await all(process.argv.slice(2)))
