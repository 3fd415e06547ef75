/**
 * `npm run bench -- NAME… [--json] [--quick] [--strict]`, `all` for every bench. Sides alternate, so that a machine that
 * warms up or is disturbed does so to both. The exit code is 1 where a ratio is below its floor (not in the quick form),
 * where answers differ, and under `--strict` where a rival is missing.
 */
import { execFile, fork } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { Bench, Case, Rival, Result } from './bench.ts'
import { result } from './bench.ts'
import type { Answer, Task } from './child.ts'
import { MissingRival } from './rivals.ts'

const folder = new URL('../', import.meta.url)

const { positionals, values: flags } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean' }, quick: { type: 'boolean' }, strict: { type: 'boolean' } },
})
const quick = flags.quick === true

const names = readdirSync(folder)
  .filter(name => name.endsWith('.js'))
  .map(name => name.slice(0, -3))
  .sort()

const chosen = positionals.includes('all') ? names : positionals
const unknown = chosen.filter(name => !names.includes(name))
if (chosen.length === 0 || unknown.length > 0) {
  const what = unknown.length > 0 ? `no bench is named ${unknown.join(', ')}` : 'usage: npm run bench -- NAME… | all'
  console.error(`${what}\nbenches: ${names.join(', ')}`)
  process.exit(2)
}

let failed = false
for (const name of chosen) {
  const file = new URL(`${name}.js`, folder).href
  const { bench } = (await import(file)) as { readonly bench: Bench }
  for (const [index, each] of bench.cases.entries()) {
    const { line, remarks, bad } = await compare(bench, each, { file, index, quick })
    failed ||= bad
    if (flags.json) console.log(JSON.stringify(line))
    else console.log(row(line))
    for (const remark of remarks) console.error(`  ${bench.name}, ${each.name}: ${remark}`)
  }
}
process.exit(failed ? 1 : 0)

async function compare(
  bench: Bench,
  each: Case,
  task: Omit<Task, 'side'>,
): Promise<{ line: Result; remarks: string[]; bad: boolean }> {
  const remarks: string[] = []
  const ours: number[] = []
  const rival: number[] = []
  let missing = false
  let bad = false
  for (let round = 0; round < (quick ? 1 : (each.rounds ?? 5)); round++) {
    const mine = await side({ ...task, side: 'ours' })
    if ('missing' in mine) throw new Error(mine.missing)
    ours.push(mine.value)
    const theirs = 'limit' in each.rival || missing ? null : await rivalSide(each.rival, task)
    if (theirs === null) continue
    if ('missing' in theirs) {
      missing = true
      bad ||= flags.strict === true
      remarks.push(theirs.missing)
      continue
    }
    rival.push(theirs.value)
    if (round === 0 && each.agree?.(mine.answer, theirs.answer) === false) {
      bad = true
      remarks.push(`the answers differ: ${brief(mine.answer)} and ${brief(theirs.answer)}`)
    }
  }
  const line = result(bench.name, each, ours, missing ? null : rival)
  if (!quick && line.ratio !== null && line.ratio < line.floor) {
    bad = true
    remarks.push(`the ratio ${line.ratio} is below the floor ${line.floor}`)
  }
  return { line, remarks, bad }
}

function side(task: Task): Promise<Answer> {
  return new Promise((done, fail) => {
    const child = fork(new URL('child.js', import.meta.url))
    let answer: Answer | undefined
    child.once('message', found => (answer = found as Answer))
    child.once('error', fail)
    child.once('exit', code => {
      if (answer !== undefined) done(answer)
      else fail(new Error(`${task.side} of ${task.file} ended with ${code} and no answer`))
    })
    child.send(task)
  })
}

async function rivalSide(rival: Rival, task: Omit<Task, 'side'>): Promise<Answer> {
  if (!('command' in rival)) return side({ ...task, side: 'rival' })
  try {
    const [program, ...args] = rival.command({ quick })
    return await new Promise((done, fail) => {
      execFile(program!, args, { maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
        if (error === null) done(JSON.parse(stdout.trim().split('\n').at(-1)!) as Answer)
        else if (error.code === 'ENOENT') fail(new MissingRival(`${program} is not installed`))
        else fail(new Error(`${program} ${args.join(' ')} failed:\n${stderr}`, { cause: error }))
      })
    })
  } catch (error) {
    if (error instanceof MissingRival) return { missing: error.message }
    throw error
  }
}

function brief(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 200)
}

function row(line: Result): string {
  const rival = line.rival === null ? 'missing' : `${line.rival}`
  const ratio =
    line.ratio === null ? '' : `ratio ${line.ratio}, floor ${line.floor}${quick ? ' (quick, not judged)' : ''}`
  const [left, right] = [`${line.bench}: ${line.case}`, `${line.metric}  ours ${line.ours}`]
  return `${left.padEnd(48)}  ${right.padEnd(24)}  ${`${line.rivalName} ${rival}`.padEnd(24)}  ${ratio}`
}
