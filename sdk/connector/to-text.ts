import { basename, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Batch } from '../data/batch.ts'
import { valueAt, type Column, type Value } from '../data/column.ts'
import { PlanError } from '../data/errors.ts'
import { checkOptions } from '../data/options.ts'
import { toJs } from '../data/row.ts'
import type { Schema } from '../data/schema.ts'
import { isNested, bareText, type DataType } from '../data/type.ts'
import type { Sink, SinkWriter } from '../plan/port.ts'
import { StagedFile } from './file.ts'
import { jsonText } from './json-value.ts'

/**
 * Text files as sinks. Like every file sink they write beside the final name and take it when all rows are in; a failed
 * query leaves what was there before. A name that ends in `.gz` is packed, each batch a member of its own.
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

export interface ToCsvOptions {
  /** One character between cells: a comma if left out. */
  readonly delimiter?: string
  /** False writes no line of names. */
  readonly header?: boolean
  /** What null is: an empty cell if left out. A text that reads so is written in quotes. */
  readonly null?: string
}

/** A CSV file: a header, then the rows; null is an empty cell, an empty text is `""`, times are ISO 8601, durations milliseconds. */
export function toCsv(path: string, options: ToCsvOptions = {}): Sink {
  const name = `to.csv ${basename(path)}`
  checkOptions(name, options, ['delimiter', 'header', 'null'])
  const { delimiter = ',', header = true, null: missing = '' } = options
  if (typeof delimiter !== 'string' || delimiter.length !== 1 || /["\r\n]/.test(delimiter)) {
    const text = `${name}: delimiter is ${JSON.stringify(delimiter)}; it must be one character, no quote and no line end`
    throw new PlanError('bad-option', text, { option: 'delimiter' })
  }
  if (typeof missing !== 'string' || /["\r\n]/.test(missing) || missing.includes(delimiter)) {
    const text = `${name}: null is ${JSON.stringify(missing)}; it must be a text that needs no quotes`
    throw new PlanError('bad-option', text, { option: 'null' })
  }
  return textSink('to.csv', path, schema => {
    for (const { name: column, type } of schema.fields) {
      if (isNested(type) || type.kind === 'binary') {
        const text = `${name}: column "${column}" is ${bareText(type)}, which a CSV cell does not hold. Write JSON lines or Parquet, or leave it out.`
        throw new PlanError('wrong-type', text, { column })
      }
    }
    return csvForm(delimiter, header, missing)
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

function csvForm(delimiter: string, header: boolean, missing: string): TextForm {
  const quoted = (text: string): string =>
    text.includes(delimiter) || /["\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
  return {
    head: schema => (header ? schema.names.map(quoted).join(delimiter) + '\n' : ''),
    row: values => values.join(delimiter) + '\n',
    value(value, type) {
      if (value === null) return missing
      if (type.kind !== 'utf8') return quoted(String(toJs(value, type, 'iso')))
      return value === '' || value === missing ? `"${value}"` : quoted(value as string)
    },
  }
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
  const zipped = path.endsWith('.gz')
  return {
    name,
    accepts: 'append',
    async open(schema): Promise<SinkWriter> {
      const form = formOf(schema)
      const file = await StagedFile.create(resolve(path), name)
      const put = (text: string): Promise<void> => file.write(zipped ? gzipSync(text) : Buffer.from(text))
      await put(form.head(schema))
      let rows = 0
      return {
        write: batch => {
          if (batch.length === 0) return
          const between = rows === 0 ? '' : (form.between ?? '')
          rows += batch.length
          return put(between + textOf(batch, form))
        },
        close: async () => {
          if (form.end !== undefined) await put(form.end)
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
