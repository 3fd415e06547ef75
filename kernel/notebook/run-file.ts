/**
 * `millrace run in.ipynb`: reads the file, runs it, writes the executed notebook and the page, and says on standard
 * error what failed and where the results are. Files appear whole or not at all.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { hasTag, type Notebook } from './model.ts'
import { NotebookError } from './notebook-error.ts'
import { injectParameters, type Parameter } from './parameters.ts'
import { Progress } from './progress.ts'
import { readNotebook } from './read.ts'
import { NotebookRun, type Failure } from './run.ts'
import { writeNotebook } from './write.ts'

export interface RunFileOptions {
  readonly output: string | null
  readonly html: string | null
  readonly parameters: readonly Parameter[]
  readonly allowErrors: boolean
  readonly timeoutSeconds: number | null
  readonly drainSeconds: number
}

/** Gives the exit code: 0, 1 when something failed, 130 when it was interrupted. */
export async function runNotebookFile(path: string, options: RunFileOptions): Promise<number> {
  const name = basename(path)
  const folder = dirname(resolve(path))
  const read = readNotebook(readText(path), name)
  const notebook = injectParameters(read, options.parameters)
  if (options.parameters.length > 0 && !read.cells.some(cell => hasTag(cell, 'parameters'))) {
    say(`${name} has no cell tagged "parameters": the values are declared in a first cell`)
  }
  for (const target of [options.output, options.html]) if (target !== null) prepare(target)
  const started = performance.now()
  const run = new NotebookRun(notebook, { ...options, cwd: folder, progress: new Progress(process.stderr) })
  const interrupt = (): void => run.interrupt()
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', interrupt)
  try {
    const result = await run.run()
    for (const failure of result.failures) reportFailure(failure)
    const seconds = ((performance.now() - started) / 1000).toFixed(1)
    const outcome = result.interrupted ? 'interrupted' : result.failures.length > 0 ? 'failed' : 'done'
    say(`${name}: ${outcome} after ${seconds} s`)
    await writeResults(result.notebook, name, folder, options)
    return result.interrupted ? 130 : result.failures.length > 0 ? 1 : 0
  } finally {
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', interrupt)
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new NotebookError(`${path} cannot be read: ${reasonOf(cause)}`, { cause })
  }
}

async function writeResults(
  notebook: Notebook,
  name: string,
  folder: string,
  { output, html }: RunFileOptions,
): Promise<void> {
  if (output !== null) writeWhole(output, writeNotebook(notebook))
  if (html !== null) {
    const { notebookToHtml } = await import('./html/page.ts')
    writeWhole(html, notebookToHtml(notebook, { name: name.replace(/\.ipynb$/, ''), folder }))
  }
  if (output === null && html === null)
    say('no result was written: -o FILE.ipynb and --html FILE.html name files for it')
}

/** Makes the folder now, so that a long run does not end in the discovery that its result has no place. */
function prepare(path: string): void {
  try {
    mkdirSync(dirname(resolve(path)), { recursive: true })
  } catch (cause) {
    throw new NotebookError(`${path} cannot be written: ${reasonOf(cause)}`, { cause })
  }
}

function writeWhole(path: string, text: string): void {
  const part = `${resolve(path)}.${process.pid}.part`
  writeFileSync(part, text)
  renameSync(part, resolve(path))
  say(`  ${path}`)
}

function reportFailure({ count, background, error }: Failure): void {
  say(`\n${background ? 'background work of cell' : 'cell'} ${count} failed`)
  const traceback = error.traceback.length > 0 ? error.traceback.join('\n') : `${error.ename}: ${error.evalue}`
  const colors = process.stderr.isTTY === true && !process.env['NO_COLOR']
  // oxlint-disable-next-line no-control-regex
  say(`${colors ? traceback : traceback.replace(/\u001b\[[\d;]*m/g, '')}\n`)
}

function reasonOf(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : null
  if (code === 'ENOENT') return 'there is no such file'
  return cause instanceof Error ? cause.message : String(cause)
}

function say(text: string): void {
  process.stderr.write(`${text}\n`)
}
