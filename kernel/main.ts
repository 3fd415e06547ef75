#!/usr/bin/env node
/**
 * The command line. It says what it did not understand and ends with 2; a run ends with 1 when something in it failed
 * and with 130 when it was interrupted. Commands are loaded when they are called for.
 */
import { readFileSync } from 'node:fs'
import { parseArgs, type ParseArgsConfig } from 'node:util'
import { nearest } from './notebook/nearest.ts'
import { NotebookError } from './notebook/notebook-error.ts'
import type { Parameter } from './notebook/parameters.ts'

const HELP = `millrace: streaming analytics and machine learning for TypeScript

  millrace run NOTEBOOK.ipynb [options]   runs a notebook, without Jupyter
    -o, --output FILE      writes the executed notebook
        --html FILE        writes one HTML page that works offline
    -p, --parameter NAME VALUE
                           sets a variable that the cell tagged "parameters" declares
    -r, --raw NAME VALUE   the same, and VALUE stays text
        --timeout SECONDS  interrupts a cell that runs longer, and fails
        --allow-errors     goes on after a failing cell
        --drain SECONDS    how long queries without an end go on after the last cell (5)

  millrace run SCRIPT.ts [arguments]      checks the types of a script and runs it
  millrace schema FILE                    prints the schema of a data file, to paste into a script

  millrace --help, --version

A run ends with 0, with 1 when a cell, a query or the script failed, with 2 when it could not
begin, with 130 when it was interrupted. Ctrl-C interrupts the running cell; a second one ends the run.
`

const COMMANDS: { readonly [name: string]: (args: readonly string[]) => Promise<number> } = { run, schema }

/** Words on the command line that cannot be understood. */
class UsageError extends Error {}

async function main(args: readonly string[]): Promise<number> {
  const [command, ...rest] = args
  if (command === undefined) throw new UsageError('a command is missing: run or schema')
  if (command === '--help' || command === '-h' || command === 'help') return print(HELP)
  if (command === '--version' || command === '-v') return print(`${version()}\n`)
  const called = Object.hasOwn(COMMANDS, command) ? COMMANDS[command] : undefined
  if (called !== undefined) return await called(rest)
  const isOption = command.startsWith('-')
  const known = isOption ? ['--help', '--version'] : Object.keys(COMMANDS)
  throw unknownWord(isOption ? 'option' : 'command', command, known)
}

async function run(args: readonly string[]): Promise<number> {
  const [first, ...others] = args
  if (first !== undefined && /^[^-].*\.m?ts$/.test(first)) {
    const { runScript } = await import('./notebook/run-script.ts')
    return await runScript(first, others)
  }
  const { parameters, rest } = takeParameters(args)
  const { values, positionals } = parse(rest, {
    output: { type: 'string', short: 'o' },
    html: { type: 'string' },
    timeout: { type: 'string' },
    drain: { type: 'string' },
    'allow-errors': { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  })
  if (values['help'] === true) return print(HELP)
  const notebook = onlyFile('run', positionals)
  if (/\.m?ts$/.test(notebook)) throw new UsageError(`options of a notebook do not apply to the script ${notebook}`)
  if (!notebook.endsWith('.ipynb'))
    throw new UsageError(`run takes a notebook (.ipynb) or a script (.ts), not ${notebook}`)
  const { runNotebookFile } = await import('./notebook/run-file.ts')
  return await runNotebookFile(notebook, {
    output: text(values['output']),
    html: text(values['html']),
    parameters,
    allowErrors: values['allow-errors'] === true,
    timeoutSeconds: seconds('timeout', values['timeout']),
    drainSeconds: seconds('drain', values['drain']) ?? 5,
  })
}

async function schema(args: readonly string[]): Promise<number> {
  const { values, positionals } = parse(args, { help: { type: 'boolean', short: 'h' } })
  if (values['help'] === true) return print(HELP)
  const file = onlyFile('schema', positionals)
  const sdk = await import('millrace/cli')
  return print(`${(await sdk.schema(file)).trimEnd()}\n`)
}

/** Takes out `-p NAME VALUE` and `-r NAME VALUE`: an option with two words, where a value may begin with a dash. */
function takeParameters(args: readonly string[]): { parameters: Parameter[]; rest: string[] } {
  const parameters: Parameter[] = []
  const rest: string[] = []
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!
    const raw = arg === '-r' || arg === '--raw'
    if (!raw && arg !== '-p' && arg !== '--parameter') {
      rest.push(arg)
      continue
    }
    const [name, value] = args.slice(i + 1, i + 3)
    if (name === undefined || value === undefined) throw new UsageError(`${arg} takes two words, NAME VALUE`)
    parameters.push({ name, value, raw })
    i += 2
  }
  return { parameters, rest }
}

type Options = NonNullable<ParseArgsConfig['options']>
type Values = { readonly [name: string]: unknown }

function parse(args: readonly string[], options: Options): { values: Values; positionals: string[] } {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause
    const unknown = /^Unknown option '([^']+)'/.exec(cause.message)?.[1]
    const known = [...Object.keys(options).map(name => `--${name}`), '--parameter', '--raw']
    if (unknown !== undefined) throw unknownWord('option', unknown, known)
    throw new UsageError(cause.message.split('. ')[0], { cause })
  }
}

function unknownWord(what: string, word: string, known: readonly string[]): UsageError {
  const near = nearest(word, known)
  return new UsageError(`unknown ${what} ${word}${near === null ? '' : `. Did you mean ${near}?`}`)
}

function onlyFile(command: string, positionals: readonly string[]): string {
  const [file, ...more] = positionals
  if (file === undefined) throw new UsageError(`${command} needs a file`)
  if (more.length > 0) throw new UsageError(`${command} takes one file, found ${positionals.join(' ')}`)
  return file
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

function seconds(option: string, value: unknown): number | null {
  if (typeof value !== 'string') return null
  const number = Number(value)
  if (value.trim() === '' || !(number >= 0 && number < 2_000_000)) {
    throw new UsageError(`--${option} takes a number of seconds, found "${value}"`)
  }
  return number
}

function version(): string {
  const file: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  return typeof file === 'object' && file !== null && 'version' in file ? String(file.version) : 'unknown'
}

function print(text: string): number {
  process.stdout.write(text)
  return 0
}

function explain(error: unknown): number {
  if (error instanceof UsageError)
    process.stderr.write(`millrace: ${error.message}\nmillrace --help lists what there is\n`)
  else if (error instanceof NotebookError) process.stderr.write(`millrace: ${error.message}\n`)
  else {
    const shown =
      error instanceof Error && !('code' in error) ? error.stack : error instanceof Error ? error.message : error
    process.stderr.write(`millrace: ${String(shown)}\n`)
    return 1
  }
  return 2
}

process.exitCode = await main(process.argv.slice(2)).catch(explain)
