import type { Column } from '../data/column.ts'
import { PlanError } from '../data/errors.ts'
import { countOf } from '../data/number-text.ts'
import { checkOptions } from '../data/options.ts'
import type { Schema } from '../data/schema.ts'
import type { Columns } from '../data/type.ts'
import { frameOf } from '../frame/frame.ts'
import type { ExprNode } from '../expr/node.ts'
import * as plan from '../plan/build.ts'
import type { Processor, ProcessorFactory } from '../plan/port.ts'
import type { LiveModel, Teaching } from './estimator.ts'
import { designMatrix, type FittedFeature } from './fitted-feature.ts'
import { Ftrl, type FtrlOptions, type FtrlState } from './ftrl.ts'
import { aboveZero, atLeast } from './option.ts'
import { CLASSIFIER_SCHEMA, classified, versionColumn, type ClassifierColumns } from './prediction-columns.ts'
import { labelOf, predictOne, type RowInputs } from './row-inputs.ts'
import { figure, shown } from './show.ts'
import { checkLabel, labelValues } from './training.ts'

/**
 * A classifier that learns row by row from a stream: each row is predicted by what the rows before it have taught, then
 * it teaches. The answer does not depend on how the rows are cut into batches: the version counts rows.
 */

/** How a live model learns: FTRL-Proximal (McMahan et al., Ad Click Prediction, 2013). */
export interface LearnOptions {
  /** The learning rate; no coefficient moves further than this by one row. 0.1 unless given. */
  readonly alpha?: number
  /** The larger, the slower the first steps away from the fitted model. 1 unless given. */
  readonly beta?: number
  /** Sets coefficients of little evidence to zero. 0 unless given. */
  readonly l1?: number
  /** Draws coefficients towards zero. 0 unless given. */
  readonly l2?: number
}

/** A fitted classifier to start from. */
export interface LiveStart {
  readonly label: string
  readonly inputs: RowInputs
  readonly features: readonly FittedFeature[]
  /** The coefficients, then the intercept. */
  readonly start: Float64Array
}

export function liveModel<C extends Columns, In extends Columns>(
  stream: Teaching<C, In>,
  from: LiveStart,
  options: LearnOptions = {},
): LiveModel<C, ClassifierColumns> {
  const { frameKind } = stream.plan
  if (frameKind !== 'stream') {
    const why = frameKind === 'batch' ? 'a batch has no order: call .replay() first' : 'this frame corrects its rows'
    throw new PlanError('not-stream', `learn needs a stream, and ${why}`)
  }
  checkLabel(stream.plan, from.label, 'learn')
  const settings = checked(options)
  const factory = new LiveFactory(from, settings)
  const own = factory.create()
  const live = {
    predictions: frameOf<LiveModel<C, ClassifierColumns>['predictions']>(plan.learn(stream.plan, factory)),
    get modelVersion() {
      return own.learnt
    },
    predictOne: row => predictOne<ClassifierColumns>(from.inputs, own, CLASSIFIER_SCHEMA, row),
    learnOne: row => void own.process([...from.inputs.columns(row), labelOf(from.label, row)], 1),
  } satisfies LiveModel<C, ClassifierColumns>
  return shown(live, () => ({
    head: `LiveModel of "${from.label}" from ${countOf(from.start.length - 1, 'coefficient')}: predicts each row of a stream, then learns it`,
    names: ['option', 'value'],
    lines: Object.entries(settings).map(([name, value]) => [name, figure(value)]),
    foot: `predictions: ${live.predictions.plan.schema.names.join(', ')}`,
  }))
}

function checked(options: LearnOptions): FtrlOptions {
  checkOptions('learn', options, ['alpha', 'beta', 'l1', 'l2'])
  const { alpha = 0.1, beta = 1, l1 = 0, l2 = 0 } = options
  aboveZero('learn', 'alpha', alpha)
  atLeast('learn', 'beta', beta, 0)
  atLeast('learn', 'l1', l1, 0)
  atLeast('learn', 'l2', l2, 0)
  return { alpha, beta, l1, l2 }
}

class LiveFactory implements ProcessorFactory {
  readonly kind = 'logistic-regression'
  /** The inputs of the features, then the label. */
  readonly inputs: readonly ExprNode[]
  readonly needs: Columns
  readonly outputs: Schema = CLASSIFIER_SCHEMA
  readonly #from: LiveStart
  readonly #options: FtrlOptions

  constructor(from: LiveStart, options: FtrlOptions) {
    this.inputs = [...from.inputs.exprs, { kind: 'column', name: from.label }]
    this.needs = { ...from.inputs.needs, [from.label]: 'bool' }
    this.#from = from
    this.#options = options
  }

  create(): LiveClassifier {
    return new LiveClassifier(this.#from, this.#options)
  }
}

/** The processor of one query, or of single rows. */
class LiveClassifier implements Processor {
  readonly #features: readonly FittedFeature[]
  readonly #ftrl: Ftrl

  constructor({ features, start }: LiveStart, options: FtrlOptions) {
    this.#features = features
    this.#ftrl = new Ftrl(start, options)
  }

  get learnt(): number {
    return this.#ftrl.learnt
  }

  /** Predicts the rows without learning them. */
  predict(inputs: readonly Column[], length: number): readonly Column[] {
    return this.#run(inputs, length, null)
  }

  process(inputs: readonly Column[], length: number): readonly Column[] {
    return this.#run(inputs, length, inputs.at(-1)!)
  }

  #run(inputs: readonly Column[], length: number, label: Column | null): readonly Column[] {
    const ftrl = this.#ftrl
    const matrix = designMatrix(this.#features, inputs, length)
    const labels = label === null ? null : labelValues(label)
    const valid = label?.valid ?? null
    const probabilities = new Float64Array(length)
    const versions = new Float64Array(length)
    for (let i = 0; i < length; i++) {
      const probability = ftrl.predict(matrix, i)
      probabilities[i] = probability
      versions[i] = ftrl.learnt
      if (labels !== null && (valid === null || valid[i] === 1)) ftrl.learn(matrix, i, probability, labels[i]!)
    }
    return [...classified(probabilities), versionColumn(versions)]
  }

  snapshot(): FtrlState {
    return this.#ftrl.snapshot()
  }

  restore(state: unknown): void {
    this.#ftrl.restore(state as FtrlState)
  }
}
