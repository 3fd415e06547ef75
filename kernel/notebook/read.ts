/**
 * Text of an .ipynb file → Notebook. Everything that is not nbformat 4 is refused with the place where it stands;
 * what the format leaves open (lists of lines, missing or doubled cell ids) is settled here and nowhere else.
 */
import type { Bundle } from '../display/bundle.ts'
import { freeId, type Cell, type Metadata, type Notebook, type Output } from './model.ts'
import { NotebookError } from './notebook-error.ts'

/** Reads a notebook of format 4, any minor version. `name` stands in errors. */
export function readNotebook(text: string, name: string): Notebook {
  const file = new Place(name, '')
  const root = file.object(parseJson(text, name))
  if (root['nbformat'] !== 4) throw wrongFormat(root, name)
  if (!Array.isArray(root['cells'])) throw file.at('cells').error('a list of cells', root['cells'])
  const metadata = file.at('metadata').object(root['metadata'] ?? {})
  refuseOtherLanguage(metadata, name)
  const taken = new Set<string>()
  const cells = root['cells'].map((cell, i) => readCell(cell, new Place(name, `cell ${i + 1}`), i, taken))
  return { metadata, cells }
}

function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text.startsWith('\uFEFF') ? text.slice(1) : text)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new NotebookError(`${name} is not a notebook: it does not hold JSON (${reason})`, { cause })
  }
}

function wrongFormat(root: Metadata, name: string): NotebookError {
  if (typeof root['nbformat'] !== 'number') {
    return new NotebookError(`${name} is not a notebook: its JSON has no "nbformat" number`)
  }
  const found = root['nbformat']
  const advice = found < 4 ? 'Open and save it in Jupyter to convert it.' : 'A newer Millrace may read it.'
  return new NotebookError(`${name} has notebook format ${found}; this version reads format 4. ${advice}`)
}

const LANGUAGES = new Set(['typescript', 'javascript', 'ts', 'js'])

function refuseOtherLanguage(metadata: Metadata, name: string): void {
  const declared = [member(metadata['kernelspec'], 'language'), member(metadata['language_info'], 'name')]
  const language = declared.find(found => typeof found === 'string')
  if (typeof language === 'string' && !LANGUAGES.has(language.toLowerCase())) {
    throw new NotebookError(`${name} is written in ${language}; millrace runs notebooks in TypeScript`)
  }
}

function member(value: unknown, key: string): unknown {
  return isObject(value) ? value[key] : undefined
}

function readCell(value: unknown, place: Place, index: number, taken: Set<string>): Cell {
  const cell = place.object(value)
  const source = place.at('source').lines(cell['source'] ?? '')
  const metadata = place.at('metadata').object(cell['metadata'] ?? {})
  const given = cell['id']
  const id = freeId(typeof given === 'string' && given !== '' ? given : `cell-${index + 1}`, taken)
  const kind = cell['cell_type']
  if (kind === 'markdown' || kind === 'raw') {
    const attachments = cell['attachments'] === undefined ? null : place.at('attachments').bundles(cell['attachments'])
    return { kind, id, source, metadata, attachments }
  }
  if (kind !== 'code') throw place.at('cell_type').error('"code", "markdown" or "raw"', kind)
  const outputs = cell['outputs'] ?? []
  if (!Array.isArray(outputs)) throw place.at('outputs').error('a list', outputs)
  return {
    kind,
    id,
    source,
    metadata,
    executionCount: place.at('execution_count').count(cell['execution_count']),
    outputs: outputs.map((output, i) => readOutput(output, place.at(`output ${i + 1}`))),
  }
}

function readOutput(value: unknown, place: Place): Output {
  const output = place.object(value)
  const type = output['output_type']
  switch (type) {
    case 'stream': {
      const text = place.at('text').lines(output['text'] ?? '')
      return { kind: 'stream', name: output['name'] === 'stderr' ? 'stderr' : 'stdout', text }
    }
    case 'display_data':
    case 'execute_result': {
      const data = place.at('data').bundle(output['data'] ?? {})
      const metadata = place.at('metadata').object(output['metadata'] ?? {})
      if (type === 'display_data') return { kind: 'display', data, metadata }
      const executionCount = place.at('execution_count').count(output['execution_count'])
      return { kind: 'result', data, metadata, executionCount }
    }
    case 'error': {
      const frames = output['traceback'] ?? []
      if (!Array.isArray(frames)) throw place.at('traceback').error('a list of lines', frames)
      return {
        kind: 'error',
        ename: place.at('ename').lines(output['ename'] ?? ''),
        evalue: place.at('evalue').lines(output['evalue'] ?? ''),
        traceback: frames.map(frame => place.at('traceback').lines(frame)),
      }
    }
    default:
      throw place.at('output_type').error('"stream", "display_data", "execute_result" or "error"', type)
  }
}

/** A position in the file, for errors, and the readers that refuse what does not fit there. */
class Place {
  readonly #file: string
  readonly #path: string

  constructor(file: string, path: string) {
    this.#file = file
    this.#path = path
  }

  at(step: string): Place {
    return new Place(this.#file, this.#path === '' ? step : `${this.#path}, ${step}`)
  }

  error(wanted: string, found: unknown): NotebookError {
    const where = this.#path === '' ? this.#file : `${this.#file}: ${this.#path}`
    return new NotebookError(`${where} must be ${wanted}, found ${describe(found)}`)
  }

  object(value: unknown): Metadata {
    if (!isObject(value)) throw this.error('an object', value)
    return value
  }

  /** Text, also where it is split into a list of lines that keep their line ends. */
  lines(value: unknown): string {
    if (typeof value === 'string') return value
    if (Array.isArray(value) && value.every(line => typeof line === 'string')) return value.join('')
    throw this.error('text or a list of lines', value)
  }

  count(value: unknown): number | null {
    if (value === null || value === undefined) return null
    if (typeof value !== 'number' || !Number.isInteger(value)) throw this.error('a whole number or null', value)
    return value
  }

  /** A MIME bundle: text types as one string, JSON types as they are. */
  bundle(value: unknown): Bundle {
    const entries = Object.entries(this.object(value))
    return Object.fromEntries(
      entries.map(([mime, data]) => [mime, isJsonMime(mime) ? data : this.at(mime).lines(data)]),
    )
  }

  bundles(value: unknown): { readonly [name: string]: Bundle } {
    const entries = Object.entries(this.object(value))
    return Object.fromEntries(entries.map(([name, data]) => [name, this.at(name).bundle(data)]))
  }
}

function isJsonMime(mime: string): boolean {
  return mime === 'application/json' || mime.endsWith('+json')
}

function isObject(value: unknown): value is Metadata {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function describe(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  return 'an object'
}
