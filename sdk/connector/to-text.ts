import { basename, resolve } from 'node:path'
import type { Batch } from '../data/batch.ts'
import { valueAt, type Column, type Value } from '../data/column.ts'
import { PlanError } from '../data/errors.ts'
import { toJs } from '../data/row.ts'
import type { Schema } from '../data/schema.ts'
import { bareText, type DataType } from '../data/type.ts'
import type { Sink, SinkWriter } from '../plan/port.ts'
import { StagedFile } from './file.ts'
import { jsonText } from './json-value.ts'

/**
 * Text files as sinks. Like every file sink they write beside the final name and take it when all rows are in; a failed
 * query leaves what was there before.
 */

/** What a text of some kind puts before the rows, and a row's value. */
interface TextForm {
  head(schema: Schema): string
  row(values: readonly string[], schema: Schema): string
  /** What stands between two rows, and what ends them. */
  readonly between?: string
  readonly end?: string
  value(value: Value, type: DataType): string
}

/** A CSV file: a header, then the rows; null is an empty cell, an empty text is `""`, times are ISO 8601, durations milliseconds. */
export function toCsv(path: string, options: object = {}): Sink {
  refuseOptions(`to.csv ${basename(path)}`, options)
  return textSink('to.csv', path, schema => {
    for (const { name, type } of schema.fields) {
      if (['list', 'struct', 'map', 'vector', 'binary'].includes(type.kind)) {
        const text = `to.csv ${basename(path)}: column "${name}" is ${bareText(type)}, which a CSV cell does not hold. Write JSON lines or Parquet, or leave it out.`
        throw new PlanError('wrong-type', text, { column: name })
      }
    }
    return CSV
  })
}

/** A JSON lines file: one object a row, with every column; times are ISO 8601, durations milliseconds, bytes base64, decimals texts. */
export function toJsonLines(path: string, options: object = {}): Sink {
  refuseOptions(`to.jsonLines ${basename(path)}`, options)
  return textSink('to.jsonLines', path, () => JSON_LINES)
}

/** A JSON array with one object a row, as in JSON lines. */
export function toJson(path: string, options: object = {}): Sink {
  refuseOptions(`to.json ${basename(path)}`, options)
  return textSink('to.json', path, () => JSON_ARRAY)
}

/** These sinks have no options; one that is given must not be left out in silence. */
function refuseOptions(name: string, options: object): void {
  for (const option of Object.keys(options)) {
    throw new PlanError('unknown-option', `${name}: there is no option "${option}": it has none`, { option })
  }
}

const CSV: TextForm = {
  head: schema => schema.names.map(quoted).join(',') + '\n',
  row: values => values.join(',') + '\n',
  value(value, type) {
    if (value === null) return ''
    if (type.kind !== 'utf8') return String(toJs(value, type, 'iso'))
    return value === '' ? '""' : quoted(value as string)
  },
}

function quoted(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

const JSON_LINES: TextForm = {
  head: () => '',
  row: (values, schema) =>
    `{${values.map((value, i) => `${JSON.stringify(schema.fields[i]!.name)}:${value}`).join(',')}}\n`,
  value: jsonText,
}

const JSON_ARRAY: TextForm = {
  head: () => '[',
  row: (values, schema) => `\n${JSON_LINES.row(values, schema).slice(0, -1)}`,
  between: ',',
  end: '\n]\n',
  value: jsonText,
}

function textSink(kind: string, path: string, formOf: (schema: Schema) => TextForm): Sink {
  const name = `${kind} ${basename(path)}`
  return {
    name,
    accepts: 'append',
    async open(schema): Promise<SinkWriter> {
      const form = formOf(schema)
      const file = await StagedFile.create(resolve(path), name)
      await file.write(Buffer.from(form.head(schema)))
      let rows = 0
      return {
        write: batch => {
          if (batch.length === 0) return
          const between = rows === 0 ? '' : (form.between ?? '')
          rows += batch.length
          return file.write(Buffer.from(between + textOf(batch, form)))
        },
        close: async () => {
          await file.write(Buffer.from(form.end ?? ''))
          await file.commit()
        },
        abort: () => file.discard(),
      }
    },
  }
}

function textOf(batch: Batch, form: TextForm): string {
  const columns = batch.columns.map((column, c) => cellsOf(column, batch.schema.fields[c]!.type, form))
  let text = ''
  for (let i = 0; i < batch.length; i++) {
    if (i > 0 && form.between !== undefined) text += form.between
    text += form.row(
      columns.map(cells => cells[i]!),
      batch.schema,
    )
  }
  return text
}

/** The cells of a column as texts; each entry of a dictionary is written out once. */
function cellsOf(column: Column, type: DataType, form: TextForm): string[] {
  const cells = new Array<string>(column.length)
  if (column.layout === 'text' && column.codes !== null && column.strings.length <= column.length) {
    const { codes, valid } = column
    const texts = column.strings.map(text => form.value(text, type))
    const missing = form.value(null, type)
    for (let i = 0; i < cells.length; i++) cells[i] = valid !== null && valid[i] === 0 ? missing : texts[codes[i]!]!
    return cells
  }
  for (let i = 0; i < cells.length; i++) cells[i] = form.value(valueAt(column, i), type)
  return cells
}
