/**
 * `millrace run analysis.ts`: checks the types, then runs the script as `node` would, in a process of its own with the
 * standard streams, working folder, arguments and exit code of a plain script. It is not a cell: there is no host,
 * no display and no limit of time. Chosen over running it as one cell, because a script may be a whole program.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { compiled, languageSetup } from '../session/installation.ts'
import { NotebookError } from './notebook-error.ts'

/** Gives the exit code of the script, 128 + n where signal n ended it, or 1 with the errors where it is not run. */
export async function runScript(script: string, args: readonly string[]): Promise<number> {
  const path = resolve(script)
  if (!existsSync(path)) throw new NotebookError(`${script} cannot be read: there is no such file`)
  const { checkScript } = await import('../language/check-script.ts')
  const errors = checkScript(
    path,
    languageSetup(dirname(path)),
    process.stderr.isTTY === true && !process.env['NO_COLOR'],
  )
  if (errors !== '') {
    process.stderr.write(`${errors.trimEnd()}\n`)
    return 1
  }
  return await runChild(path, args)
}

function runChild(path: string, args: readonly string[]): Promise<number> {
  const loader = pathToFileURL(compiled('notebook/script-loader')).href
  const child = spawn(process.execPath, ['--import', loader, path, ...args], { stdio: 'inherit' })
  // A terminal sends Ctrl-C to both processes; elsewhere the signal comes here alone and is passed on.
  const interrupt = (): void => {
    if (process.stdin.isTTY !== true) child.kill('SIGINT')
  }
  const terminate = (): void => {
    child.kill('SIGTERM')
  }
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', terminate)
  return new Promise((done, fail) => {
    child.on('error', fail)
    child.on('exit', (code, signal) => done(code ?? 128 + (signal === null ? 0 : constants.signals[signal])))
  })
}
