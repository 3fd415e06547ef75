import { Batch } from '../data/batch.ts'
import { take, type Column } from '../data/column.ts'
import { DataError, PlanError } from '../data/errors.ts'
import { bareText, type Columns } from '../data/type.ts'
import type { Frame } from '../frame/frame.ts'
import { frameOf } from '../frame/frame.ts'
import * as plan from '../plan/build.ts'
import type { Kind, Node } from '../plan/node.ts'
import { columnNames, designMatrix, fitFeature, type FittedFeature, type Missing } from './fitted-feature.ts'
import type { DesignMatrix } from './design-matrix.ts'
import { checkNames, planFeatures } from './features.ts'
import { RowInputs } from './row-inputs.ts'

/**
 * From a frame to numbers: evaluates what the features read over all rows, in one pass, learns the features and builds
 * the design matrix. The frame is read once and left as it is.
 */
export interface Training {
  readonly inputs: RowInputs
  readonly features: readonly FittedFeature[]
  readonly names: readonly string[]
  readonly matrix: DesignMatrix
  /** The label of each row of the matrix, 0 or 1; empty without a label. */
  readonly labels: Uint8Array
  /** Rows left out because their label is null. */
  readonly skipped: number
}

export interface TrainingOptions {
  readonly features: unknown
  readonly label: string | null
  readonly missing: Missing
  readonly nullLabels: 'skip' | 'error'
  readonly signal: AbortSignal | undefined
  /** The estimator's name, for errors. */
  readonly where: string
}

export async function readTraining<C extends Columns, K extends Kind>(
  frame: Frame<C, K>,
  options: TrainingOptions,
): Promise<Training> {
  const { where, label } = options
  const { schema, frameKind } = frame.plan
  if (frameKind !== 'batch') {
    const text = `${where} needs all rows, but this frame is ${frameKind === 'stream' ? 'a stream' : 'updating'}. Fit on history, then .learn(stream).`
    throw new PlanError('not-batch', text)
  }
  const { inputs, specs } = planFeatures(schema, options.features, where)
  if (label !== null) checkLabel(frame.plan, label, where)

  const batch = await allRows(evaluation(frame.plan, inputs, label), options.signal)
  const columns = batch.columns.slice(0, inputs.length)
  const labelled = label === null ? null : keepLabelled(columns, batch.columns[inputs.length]!, options)
  const kept = labelled?.columns ?? columns
  const rows = labelled?.labels.length ?? batch.length
  if (rows === 0) {
    const text = `${where}: there is no row to learn from${batch.length > 0 ? `: the label is null in all ${batch.length}` : ''}`
    throw new DataError('no-rows', text)
  }
  const features = specs.map(spec => fitFeature(spec, kept, options.missing))
  const names = features.flatMap(columnNames)
  checkNames(names)
  return {
    inputs: new RowInputs(inputs, schema),
    features,
    names,
    matrix: designMatrix(features, kept, rows),
    labels: labelled?.labels ?? new Uint8Array(0),
    skipped: batch.length - rows,
  }
}

/** Refuses a label that is no bool column. */
export function checkLabel({ schema }: Node, label: unknown, where: string): void {
  if (typeof label !== 'string') {
    throw new PlanError('bad-option', `${where}: label names no column. Write label: 'name'.`, { option: 'label' })
  }
  const { type } = schema.field(label, `${where}: label`)
  if (type.kind === 'bool') return
  const text = `${where}: the label "${label}" is ${bareText(type)}, and it must be bool. Derive one: .derive(t => ({ late: t.delay.gt(15) })).`
  throw new PlanError('label-type', text, { column: label })
}

/** The inputs, and the label after them, as columns of their own. */
function evaluation(input: Node, inputs: readonly plan.NamedExpr['expr'][], label: string | null): Node {
  const items = inputs.map((expr, i) => ({ name: `input ${i}`, expr }))
  if (label !== null) items.push({ name: `input ${inputs.length}`, expr: { kind: 'column', name: label } })
  const names = items.map(item => item.name)
  return plan.select(plan.derive(input, items), names)
}

async function allRows(node: Node, signal: AbortSignal | undefined): Promise<Batch> {
  const batches: Batch[] = []
  for await (const batch of frameOf<Frame<Columns, 'batch'>>(node).batches(signal && { signal })) batches.push(batch)
  return Batch.concat(node.schema, batches)
}

/** The rows that have a label. */
function keepLabelled(
  columns: readonly Column[],
  label: Column,
  { nullLabels, where, label: name }: TrainingOptions,
): { readonly columns: readonly Column[]; readonly labels: Uint8Array } {
  const { valid, length } = label
  if (valid === null) return { columns, labels: labelValues(label) }
  const rows = new Int32Array(length)
  let kept = 0
  for (let i = 0; i < length; i++) if (valid[i] === 1) rows[kept++] = i
  if (kept < length && nullLabels === 'error') {
    const text = `${where}: the label "${name}" is null in ${length - kept} of ${length} rows. Filter them out, or choose nullLabels: 'skip'.`
    throw new DataError('null-label', text, { column: name, count: length - kept })
  }
  const at = rows.subarray(0, kept)
  return { columns: columns.map(column => take(column, at)), labels: labelValues(take(label, at)) }
}

/** The values of a bool column: 0 or 1 where it is not null. */
export function labelValues(column: Column): Uint8Array {
  if (column.layout !== 'flat' || !(column.values instanceof Uint8Array)) {
    throw new PlanError('label-type', `the label is ${bareText(column.type)}, and it must be bool`)
  }
  return column.values
}
