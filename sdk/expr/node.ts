import type { DataType, Nullable } from '../data/type.ts'
import type { AggregateFunction, FunctionOptions, RowFunction, WindowFunction } from './function.ts'

/**
 * Expressions as frozen trees, before and after their types are known. What a user writes on columns builds an
 * {@link ExprNode}; `infer` turns it into a {@link Typed} tree for a schema or refuses it with a sentence.
 */
export type ExprNode =
  /** `written` is how errors show a column that stands for what was computed before. */
  | { readonly kind: 'column'; readonly name: string; readonly written?: string }
  /** A JavaScript value as written; its type follows from where it stands: `'2001-04-01'` beside a timestamp is a time. */
  | { readonly kind: 'literal'; readonly value: unknown }
  | {
      readonly kind: 'call'
      readonly fn: RowFunction
      readonly args: readonly ExprNode[]
      readonly options: FunctionOptions
    }
  | { readonly kind: 'cast'; readonly arg: ExprNode; readonly to: DataType }
  | { readonly kind: 'udf'; readonly udf: UserFunction; readonly args: readonly ExprNode[] }
  | {
      readonly kind: 'aggregate'
      readonly fn: AggregateFunction
      readonly args: readonly ExprNode[]
      readonly options: FunctionOptions
      /** Only rows for which it is true are aggregated. */
      readonly filter?: ExprNode
    }
  /** A function of the rows around a row in its partition's order, such as `t.km.lag(1)`; refused outside `over`. */
  | {
      readonly kind: 'window'
      readonly fn: WindowFunction
      readonly args: readonly ExprNode[]
      readonly options: FunctionOptions
    }
  /** A step that is learnt when a model is fitted, such as `scaled(t.distance)`; refused outside a model's features. */
  | { readonly kind: 'learnt'; readonly step: LearntStep; readonly args: readonly ExprNode[] }

/** A user's function of values. Its source is never read; it counts by name and version. */
export interface UserFunction {
  readonly name: string
  readonly result: Nullable
  readonly fn: (...args: never[]) => unknown
}

/** Names a learnt feature and its options; what it means belongs to `ml/`. */
export interface LearntStep {
  readonly name: string
  readonly options: FunctionOptions
  readonly result: (args: readonly Nullable[]) => Nullable | string
}

/**
 * row: one value a row · aggregate: one value a group · constant: the same everywhere, stands in either ·
 * over: one value a row that depends on rows around it · learnt: a feature of a model.
 */
export type Grain = 'row' | 'aggregate' | 'constant' | 'over' | 'learnt'

interface Known extends Nullable {
  readonly grain: Grain
}

/** A typed expression. A literal's value is physical ({@link Value} of `data/column`); casts that a rule implies are explicit. */
export type Typed =
  /** `written` is how errors show a column that stands for what was computed before, such as an aggregate. */
  | (Known & { readonly kind: 'column'; readonly name: string; readonly index: number; readonly written?: string })
  | (Known & { readonly kind: 'literal'; readonly value: import('../data/column.ts').Value })
  | (Known & {
      readonly kind: 'call'
      readonly fn: RowFunction
      readonly args: readonly Typed[]
      readonly options: FunctionOptions
    })
  | (Known & { readonly kind: 'cast'; readonly arg: Typed; readonly implicit?: boolean })
  | (Known & { readonly kind: 'udf'; readonly udf: UserFunction; readonly args: readonly Typed[] })
  | (Known & {
      readonly kind: 'aggregate'
      readonly fn: AggregateFunction
      readonly args: readonly Typed[]
      readonly options: FunctionOptions
      /** Only rows for which it is true are aggregated; the arguments of others are not computed. */
      readonly filter?: Typed
    })
  | (Known & {
      readonly kind: 'window'
      readonly fn: WindowFunction
      readonly args: readonly Typed[]
      readonly options: FunctionOptions
    })
  | (Known & { readonly kind: 'learnt'; readonly step: LearntStep; readonly args: readonly Typed[] })

/** What an expression is computed from: its arguments, and the condition of an aggregate. */
export function operandsOf(expr: Typed): readonly Typed[] {
  switch (expr.kind) {
    case 'column':
    case 'literal':
      return []
    case 'cast':
      return [expr.arg]
    case 'aggregate':
      return expr.filter === undefined ? expr.args : [...expr.args, expr.filter]
    default:
      return expr.args
  }
}
