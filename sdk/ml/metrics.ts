import type { Value } from '../data/column.ts'
import type { ColumnType } from '../data/type.ts'
import { isNumeric, scalar } from '../data/type.ts'
import { arrayBytes, OBJECT_BYTES, SLOT_BYTES } from '../data/value-bytes.ts'
import { mean } from '../expr/catalogue/aggregate/index.ts'
import { eq } from '../expr/catalogue/comparison.ts'
import { aggregateOf, exprOf, nodeOf, type Expr, type NumCol } from '../expr/column.ts'
import {
  RowFailure,
  type Accumulator,
  type AggregateFunction,
  type EagerFunction,
  type JsScope,
} from '../expr/function.ts'
import type { AnyBool, AnyNum, Bare, OrNull } from '../expr/type-rule.ts'

/**
 * What a model is judged by, as aggregates: over a whole frame, per key, per window, in plots. Rows where truth or
 * prediction is null are left out; over no rows a metric is null.
 */

/**
 * The share of rows whose prediction equals the truth. Exact, also where rows are taken back. Where one answer is
 * frequent, accuracy flatters: look at {@link logLoss} and {@link auc} too.
 *
 * ```ts
 * import { read } from 'millrace'
 * import { accuracy } from 'millrace/ml'
 *
 * const rows = read.rows([{ late: true, prediction: true }, { late: false, prediction: true }, { late: null, prediction: true }])
 * const table = await rows.aggregate(t => ({ accuracy: accuracy(t.late, t.prediction) })).collect()
 * table.rows() // => [ { accuracy: 0.5 } ]
 * ```
 */
export function accuracy<T extends ColumnType>(
  truth: Expr<T, 'row'>,
  prediction: Expr<NoInfer<T> | Bare<NoInfer<T>> | OrNull<NoInfer<T>>, 'row'>,
): NumCol<'float64?', 'agg'> {
  const hit = exprOf({ kind: 'call', fn: eq, args: [nodeOf(truth), nodeOf(prediction)], options: {} })
  return aggregateOf<'float64?'>(mean, [hit])
}

/** Probabilities are kept this far from 0 and 1, so that one wrong certainty does not make the loss infinite. */
const CLIP = 1e-15

/**
 * The mean of −log(p), p being the probability that was given to what came true: 0 is perfect, log 2 ≈ 0.693 is a coin.
 * Probabilities are clipped to 1e-15 … 1 − 1e-15. A probability outside 0 … 1, NaN among them, fails the query.
 *
 * ```ts
 * import { read } from 'millrace'
 * import { logLoss } from 'millrace/ml'
 *
 * const rows = read.rows([{ late: true, probability: 0.5 }, { late: false, probability: 0.5 }])
 * const table = await rows.aggregate(t => ({ loss: logLoss(t.late, t.probability) })).collect()
 * table.rows() // => [ { loss: 0.6931471805599453 } ]
 * ```
 */
export function logLoss(truth: Expr<AnyBool, 'row'>, probability: Expr<AnyNum, 'row'>): NumCol<'float64?', 'agg'> {
  const loss = exprOf({ kind: 'call', fn: rowLoss, args: [nodeOf(truth), nodeOf(probability)], options: {} })
  return aggregateOf<'float64?'>(mean, [loss])
}

const rowLoss: EagerFunction = {
  name: 'logLoss',
  form: 'function',
  infer: ([truth, probability]) => {
    if (truth!.type.kind !== 'bool') return 'logLoss takes a bool truth, and $0'
    if (!isNumeric(probability!.type)) return 'logLoss takes a number as the probability, and $1'
    const nullable = truth!.nullable || probability!.nullable
    return { type: scalar('float64'), nullable, cast: [scalar('bool'), scalar('float64')] }
  },
  nulls: 'propagate',
  js: ([truth, probability], _types, _result, _options, js) => ({
    value: lossCode(truth!.value, probability!.value, js),
    valid: null,
  }),
  evaluate: ([truth, probability]) => {
    const p = probability as number
    if (!(p >= 0 && p <= 1)) throw new RowFailure(`${p} is no probability`)
    return lossOf(truth === true ? 1 : 0, p)
  },
  duckdb: ([truth, p]) =>
    `CASE WHEN NOT ${p} BETWEEN 0 AND 1 THEN CAST(error('no probability') AS DOUBLE) ELSE -ln(greatest(${CLIP}, least(1 - ${CLIP}, CASE WHEN ${truth} THEN ${p} ELSE 1 - ${p} END))) END`,
  flink: { refused: 'Flink SQL cannot fail a row whose probability is outside 0 … 1' },
}

function lossCode(truth: string, p: string, js: JsScope): string {
  js.block(`if (!(${p} >= 0 && ${p} <= 1))`, () => js.run(js.fail('this is no probability from 0 to 1')))
  return `${js.bind(lossOf)}(${truth}, ${p})`
}

function lossOf(truth: number, probability: number): number {
  const given = truth === 1 ? probability : 1 - probability
  return -Math.log(Math.min(Math.max(given, CLIP), 1 - CLIP))
}

/**
 * The area under the ROC curve: how often a row that is true has a higher score than one that is false, a tie counting
 * one half. 0.5 is chance, 1 is perfect order; null unless there are both true and false rows. Exact: it keeps every
 * score, 8 bytes a row and group. A score of NaN fails the query.
 *
 * ```ts
 * import { read } from 'millrace'
 * import { auc } from 'millrace/ml'
 *
 * const rows = read.rows([
 *   { late: true, probability: 0.9 },
 *   { late: false, probability: 0.3 },
 *   { late: true, probability: 0.3 },
 *   { late: false, probability: 0.1 },
 * ])
 * const table = await rows.aggregate(t => ({ auc: auc(t.late, t.probability) })).collect()
 * table.rows() // => [ { auc: 0.875 } ]
 * ```
 */
export function auc(truth: Expr<AnyBool, 'row'>, score: Expr<AnyNum, 'row'>): NumCol<'float64?', 'agg'> {
  return aggregateOf<'float64?'>(aucFunction, [truth, score])
}

const aucFunction: AggregateFunction = {
  name: 'auc',
  form: 'function',
  infer: ([truth, score]) => {
    if (truth!.type.kind !== 'bool') return 'auc takes a bool truth, and $0'
    if (!isNumeric(score!.type)) return 'auc takes a number as the score, and $1'
    return { type: scalar('float64'), nullable: true, cast: [scalar('bool'), scalar('float64')] }
  },
  nulls: 'skip',
  retractable: 'exact',
  accumulator: { form: 'object', create: () => new Auc() },
  duckdb: { refused: 'DuckDB has no AUC' },
  flink: { refused: 'Flink SQL has no AUC' },
}

class Auc implements Accumulator {
  readonly #positives = new Scores()
  readonly #negatives = new Scores()

  add([truth, score]: readonly Value[]): void {
    this.#of(truth!).add(checkedScore(score as number))
  }

  retract([truth, score]: readonly Value[]): void {
    this.#of(truth!).retract(checkedScore(score as number))
  }

  #of(truth: Value): Scores {
    return truth === true || truth === 1 ? this.#positives : this.#negatives
  }

  value(): Value {
    const positives = this.#positives.sorted()
    const negatives = this.#negatives.sorted()
    if (positives.length === 0 || negatives.length === 0) return null
    let below = 0
    let notAbove = 0
    let wins = 0
    for (const score of positives) {
      while (below < negatives.length && negatives[below]! < score) below++
      while (notAbove < negatives.length && negatives[notAbove]! <= score) notAbove++
      wins += (below + notAbove) / 2
    }
    return wins / (positives.length * negatives.length)
  }

  get bytes(): number {
    return OBJECT_BYTES + this.#positives.bytes + this.#negatives.bytes
  }

  snapshot(): unknown {
    return { positives: this.#positives.sorted().slice(), negatives: this.#negatives.sorted().slice() }
  }

  restore(state: unknown): void {
    const { positives, negatives } = state as { positives: Float64Array; negatives: Float64Array }
    this.#positives.set(positives)
    this.#negatives.set(negatives)
  }
}

function checkedScore(score: number): number {
  if (Number.isNaN(score)) throw new RowFailure('a score of NaN has no rank')
  return score
}

/** A multiset of numbers that is sorted when it is asked for; what was taken back waits until then. */
class Scores {
  #values = new Float64Array(16)
  #length = 0
  #retracted: number[] = []

  add(score: number): void {
    if (this.#length === this.#values.length) {
      const more = new Float64Array(this.#length * 2)
      more.set(this.#values)
      this.#values = more
    }
    this.#values[this.#length++] = score
  }

  retract(score: number): void {
    this.#retracted.push(score)
  }

  get bytes(): number {
    return 3 * OBJECT_BYTES + arrayBytes(this.#values) + this.#retracted.length * 2 * SLOT_BYTES
  }

  sorted(): Float64Array {
    const values = this.#values.subarray(0, this.#length).sort()
    if (this.#retracted.length === 0) return values
    const gone = Float64Array.from(this.#retracted).sort()
    let kept = 0
    let next = 0
    for (const value of values) {
      if (next < gone.length && gone[next] === value) next++
      else values[kept++] = value
    }
    this.#length = kept
    this.#retracted = []
    return values.subarray(0, kept)
  }

  set(sorted: Float64Array): void {
    this.#values = new Float64Array(Math.max(16, sorted.length))
    this.#values.set(sorted)
    this.#length = sorted.length
    this.#retracted = []
  }
}
