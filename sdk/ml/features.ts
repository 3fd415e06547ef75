import { PlanError } from '../data/errors.ts'
import { checkOptions } from '../data/options.ts'
import type { Schema } from '../data/schema.ts'
import { bareText, scalar, type Columns, type DataType, type Nullable } from '../data/type.ts'
import { columnsOf, exprOf, nodeOf, type Cols, type Expr } from '../expr/column.ts'
import { infer } from '../expr/infer.ts'
import type { ExprNode, LearntStep, Typed } from '../expr/node.ts'
import { describe, exprText } from '../expr/text.ts'
import type { AnyBool, AnyNum, AnyText } from '../expr/type-rule.ts'
import type { Flat, NamesOr } from '../frame/columns.ts'
import { isNumber, type FeatureSpec } from './fitted-feature.ts'

/**
 * Features as a user writes them, and what they come to: row expressions to evaluate, and for each feature how it is
 * built from these. Learnt steps stand outside row expressions, never within: arithmetic comes first.
 */

type AnyVector = `vector(${number})` | `vector(${number})?`

type FeatureType = AnyNum | AnyBool | AnyVector

/** What can be a feature: a number, a bool (0 or 1), a vector, or a learnt step. Text needs {@link oneHot}. */
export type Feature = Expr<FeatureType, 'row' | 'learnt'>

/** The features of a model: names of columns, or a function of the columns. */
export type Features<C extends Columns> =
  | readonly NamesOr<C, FeatureType, 'no column is a number or bool: for text write t => [oneHot(t.name)]'>[]
  | ((t: Cols<C>) => readonly Feature[])

/** The columns that a model needs. Behind a function of the columns they are known at run time only. */
export type InputsOf<C extends Columns, X> = X extends readonly (infer N)[]
  ? Flat<Pick<C, N & keyof C>>
  : Record<never, never>

/**
 * A number less its mean, divided by its standard deviation, both over the training rows; so that features of different
 * units weigh alike. Where all training rows are equal it gives 0. A vector is scaled position by position.
 *
 * ```ts
 * import { read } from 'millrace'
 * import { KMeans, scaled } from 'millrace/ml'
 *
 * const rows = read.rows([{ km: 1 }, { km: 3 }])
 * const model = await new KMeans({ k: 2 }).fit(rows, { features: t => [scaled(t.km)] })
 * model.centres.flat().sort() // => [ -1, 1 ]
 * ```
 */
export function scaled(x: Expr<FeatureType, 'row' | 'learnt'>): Expr<'float64', 'learnt'> {
  return exprOf<'float64', 'learnt'>({ kind: 'learnt', step: SCALED, args: [nodeOf(x)] })
}

const SCALED: LearntStep = Object.freeze({
  name: 'scaled',
  options: {},
  result: ([of]) => {
    const { type } = of!
    if (isVector(type)) return { type, nullable: false }
    if (isNumber(type)) return { type: scalar('float64'), nullable: false }
    return 'scaled takes numbers, and $0'
  },
} satisfies LearntStep)

/** Options of {@link oneHot}. */
export interface OneHotOptions {
  /** At most so many columns, for the most frequent values; every value of the training rows unless given. */
  readonly max?: number
}

/**
 * A column of zeros and ones for each value of the training rows, the most frequent first, equals by code point or
 * size. A value that no training row had, one beyond `max`, and null have zeros everywhere.
 *
 * ```ts
 * import { read } from 'millrace'
 * import { KMeans, oneHot } from 'millrace/ml'
 *
 * const rows = read.rows([{ city: 'Oslo' }, { city: 'Rome' }, { city: 'Rome' }])
 * const model = await new KMeans({ k: 2 }).fit(rows, { features: t => [oneHot(t.city)] })
 * model.featureNames // => [ 'city=Rome', 'city=Oslo' ]
 * ```
 */
export function oneHot(
  x: Expr<AnyNum | AnyBool | AnyText | 'date' | 'date?', 'row'>,
  options: OneHotOptions = {},
): Expr<'vector(1)', 'learnt'> {
  checkOptions('oneHot', options, ['max'])
  const max = options.max ?? Infinity
  if (!(max >= 1) || (max !== Infinity && !Number.isInteger(max))) {
    throw new PlanError('bad-option', `oneHot: max must be a whole number from 1 on, not ${max}`)
  }
  const step: LearntStep = Object.freeze({
    name: 'oneHot',
    options: options.max === undefined ? {} : { max },
    // How many columns there are is known once the model is fitted.
    result: ([of]) =>
      isLevel(of!.type)
        ? { type: { kind: 'vector', size: 1, sparse: false }, nullable: false }
        : 'oneHot takes text, numbers, bools and dates, and $0',
  } satisfies LearntStep)
  return exprOf<'vector(1)', 'learnt'>({ kind: 'learnt', step, args: [nodeOf(x)] })
}

const isVector = (type: DataType): boolean => type.kind === 'vector' && !type.sparse

const isLevel = (type: DataType): boolean => isNumber(type) || type.kind === 'utf8' || type.kind === 'date'

/** Features in the terms of a schema. */
export interface FeaturePlan {
  /** Row expressions, each once. */
  readonly inputs: readonly ExprNode[]
  readonly specs: readonly FeatureSpec[]
}

/** Reads the features of a fit and checks them against the frame's columns. */
export function planFeatures(schema: Schema, features: unknown, where: string): FeaturePlan {
  const plan = new Planning(schema, where)
  const specs = featureNodes(schema, features, where).map(node => plan.spec(node))
  return { inputs: plan.inputs, specs }
}

function featureNodes(schema: Schema, features: unknown, where: string): readonly ExprNode[] {
  const given: unknown = typeof features === 'function' ? features(columnsOf(schema, where)) : features
  if (!Array.isArray(given) || given.length === 0) {
    const text = `${where}: features is a list of column names, or a function such as t => [t.hour, scaled(t.distance)]`
    throw new PlanError('bad-features', text)
  }
  const byName = typeof features !== 'function'
  return given.map(item => (byName ? ({ kind: 'column', name: String(item) } as const) : nodeOf(item)))
}

class Planning {
  readonly #schema: Schema
  readonly #where: string
  readonly inputs: ExprNode[] = []

  constructor(schema: Schema, where: string) {
    this.#schema = schema
    this.#where = where
  }

  spec(node: ExprNode): FeatureSpec {
    if (node.kind !== 'learnt') {
      const { type } = this.#rowType(node)
      if (!isNumber(type) && !isVector(type)) throw this.#notNumeric(node, type)
      return { kind: 'input', input: this.#input(node), name: nameOf(node) }
    }
    const arg = node.args[0]!
    if (node.step.name === 'scaled') return { kind: 'scaled', of: this.spec(arg) }
    if (node.step.name !== 'oneHot') {
      throw new PlanError('unknown-step', `${this.#where}: ${node.step.name} is not a feature of this package`)
    }
    if (arg.kind === 'learnt') {
      const text = `${this.#where}: oneHot takes a column, not the learnt step ${exprText(arg)}`
      throw new PlanError('bad-feature', text)
    }
    const typed = this.#rowType(arg)
    const problem = node.step.result([typed])
    if (typeof problem === 'string') {
      throw new PlanError('feature-type', `${this.#where}: ${problem.replace('$0', describe(arg, typed))}`)
    }
    const { max } = node.step.options
    return {
      kind: 'one-hot',
      input: this.#input(arg),
      name: nameOf(arg),
      max: typeof max === 'number' ? max : Infinity,
    }
  }

  #rowType(node: ExprNode): Nullable {
    const typed: Typed = infer(node, this.#schema, this.#where)
    if (typed.grain === 'row' || typed.grain === 'constant') return typed
    const text =
      typed.grain === 'learnt'
        ? `${this.#where}: ${exprText(node)} computes on a learnt step. Compute first: scaled(t.x.mul(2)).`
        : `${this.#where}: ${exprText(node)} is one value for a group of rows, and a feature has one for each row`
    throw new PlanError('grain', text)
  }

  #notNumeric(node: ExprNode, type: DataType): PlanError {
    const found = `${this.#where}: feature ${exprText(node)} is ${bareText(type)}, and a model takes numbers, bools and vectors.`
    const hint = isLevel(type) ? ` Write oneHot(${exprText(node)}).` : ''
    return new PlanError('feature-type', found + hint)
  }

  #input(node: ExprNode): number {
    const same = this.inputs.findIndex(
      other => other === node || (other.kind === 'column' && node.kind === 'column' && other.name === node.name),
    )
    return same >= 0 ? same : this.inputs.push(node) - 1
  }
}

function nameOf(node: ExprNode): string {
  return node.kind === 'column' ? node.name : exprText(node).replace(/^t\./, '')
}

/** Refuses two features of one name, which could not be told apart. */
export function checkNames(names: readonly string[]): void {
  const seen = new Set<string>()
  for (const name of names) {
    if (seen.has(name))
      throw new PlanError('duplicate-feature', `there are two features named "${name}": leave one out`)
    seen.add(name)
  }
}
