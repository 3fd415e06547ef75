/**
 * An error as a reader of a notebook wants it: what was thrown, the line of the cell with a caret, the calls within
 * cells and the user's own files, and the causes. Frames of Node, of installed packages and of the kernel are left out.
 */
import { inspect } from 'node:util'
import { fileURLToPath } from 'node:url'
import path from 'node:path'
import { pointAt } from '../language/point-at.ts'
import { sourcePosition, type PositionMap } from '../language/position-map.ts'
import type { CellError } from '../session/contract.ts'

/** A call site prints itself as a line of a stack, which its type does not say. */
interface Printed {
  toString(): string
}

interface CellSource {
  readonly count: number
  readonly code: string
  readonly map: PositionMap
}

interface Place {
  readonly where: string
  readonly code: string | null
  readonly line: number
  readonly column: number
}

const MOST_CAUSES = 8
const sources = new Map<string, CellSource>()
/** The cell that was counted so last. */
const sourcesByCount = new Map<number, CellSource>()

/** Registers a cell's text and gives the name under which V8 shall know its script. */
export function scriptName(run: number, count: number, code: string, map: PositionMap): string {
  const name = `cell-${count}-${run}.ts`
  const source = { count, code, map }
  sources.set(name, source)
  sourcesByCount.set(count, source)
  return name
}

/** From now on `error.stack`, which users print, names cells by their own lines and leaves the kernel out. */
export function mapStacks(): void {
  Error.prepareStackTrace = (error, sites) => {
    const lines = [Error.prototype.toString.call(error)]
    for (const site of sites) {
      const file = site.getScriptNameOrSourceURL() ?? ''
      if (/^node:(internal|inspector)/.test(file) || (file.startsWith('file:') && isOurs(fileURLToPath(file)))) continue
      const place = cellPlace(file, site.getLineNumber() ?? 1, site.getColumnNumber() ?? 1, '')
      const line = (site as Printed).toString().replace(/\?v=\d+(?=:\d)/, '')
      lines.push(`    at ${place ? line.replace(/cell-\d+-\d+\.ts:\d+:\d+/, place.where) : line}`)
    }
    return lines.join('\n')
  }
}

export function describeError(thrown: unknown, at?: { script: string; line: number; column: number }): CellError {
  const extra = at ? cellPlace(at.script, at.line, at.column, '') : null
  const traceback = errorLines(thrown, extra)
  let cause = causeOf(thrown)
  let said = messageOf(thrown)
  for (let depth = 0; cause !== undefined && depth < MOST_CAUSES; depth++) {
    const [first, ...rest] = errorLines(cause, null)
    // An error that was only passed on, with the place put before its text, is said already.
    const passedOn = cause instanceof Error && rest.length === 0 && said.endsWith(messageOf(cause))
    if (!passedOn) traceback.push(`Caused by: ${first}`, ...rest)
    said = messageOf(cause)
    cause = causeOf(cause)
  }
  return { ename: nameOf(thrown), evalue: messageOf(thrown), traceback }
}

function errorLines(thrown: unknown, extra: Place | null): string[] {
  const lines = [headline(thrown)]
  const places = placesOf(thrown)
  // V8 gives a syntax error of the script itself no frame.
  if (extra && thrown instanceof SyntaxError && places.length === 0) places.push(extra)
  const own = places.find(place => place.code !== null)
  if (own) lines.push(...pointAt(own.code!, own.line, own.column))
  for (const place of places) lines.push(`    at ${place.where}`)
  if (thrown instanceof AggregateError) {
    for (const error of thrown.errors) lines.push(...errorLines(error, null).map(line => `  ${line}`))
  }
  return lines
}

function placesOf(thrown: unknown): Place[] {
  if (!(thrown instanceof Error)) return []
  const stack = read(() => thrown.stack)
  if (typeof stack !== 'string') return []
  const places: Place[] = []
  for (const frame of stack.split('\n')) {
    const parts = /^\s+at (?:(.*?) \()?((?:async )?cell \d+|[^()\s]+):(\d+):(\d+)\)?$/.exec(frame)
    if (!parts) continue
    const [, caller, file, line, column] = parts
    const place = placeOf(file!, Number(line), Number(column), caller?.replace(/^async $|^async (?=<)/, '') ?? '')
    if (place) places.push(place)
  }
  return places
}

function placeOf(file: string, line: number, column: number, caller: string): Place | null {
  if (sources.has(file)) return cellPlace(file, line, column, caller)
  const cell = /cell (\d+)$/.exec(file)
  if (cell) {
    const where = calling(caller, `cell ${cell[1]}:${line}:${column}`)
    return { where, code: sourcesByCount.get(Number(cell[1]))?.code ?? null, line, column }
  }
  if (!file.startsWith('file:')) return null
  const name = fileURLToPath(file.replace(/\?.*$/, ''))
  if (name.includes(`${path.sep}node_modules${path.sep}`) || isOurs(name)) return null
  const shown = path.relative(process.cwd(), name)
  return { where: calling(caller, `${shown}:${line}:${column}`), code: null, line, column }
}

const dist = path.resolve(import.meta.dirname, '..', '..')

function isOurs(file: string): boolean {
  return file.startsWith(dist + path.sep)
}

function cellPlace(script: string, line: number, column: number, caller: string): Place | null {
  const source = sources.get(script)
  const at = source && sourcePosition(source.map, line - 1, column - 1)
  if (!source || !at) return null
  const where = `cell ${source.count}:${at.line + 1}:${at.column + 1}`
  return { where: calling(caller, where), code: source.code, line: at.line + 1, column: at.column + 1 }
}

function calling(caller: string, where: string): string {
  return caller === '' || caller === '<anonymous>' ? where : `${caller} (${where})`
}

function headline(thrown: unknown): string {
  if (!(thrown instanceof Error)) return `Uncaught ${inspect(thrown)}`
  const message = messageOf(thrown)
  return message ? `${nameOf(thrown)}: ${message}` : nameOf(thrown)
}

function nameOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return 'Uncaught'
  const name = read(() => thrown.name)
  return typeof name === 'string' && name !== '' ? name : 'Error'
}

function messageOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return inspect(thrown)
  const message = read(() => thrown.message)
  return typeof message === 'string' ? message : inspect(message)
}

function causeOf(thrown: unknown): unknown {
  return thrown instanceof Error ? read(() => thrown.cause) : undefined
}

/** An error of the user's may throw from its own getters; then the part is shown as missing. */
function read(get: () => unknown): unknown {
  try {
    return get()
  } catch {
    return undefined
  }
}
