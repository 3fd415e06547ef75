/**
 * Drives operators by hand, without the run loop: a chain of them is fed batches, may be copied through a snapshot at
 * any point between two batches, and gives its rows as values.
 */
import { Batch } from '../../sdk/data/batch.ts'
import { columnOf } from '../../sdk/data/builder.ts'
import { valueAt, type Value } from '../../sdk/data/column.ts'
import type { Schema } from '../../sdk/data/schema.ts'
import type { Operator, PacedOperator, Step, Steps } from '../../sdk/engine/operator/operator.ts'

export type Row = readonly Value[]

export function batchOf(schema: Schema, rows: readonly Row[], kinds: readonly number[] | null = null): Batch {
  const columns = schema.fields.map((field, i) =>
    columnOf(
      field.type,
      rows.map(row => row[i]!),
    ),
  )
  return new Batch(schema, rows.length, columns, kinds === null ? null : Uint8Array.from(kinds))
}

/** The rows of batches, each with its kind in front when any batch has kinds. */
export function rowsOf(batches: readonly Batch[]): Row[] {
  const kinds = batches.some(batch => batch.kinds !== null)
  return batches.flatMap(batch =>
    Array.from({ length: batch.length }, (_, i): Row => {
      const values = batch.columns.map(column => valueAt(column, i))
      return kinds ? [KINDS[batch.kinds?.[i] ?? 0]!, ...values] : values
    }),
  )
}

const KINDS = ['+I', '-U', '+U', '-D']

/** The batch cut into pieces of these sizes in turn. */
export function cut(batch: Batch, sizes: readonly number[]): Batch[] {
  const out: Batch[] = []
  for (let from = 0, i = 0; from < batch.length; i++) {
    const to = Math.min(batch.length, from + sizes[i % sizes.length]!)
    out.push(batch.slice(from, to))
    from = to
  }
  return out
}

export interface Fed {
  readonly input: number
  readonly batch: Batch
}

export interface Driven {
  readonly rows: Row[]
  /** The rows of the side output of any operator of the chain. */
  readonly side: Row[]
}

/**
 * Feeds the first operator of a chain and passes on what each gives. After `copyAfter` batches every operator is
 * replaced by a new one that is restored from a snapshot.
 */
export function drive(
  make: readonly (() => Operator)[],
  fed: readonly Fed[],
  { inputs = 1, copyAfter = -1 }: { readonly inputs?: number; readonly copyAfter?: number } = {},
): Driven {
  const chain = make.map(each => each())
  const [out, side]: [Batch[], Batch[]] = [[], []]
  const take = (at: number, steps: Steps): void => {
    for (const step of steps) pass(at + 1, step)
    const late = chain[at]!.side?.()
    if (late !== undefined && late !== null) side.push(late)
    for (const each of chain[at]!.sides?.() ?? []) if (each !== null) side.push(each)
  }
  const pass = (at: number, step: Step): void => {
    if (step === null || step === Infinity) return
    const operator = chain[at]
    if (operator === undefined) {
      if (typeof step !== 'number') out.push(step)
    } else if (typeof step === 'number') take(at, operator.watermark(step))
    else if (step.length > 0) take(at, operator.process(step, 0))
  }
  const copy = (): void => {
    for (const [i, operator] of chain.entries()) {
      const state = structuredClone(operator.snapshot())
      chain[i] = make[i]!()
      chain[i].restore(state)
    }
  }
  for (const [i, { input, batch }] of fed.entries()) {
    if (i === copyAfter) copy()
    take(0, chain[0]!.process(batch, input))
  }
  if (copyAfter >= fed.length) copy()
  for (const at of chain.keys()) {
    take(at, chain[at]!.watermark(Infinity))
    for (let input = (at === 0 ? inputs : 1) - 1; input >= 0; input--) take(at, chain[at]!.end(input))
    for (;;) {
      const paced = chain[at]!
      const due = 'pull' in paced ? (paced as PacedOperator).pull(0) : null
      if (due === null) break
      if ('steps' in due) take(at, due.steps)
    }
  }
  return { rows: rowsOf(out), side: rowsOf(side) }
}

/** The rows that remain when all changes have been applied, sorted by their text. */
export function applied(rows: readonly Row[]): string[] {
  const counts = new Map<string, number>()
  for (const [kind, ...values] of rows) {
    const text = JSON.stringify(values, (_, value: unknown) =>
      typeof value === 'bigint' || typeof value === 'number' ? `${value}#` : value,
    )
    const next = (counts.get(text) ?? 0) + (kind === '+I' || kind === '+U' ? 1 : -1)
    if (next < 0) throw new Error(`${text} is taken back before it is given`)
    if (next === 0) counts.delete(text)
    else counts.set(text, next)
  }
  return [...counts].map(([text, count]) => `${count}×${text}`).sort()
}
