/**
 * Notebook → text of an .ipynb file of format 4.5, laid out as Jupyter lays it out (keys in order, one blank of
 * indent, text as lists of lines), so that a file saved by either shows no difference that is not one.
 */
import type { Bundle } from '../display/bundle.ts'
import type { Cell, Metadata, Notebook, Output } from './model.ts'

/** The text of the file, ending in a line end. */
export function writeNotebook(notebook: Notebook): string {
  const metadata = { ...notebook.metadata, language_info: notebook.metadata['language_info'] ?? LANGUAGE }
  const file = { cells: notebook.cells.map(writeCell), metadata, nbformat: 4, nbformat_minor: 5 }
  return JSON.stringify(file, null, 1) + '\n'
}

const LANGUAGE: Metadata = { file_extension: '.ts', mimetype: 'text/typescript', name: 'typescript' }

function writeCell(cell: Cell): Metadata {
  if (cell.kind === 'code') {
    return {
      cell_type: 'code',
      execution_count: cell.executionCount,
      id: cell.id,
      metadata: cell.metadata,
      outputs: cell.outputs.map(writeOutput),
      source: lines(cell.source),
    }
  }
  const { kind, id, metadata, source, attachments } = cell
  const pictures =
    attachments === null
      ? {}
      : { attachments: Object.fromEntries(Object.entries(attachments).map(([name, data]) => [name, bundle(data)])) }
  return { ...pictures, cell_type: kind, id, metadata, source: lines(source) }
}

function writeOutput(output: Output): Metadata {
  switch (output.kind) {
    case 'stream':
      return { name: output.name, output_type: 'stream', text: lines(output.text) }
    case 'display':
      return { data: bundle(output.data), metadata: output.metadata, output_type: 'display_data' }
    case 'result': {
      const { data, metadata, executionCount } = output
      return { data: bundle(data), execution_count: executionCount, metadata, output_type: 'execute_result' }
    }
    case 'error': {
      const { ename, evalue, traceback } = output
      return { ename, evalue, output_type: 'error', traceback }
    }
  }
}

function bundle(data: Bundle): Metadata {
  return Object.fromEntries(
    Object.entries(data).map(([mime, value]) => [
      mime,
      typeof value === 'string' && isText(mime) ? lines(value) : value,
    ]),
  )
}

function isText(mime: string): boolean {
  return mime.startsWith('text/') || mime === 'image/svg+xml' || mime === 'application/javascript'
}

function lines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+/g) ?? []
}
