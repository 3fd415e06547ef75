import { DELETE, INSERT, UPDATE_AFTER, UPDATE_BEFORE, type Batch } from '../data/batch.ts'
import { valueAt } from '../data/column.ts'
import { PlanError, SinkError } from '../data/errors.ts'
import { checkOptions } from '../data/options.ts'
import type { Sink } from '../plan/port.ts'
import { jsonText } from './json-value.ts'

/** Rows as lines of the standard output, each as it comes, corrections with their row kind. A full pipe is waited for. */

export interface ToStdoutOptions {
  /**
   * `'json'` unless given: a JSON object a line, as in `to.jsonLines`; a row that corrects has its `rowKind`, `-U`, `+U`
   * or `-D`, before its columns. `'text'` writes the row kind, then `name=value` for each column.
   */
  readonly format?: 'json' | 'text'
}

/** What it writes to. */
interface Lines {
  write(text: string): boolean
  once(event: 'drain', listen: () => void): unknown
  on(event: 'error', listen: (error: Error) => void): unknown
  off(event: 'error' | 'drain', listen: (error: Error) => void): unknown
}

/** A sink that takes corrections too. */
export type ChangelogSink = Sink & { readonly accepts: 'changelog' }

const KIND_TEXTS: Readonly<Record<number, string>> = {
  [INSERT]: '+I',
  [UPDATE_BEFORE]: '-U',
  [UPDATE_AFTER]: '+U',
  [DELETE]: '-D',
}

export function toStdout(options: ToStdoutOptions = {}, lines: Lines = process.stdout): ChangelogSink {
  const name = 'to.stdout'
  checkOptions(name, options, ['format'])
  const { format = 'json' } = options
  if (format !== 'json' && format !== 'text') {
    throw new PlanError('bad-option', `${name}: format is 'json' or 'text', not ${JSON.stringify(format)}`, {
      option: 'format',
    })
  }
  return {
    name,
    accepts: 'changelog',
    open(_, signal) {
      let failure: Error | null = null
      let wake = (): void => undefined
      const failed = (error: Error): void => {
        failure = error
        wake()
      }
      lines.on('error', failed)
      signal.addEventListener('abort', () => wake(), { once: true })
      const check = (): void => {
        if (failure !== null) throw new SinkError('cannot-write', `${name}: ${failure.message}`, {}, failure)
      }
      return {
        write: batch => {
          check()
          if (batch.length === 0 || lines.write(textOf(batch, format))) return
          return new Promise<void>(resolve => {
            wake = resolve
            lines.once('drain', resolve)
          }).then(check)
        },
        close: () => {
          lines.off('error', failed)
          check()
        },
        abort: () => void lines.off('error', failed),
      }
    },
  }
}

function textOf(batch: Batch, format: 'json' | 'text'): string {
  const { fields } = batch.schema
  let text = ''
  for (let i = 0; i < batch.length; i++) {
    const kind = KIND_TEXTS[batch.kinds?.[i] ?? INSERT]!
    const values = fields.map(({ type }, c) => jsonText(valueAt(batch.columns[c]!, i), type))
    if (format === 'text') text += `${[kind, ...values.map((value, c) => `${fields[c]!.name}=${value}`)].join(' ')}\n`
    else {
      const cells = values.map((value, c) => `${JSON.stringify(fields[c]!.name)}:${value}`)
      text += `{${(kind === '+I' ? cells : [`"rowKind":"${kind}"`, ...cells]).join(',')}}\n`
    }
  }
  return text
}
