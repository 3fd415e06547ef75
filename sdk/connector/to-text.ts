import { basename, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Batch } from '../data/batch.ts'
import { systemClock, type Clock } from '../data/clock.ts'
import { valueAt, type Column, type Value } from '../data/column.ts'
import { PlanError } from '../data/errors.ts'
import { checkOptions } from '../data/options.ts'
import { toJs } from '../data/row.ts'
import type { Schema } from '../data/schema.ts'
import { isNested, bareText, type DataType } from '../data/type.ts'
import type { Sink, SinkWriter } from '../plan/port.ts'
import { StagedFile } from './file.ts'
import { jsonText } from './json-value.ts'
import { rollAt, RollingFiles, type Roll } from './rolling.ts'

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
  /** Writes file after file into a folder, `part-00000.csv` and so on, each with the line of names. */
  readonly roll?: Roll
}

export interface ToJsonLinesOptions {
  /** Writes file after file into a folder, `part-00000.jsonl` and so on: `{ every: '1 hour', bytes: 64e6 }`. */
  readonly roll?: Roll
}

/** A CSV file: a header, then the rows; null is an empty cell, an empty text is `""`, times are ISO 8601, durations milliseconds. */
export function toCsv(path: string, options: ToCsvOptions = {}, clock: Clock = systemClock): Sink {
  const name = `to.csv ${basename(path)}`
  checkOptions(name, options, ['delimiter', 'header', 'null', 'roll'])
  const { delimiter = ',', header = true, null: missing = '' } = options
  if (typeof delimiter !== 'string' || delimiter.length !== 1 || /["\r\n]/.test(delimiter)) {
    const text = `${name}: delimiter is ${JSON.stringify(delimiter)}; it must be one character, no quote and no line end`
    throw new PlanError('bad-option', text, { option: 'delimiter' })
  }
  if (typeof missing !== 'string' || /["\r\n]/.test(missing) || missing.includes(delimiter)) {
    const text = `${name}: null is ${JSON.stringify(missing)}; it must be a text that needs no quotes`
    throw new PlanError('bad-option', text, { option: 'null' })
  }
  const target = targetOf(path, '.csv', name, options.roll, clock)
  return textSink(name, target, schema => {
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
export function toJsonLines(path: string, options: ToJsonLinesOptions = {}, clock: Clock = systemClock): Sink {
  const name = `to.jsonLines ${basename(path)}`
  checkOptions(name, options, ['roll'])
  return textSink(name, targetOf(path, '.jsonl', name, options.roll, clock), () => JSON_LINES)
}

/** A JSON array with one object a row, as in JSON lines. */
export function toJson(path: string, options: object = {}): Sink {
  const name = `to.json ${basename(path)}`
  for (const option of Object.keys(options)) {
    throw new PlanError('unknown-option', `${name}: there is no option "${option}": it has none`, { option })
  }
  return textSink(name, targetOf(path, '.json', name, undefined, systemClock), () => JSON_ARRAY)
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

/** Where the texts of one pass go: a file, or one after another. */
interface Target {
  readonly zipped: boolean
  /** `head` begins a file. */
  open(head: Uint8Array): Promise<TargetWriter>
}

interface TargetWriter {
  write(bytes: Uint8Array): Promise<void>
  commit(): Promise<void>
  discard(): Promise<void>
}

function targetOf(path: string, ending: string, name: string, roll: Roll | undefined, clock: Clock): Target {
  if (roll === undefined) {
    return {
      zipped: path.endsWith('.gz'),
      async open(head) {
        const file = await StagedFile.create(resolve(path), name)
        await file.write(head)
        return file
      },
    }
  }
  const at = rollAt(roll, name)
  return {
    zipped: false,
    open: head => Promise.resolve(new RollingFiles(resolve(path), { ending, name, head }, at, clock)),
  }
}

function textSink(name: string, target: Target, formOf: (schema: Schema) => TextForm): Sink {
  const bytesOf = (text: string): Uint8Array => (target.zipped ? gzipSync(text) : Buffer.from(text))
  return {
    name,
    accepts: 'append',
    async open(schema): Promise<SinkWriter> {
      const form = formOf(schema)
      const file = await target.open(bytesOf(form.head(schema)))
      let rows = 0
      return {
        write: batch => {
          if (batch.length === 0) return
          const between = rows === 0 ? '' : (form.between ?? '')
          rows += batch.length
          return file.write(bytesOf(between + textOf(batch, form)))
        },
        close: async () => {
          if (form.end !== undefined) await file.write(bytesOf(form.end))
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
