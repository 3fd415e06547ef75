/** Draws a plot without an engine: rows go into the sink as its source would give them, and the view says what it shows. */
import { rows } from '../../../sdk/connector/rows.ts'
import type { Batch } from '../../../sdk/data/batch.ts'
import { Schema } from '../../../sdk/data/schema.ts'
import type { Columns } from '../../../sdk/data/type.ts'
import { Frame } from '../../../sdk/frame/frame.ts'
import type { Bundle } from '../../../sdk/frame/host.ts'
import type { Output } from '../../../sdk/frame/output.ts'
import type { View } from '../../../sdk/frame/view.ts'
import * as plan from '../../../sdk/plan/build.ts'
import type { Kind } from '../../../sdk/plan/node.ts'

/** A figure as JSON has it. */
export interface Drawn {
  readonly data: readonly { readonly [name: string]: any }[] // eslint-disable-line typescript/no-explicit-any -- plotly's traces
  readonly layout: { readonly [name: string]: any } // eslint-disable-line typescript/no-explicit-any -- plotly's layout
}

export interface Shown {
  readonly figure: Drawn
  readonly text: string
}

const PROGRESS = {
  state: 'finished' as const,
  rowsIn: 0,
  rowsOut: 0,
  lateRows: 0,
  clampedRows: 0,
  rejectedRows: 0,
  elapsedMs: 0,
  cpuMs: 0,
  watermark: null,
  done: null,
}

/** A frame of literal rows. */
export function frameOf<C extends Columns>(schema: C, values: readonly object[]): Frame<C, 'batch'> {
  return new Frame(plan.read(rows(values, { schema })))
}

/** A frame that has columns and no rows of its own, of any kind; rows are given to what draws it. */
export function columnsOf<C extends Columns, K extends Kind>(schema: C, kind: K): Frame<C, K> {
  const node = plan.read({ ...rows([], { schema }), bounded: false })
  return new Frame({ ...node, frameKind: kind })
}

export async function batchOf(schema: Columns, values: readonly object[]): Promise<Batch> {
  const source = rows(values, { schema })
  const reader = source.open({ columns: Object.keys(schema), batchRows: 1 << 20, signal: new AbortController().signal })
  const batch = await reader.next()
  await reader.close()
  if (batch === null) throw new Error('there are no rows')
  return batch
}

/** An open plot that batches are given to. */
export class Board {
  readonly #view: View
  readonly #write: (batch: Batch) => void | Promise<void>

  private constructor(view: View, write: (batch: Batch) => void | Promise<void>) {
    this.#view = view
    this.#write = write
  }

  static async open(output: Output): Promise<Board> {
    const { sink, view } = output.parts[0]!.open()
    const writer = await sink.open(Schema.of({}), new AbortController().signal)
    return new Board(view!, batch => writer.write(batch))
  }

  async write(...batches: readonly Batch[]): Promise<this> {
    for (const batch of batches) await this.#write(batch)
    return this
  }

  /** What a cell shows meanwhile; null when nothing is new. */
  async now(): Promise<Shown | null> {
    const bundle = await this.#view.bundle(PROGRESS)
    return bundle === null ? null : shownOf(bundle)
  }

  async end(): Promise<Shown> {
    return shownOf(await this.#view.final(PROGRESS))
  }

  async save(): Promise<void> {
    await this.#view.save!(PROGRESS, '')
  }
}

/** The figure and text that a plot of literal rows ends with. */
export async function draw(output: Output): Promise<Shown> {
  const board = await Board.open(output)
  const { plan: node } = output.parts[0]!
  if (node.kind === 'project' && node.input.kind === 'read') {
    const { source } = node.input
    const reader = source.open({
      columns: node.schema.names,
      batchRows: 1000,
      signal: new AbortController().signal,
    })
    for (let batch = await reader.next(); batch !== null; batch = await reader.next()) await board.write(batch)
  }
  return board.end()
}

function shownOf(bundle: Bundle): Shown {
  const figure = JSON.parse(JSON.stringify(bundle['application/vnd.plotly.v1+json'])) as Drawn
  return { figure, text: String(bundle['text/plain']) }
}
