import type { Column, FlatColumn, TextColumn } from '../data/column.ts'
import { DataError, PlanError } from '../data/errors.ts'
import { toJs } from '../data/row.ts'
import { bareText, isNumeric, type DataType } from '../data/type.ts'
import { compareValues } from '../expr/order.ts'
import type { DenseBlock, DesignMatrix, HotBlock } from './design-matrix.ts'

/**
 * Features as a model keeps them: plain data that says how evaluated input columns become the columns of a design
 * matrix. {@link fitFeature} learns it from the columns of the training rows, {@link designMatrix} applies it; both
 * read a missing or impossible number by the same rule.
 */
export type FittedFeature = NumberFeature | VectorFeature | ScaledFeature | OneHotFeature

interface NumberFeature {
  readonly kind: 'number'
  readonly name: string
  /** Which of the inputs it reads. */
  readonly input: number
  /** Stands for a missing value; null where a missing value is an error. */
  readonly fill: number | null
}

interface VectorFeature {
  readonly kind: 'vector'
  readonly name: string
  readonly input: number
  readonly size: number
  readonly fill: readonly number[] | null
}

/** (x − mean) / deviation for each column; a deviation of zero gives zero. */
interface ScaledFeature {
  readonly kind: 'scaled'
  readonly of: FittedFeature
  readonly means: readonly number[]
  readonly deviations: readonly number[]
}

interface OneHotFeature {
  readonly kind: 'one-hot'
  readonly name: string
  readonly input: number
  /** The type of the values, as text. */
  readonly type: string
  readonly levels: readonly Level[]
  readonly labels: readonly string[]
}

/** A value that a one-hot feature has a column for, in the physical form of its type. */
export type Level = string | number | bigint

/** A feature as it was asked for, over inputs by number. */
export type FeatureSpec =
  | { readonly kind: 'input'; readonly input: number; readonly name: string }
  | { readonly kind: 'scaled'; readonly of: FeatureSpec }
  | { readonly kind: 'one-hot'; readonly input: number; readonly name: string; readonly max: number }

/**
 * What a model does about a row whose number or vector is null: refuse it with an error, or take the mean of the
 * training rows, or zero. (A null under `oneHot` is no error: it has no level, so all its columns are zero.)
 */
export type Missing = 'error' | 'mean' | 'zero'

/** The names of a feature's columns: `distance`, `scaled(distance)`, `origin=ATL`, `v[0]`. */
export function columnNames(feature: FittedFeature): readonly string[] {
  switch (feature.kind) {
    case 'number':
      return [feature.name]
    case 'vector':
      return Array.from({ length: feature.size }, (_, j) => `${feature.name}[${j}]`)
    case 'scaled':
      return columnNames(feature.of).map(name => `scaled(${name})`)
    case 'one-hot':
      return feature.labels.map(label => `${feature.name}=${label}`)
  }
}

/** What a feature is before it is scaled. */
function beforeScaling(feature: FittedFeature): FittedFeature {
  return feature.kind === 'scaled' ? beforeScaling(feature.of) : feature
}

/** The names of a feature's columns without its scaling: `distance` for `scaled(distance)`. */
export function unscaledNames(feature: FittedFeature): readonly string[] {
  return columnNames(beforeScaling(feature))
}

/** A row of the design matrix in the units of the columns that were scaled. */
export function unscaled(features: readonly FittedFeature[], row: readonly number[]): number[] {
  const out = [...row]
  let at = 0
  for (const feature of features) {
    for (let of = feature; of.kind === 'scaled'; of = of.of) {
      for (const [j, mean] of of.means.entries()) out[at + j] = out[at + j]! * of.deviations[j]! + mean
    }
    at += width(feature)
  }
  return out
}

function width(feature: FittedFeature): number {
  switch (feature.kind) {
    case 'number':
      return 1
    case 'vector':
      return feature.size
    case 'scaled':
      return feature.means.length
    case 'one-hot':
      return feature.levels.length
  }
}

/** Learns a feature from the inputs of all training rows. */
export function fitFeature(spec: FeatureSpec, inputs: readonly Column[], missing: Missing): FittedFeature {
  switch (spec.kind) {
    case 'input':
      return fitInput(spec.name, spec.input, inputs[spec.input]!, missing)
    case 'one-hot':
      return fitOneHot(spec.name, spec.input, inputs[spec.input]!, spec.max)
    case 'scaled': {
      const of = fitFeature(spec.of, inputs, missing)
      const columns = dense(of, inputs)
      return { kind: 'scaled', of, means: columns.map(meanOf), deviations: columns.map(deviationOf) }
    }
  }
}

function fitInput(name: string, input: number, column: Column, missing: Missing): FittedFeature {
  if (column.layout === 'vector') {
    const feature = { kind: 'vector', name, input, size: column.size } as const
    if (missing === 'error') return { ...feature, fill: null }
    if (missing === 'zero') return { ...feature, fill: new Array<number>(column.size).fill(0) }
    const parts = vectorColumns({ ...feature, fill: new Array<number>(column.size).fill(0) }, column)
    return { ...feature, fill: parts.map(part => meanOf(present(part, column))) }
  }
  const feature = { kind: 'number', name, input } as const
  if (missing === 'error') return { ...feature, fill: null }
  if (missing === 'zero') return { ...feature, fill: 0 }
  return { ...feature, fill: meanOf(present(numberColumn({ ...feature, fill: 0 }, column), column)) }
}

function present(values: Float64Array, { valid }: Column): Float64Array {
  return valid === null ? values : values.filter((_, i) => valid[i] === 1)
}

function meanOf(values: Float64Array): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]!
  return values.length === 0 ? 0 : sum / values.length
}

/** The standard deviation of the rows as a population, exactly zero where all are equal. */
function deviationOf(values: Float64Array): number {
  const mean = meanOf(values)
  let sum = 0
  let equal = true
  for (let i = 0; i < values.length; i++) {
    const difference = values[i]! - mean
    sum += difference * difference
    if (values[i] !== values[0]) equal = false
  }
  return equal ? 0 : Math.sqrt(sum / values.length)
}

/** The design matrix of `rows` rows of inputs. */
export function designMatrix(
  features: readonly FittedFeature[],
  inputs: readonly Column[],
  rows: number,
): DesignMatrix {
  const blocks: DenseBlock[] = []
  const hot: HotBlock[] = []
  let at = 0
  for (const feature of features) {
    if (feature.kind === 'one-hot') {
      hot.push({ at, levels: feature.levels.length, codes: levelCodes(feature, inputs[feature.input]!) })
    } else {
      for (const [j, values] of dense(feature, inputs).entries()) blocks.push({ at: at + j, values })
    }
    at += width(feature)
  }
  return { rows, width: at, dense: blocks, hot }
}

/** The columns of a feature, spelled out. */
function dense(feature: FittedFeature, inputs: readonly Column[]): readonly Float64Array[] {
  switch (feature.kind) {
    case 'number':
      return [numberColumn(feature, inputs[feature.input]!)]
    case 'vector':
      return vectorColumns(feature, inputs[feature.input]!)
    case 'one-hot': {
      const codes = levelCodes(feature, inputs[feature.input]!)
      return feature.levels.map((_, level) => Float64Array.from(codes, code => (code === level ? 1 : 0)))
    }
    case 'scaled':
      return dense(feature.of, inputs).map((values, j) => {
        const mean = feature.means[j]!
        const deviation = feature.deviations[j]!
        const out = new Float64Array(values.length)
        if (deviation > 0) for (let i = 0; i < out.length; i++) out[i] = (values[i]! - mean) / deviation
        return out
      })
  }
}

/** True where a column of the type can be a feature by its numbers. */
export function isNumber(type: DataType): boolean {
  return isNumeric(type) || type.kind === 'bool'
}

function numberColumn(feature: NumberFeature, column: Column): Float64Array {
  if (column.layout !== 'flat' || !isNumber(column.type)) throw mismatch(feature.name, 'a number', column.type)
  const out = new Float64Array(column.length)
  copyNumbers(column, out)
  if (column.valid !== null) {
    if (feature.fill === null) throw missingValue(feature.name, column)
    for (let i = 0; i < out.length; i++) if (column.valid[i] === 0) out[i] = feature.fill
  }
  checkFinite(feature.name, out)
  return out
}

function copyNumbers({ values, type }: FlatColumn, out: Float64Array): void {
  if (values instanceof BigInt64Array) {
    const unit = type.kind === 'decimal' ? 10 ** type.scale : 1
    for (let i = 0; i < out.length; i++) out[i] = Number(values[i]!) / unit
  } else out.set(values)
}

function vectorColumns({ name, size, fill }: VectorFeature, column: Column): readonly Float64Array[] {
  if (column.layout !== 'vector' || column.size !== size) throw mismatch(name, `vector(${size})`, column.type)
  const { valid, values, length } = column
  if (valid !== null && fill === null) throw missingValue(name, column)
  const out = Array.from({ length: size }, () => new Float64Array(length))
  for (const [j, part] of out.entries()) {
    for (let i = 0; i < length; i++) part[i] = valid?.[i] === 0 ? fill![j]! : values[i * size + j]!
    checkFinite(`${name}[${j}]`, part)
  }
  return out
}

function checkFinite(name: string, values: Float64Array): void {
  for (let row = 0; row < values.length; row++) {
    if (Number.isFinite(values[row])) continue
    const text =
      `feature "${name}" is ${values[row]} in row ${row}. A model takes finite numbers: ` +
      `make it null and fit with missing: 'mean' or 'zero', or filter the row out.`
    throw new DataError('not-finite', text, { column: name, row })
  }
}

function missingValue(name: string, { valid, length }: Column): DataError {
  let count = 0
  for (let i = 0; i < length; i++) count += 1 - valid![i]!
  const row = valid!.indexOf(0)
  const text =
    `feature "${name}" is null in ${count} of ${length} rows, first in row ${row}. ` +
    `Fill it with .fillNull(…), filter these rows out, or fit with missing: 'mean' or 'zero'.`
  return new DataError('missing-feature', text, { column: name, row, count })
}

function mismatch(name: string, wanted: string, found: DataType): PlanError {
  const text = `feature "${name}" was ${wanted} when the model was fitted, here it is ${bareText(found)}`
  return new PlanError('feature-type', text, { column: name })
}

function fitOneHot(name: string, input: number, column: Column, max: number): OneHotFeature {
  const counts = new Map<Level, number>()
  const count = (level: Level, rows: number): void => void counts.set(level, (counts.get(level) ?? 0) + rows)
  const { valid, length, type } = column
  if (column.layout === 'text') {
    const { strings, codes } = column
    const rows = new Float64Array(strings.length)
    for (let i = 0; i < length; i++) if (valid === null || valid[i] === 1) rows[codes === null ? i : codes[i]!]!++
    for (let s = 0; s < rows.length; s++) if (rows[s]! > 0) count(strings[s]!, rows[s]!)
  } else if (column.layout === 'flat') {
    const { values } = column
    for (let i = 0; i < length; i++) if (valid === null || valid[i] === 1) count(values[i]!, 1)
  } else throw mismatch(name, 'a single value', type)
  const sorted = [...counts].sort(([a, rowsA], [b, rowsB]) => rowsB - rowsA || compareValues(a, b))
  const levels = sorted.slice(0, max).map(([level]) => level)
  const labels = levels.map(level => labelOf(level, type))
  return { kind: 'one-hot', name, input, type: bareText(type), levels, labels }
}

function labelOf(level: Level, type: DataType): string {
  return String(type.kind === 'bool' ? level === 1 : toJs(level, type, 'iso'))
}

/** The level of each row, and the number of levels where it has none. */
function levelCodes(feature: OneHotFeature, column: Column): Int32Array {
  if (bareText(column.type) !== feature.type) throw mismatch(feature.name, feature.type, column.type)
  const index = levelIndex(feature)
  const none = feature.levels.length
  const { valid, length } = column
  const out = new Int32Array(length)
  if (column.layout === 'text') textCodes(column, index, none, out)
  else if (column.layout === 'flat') flatCodes(column, index, none, out)
  if (valid !== null) for (let i = 0; i < length; i++) if (valid[i] === 0) out[i] = none
  return out
}

const indices = new WeakMap<OneHotFeature, ReadonlyMap<Level, number>>()

function levelIndex(feature: OneHotFeature): ReadonlyMap<Level, number> {
  let index = indices.get(feature)
  if (index === undefined) {
    index = new Map(feature.levels.map((level, i) => [level, i]))
    indices.set(feature, index)
  }
  return index
}

function textCodes(column: TextColumn, index: ReadonlyMap<Level, number>, none: number, out: Int32Array): void {
  const { strings, codes } = column
  if (codes === null || strings.length > codes.length) {
    for (let i = 0; i < out.length; i++) out[i] = index.get(strings[codes === null ? i : codes[i]!]!) ?? none
    return
  }
  const levels = Int32Array.from(strings, text => index.get(text) ?? none)
  for (let i = 0; i < out.length; i++) out[i] = levels[codes[i]!]!
}

function flatCodes({ values }: FlatColumn, index: ReadonlyMap<Level, number>, none: number, out: Int32Array): void {
  for (let i = 0; i < out.length; i++) out[i] = index.get(values[i]!) ?? none
}
