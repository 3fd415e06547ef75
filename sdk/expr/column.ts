import { inspect } from 'node:util'
import { PlanError } from '../data/errors.ts'
import { checkOptions } from '../data/options.ts'
import type { JsOf } from '../data/row.ts'
import type { Schema } from '../data/schema.ts'
import {
  parseType,
  type BareText,
  type Columns,
  type ColumnType,
  type DataType,
  type Field,
  type TypeText,
} from '../data/type.ts'
import * as place from './catalogue/window.ts'
import * as aggregate from './catalogue/aggregate/index.ts'
import * as arithmetic from './catalogue/arithmetic.ts'
import * as calendar from './catalogue/calendar.ts'
import * as choice from './catalogue/choice.ts'
import * as comparison from './catalogue/comparison.ts'
import * as conditional from './catalogue/conditional.ts'
import { hash as hashOfOne, hashOf } from './catalogue/hash.ts'
import * as logic from './catalogue/logic.ts'
import * as list from './catalogue/list.ts'
import { filtering, mapping } from './catalogue/each-item.ts'
import * as structMap from './catalogue/struct-map.ts'
import * as shape from './catalogue/text-shape.ts'
import * as text from './catalogue/text.ts'
import * as step from './catalogue/step.ts'
import { tryCast } from './catalogue/try-cast.ts'
import * as vector from './catalogue/vector.ts'
import { byType } from './catalogue/by-type.ts'
import type { Col, Cols, Expr, NumCol, Order } from './column-type.ts'
import type { AggregateFunction, FunctionOptions, RowFunction } from './function.ts'
import { NumberMethods } from './method/number.ts'
import { monthsIn } from './method/time.ts'
import type { ExprNode } from './node.ts'
import { exprText } from './text.ts'
import type {
  AnyBool,
  AnyNum,
  AnyOrdered,
  Beside,
  Both,
  Branch,
  Either,
  Grain,
  Rival,
  Rivalled,
  ValueType,
} from './type-rule.ts'

/**
 * What a user writes on columns becomes a tree of {@link ExprNode}. One class stands behind the columns of every type:
 * which methods a column has is known to the types (`column-type.ts`), and again to `infer` when a verb takes the tree.
 */

export type {
  AnyCol,
  BinaryCol,
  BoolCol,
  CalendarStep,
  CalendarUnit,
  Col,
  CollectOptions,
  Cols,
  DateCol,
  DigestOptions,
  DurationCol,
  EqCol,
  Expr,
  HistogramOptions,
  InZone,
  NumCol,
  OrdCol,
  Order,
  Population,
  QuantileOptions,
  TextCol,
  TimeCol,
  ZoneChoice,
} from './column-type.ts'
export type { Distance, ListCol, MapCol, StructCol, VectorCol } from './nested-type.ts'
export type { Dynamic, Grain } from './type-rule.ts'

const none: FunctionOptions = Object.freeze({})

/** Methods that columns of several types have. */
const OVERLOADED = {
  add: byType(arithmetic.add, { vector: vector.addVectors }),
  sub: byType(arithmetic.sub, { vector: vector.subVectors }),
  reverse: byType(shape.reverse, { list: list.reverseItems }),
  indexOf: byType(shape.indexOf, { list: list.indexOfItem }),
  contains: byType(text.contains, { list: list.containsItem }),
  slice: byType(text.slice, { list: list.sliceItems }),
  concat: byType(text.concat, { list: list.concatLists }),
  get: byType(list.getItem, { map: structMap.getKey }),
}

/** The expression behind every column; users see its methods through the types of columns. */
class ColumnExpr extends NumberMethods<ColumnExpr> {
  readonly #node: ExprNode

  constructor(node: ExprNode) {
    super()
    this.#node = Object.freeze(node)
  }

  get node(): ExprNode {
    return this.#node
  }

  #call(fn: RowFunction, others: readonly unknown[] = [], options: FunctionOptions = none): ColumnExpr {
    return call(fn, [this, ...others], options)
  }

  protected override call(fn: RowFunction, others?: readonly unknown[], options?: FunctionOptions): ColumnExpr {
    return this.#call(fn, others, options)
  }

  #aggregate(fn: AggregateFunction, others: readonly unknown[] = [], options: FunctionOptions = none): ColumnExpr {
    return new ColumnExpr({ kind: 'aggregate', fn, args: [this, ...others].map(nodeOf), options })
  }

  /** An aggregate with options as the user gave them, beside those that stand in places. */
  #with(fn: AggregateFunction, given: object, others: readonly unknown[] = [], placed: object = none): ColumnExpr {
    checkOptions(fn.name, given, fn.named ?? [])
    return this.#aggregate(fn, others, { ...placed, ...given })
  }

  add(other: unknown): ColumnExpr {
    const months = monthsIn(other)
    if (months !== undefined) return this.addMonths(months)
    return this.#call(OVERLOADED.add, [other])
  }
  sub(other: unknown): ColumnExpr {
    const months = monthsIn(other)
    if (months !== undefined) return this.addMonths(0 - months)
    return this.#call(OVERLOADED.sub, [other])
  }
  mul(other: unknown): ColumnExpr {
    return this.#call(arithmetic.mul, [other])
  }
  div(other: unknown): ColumnExpr {
    return this.#call(arithmetic.div, [other])
  }
  mod(other: unknown): ColumnExpr {
    return this.#call(arithmetic.mod, [other])
  }
  pow(exponent: unknown): ColumnExpr {
    return this.#call(arithmetic.pow, [exponent])
  }
  neg(): ColumnExpr {
    return this.#call(arithmetic.neg)
  }
  abs(): ColumnExpr {
    return this.#call(arithmetic.abs)
  }
  sign(): ColumnExpr {
    return this.#call(arithmetic.sign)
  }
  round(digits: number | string = 0, { timeZone }: { readonly timeZone?: string } = {}): ColumnExpr {
    if (typeof digits === 'string') return this.#call(step.round, [], { unit: digits, timeZone })
    return this.#call(arithmetic.round, [], { digits })
  }
  floor(): ColumnExpr {
    return this.#call(arithmetic.floor)
  }
  ceil(unit?: string, { timeZone }: { readonly timeZone?: string } = {}): ColumnExpr {
    if (unit !== undefined) return this.#call(step.ceil, [], { unit, timeZone })
    return this.#call(arithmetic.ceil)
  }
  sqrt(): ColumnExpr {
    return this.#call(arithmetic.sqrt)
  }
  exp(): ColumnExpr {
    return this.#call(arithmetic.exp)
  }
  log(): ColumnExpr {
    return this.#call(arithmetic.log)
  }

  eq(other: unknown): ColumnExpr {
    return this.#call(comparison.eq, [other])
  }
  ne(other: unknown): ColumnExpr {
    return this.#call(comparison.ne, [other])
  }
  gt(other: unknown): ColumnExpr {
    return this.#call(comparison.gt, [other])
  }
  ge(other: unknown): ColumnExpr {
    return this.#call(comparison.ge, [other])
  }
  lt(other: unknown): ColumnExpr {
    return this.#call(comparison.lt, [other])
  }
  le(other: unknown): ColumnExpr {
    return this.#call(comparison.le, [other])
  }
  between(low: unknown, high: unknown): ColumnExpr {
    return this.ge(low).and(this.le(high))
  }
  notIn(values: readonly unknown[]): ColumnExpr {
    return this.isIn(values).not()
  }
  isIn(values: readonly unknown[]): ColumnExpr {
    return this.#call(comparison.isIn, [...values])
  }

  and(other: unknown): ColumnExpr {
    return this.#call(logic.and, [other])
  }
  or(other: unknown): ColumnExpr {
    return this.#call(logic.or, [other])
  }
  not(): ColumnExpr {
    return this.#call(logic.not)
  }

  isNull(): ColumnExpr {
    return this.#call(conditional.isNull)
  }
  isNotNull(): ColumnExpr {
    return this.#call(conditional.isNotNull)
  }
  fillNull(value: unknown): ColumnExpr {
    return this.#call(conditional.fillNull, [value])
  }
  coalesce(...others: readonly unknown[]): ColumnExpr {
    return this.#call(conditional.coalesce, others)
  }
  nullIf(value: unknown): ColumnExpr {
    return this.#call(choice.nullIf, [value])
  }
  mapValues(table: object, otherwise?: string | number): ColumnExpr {
    const values = Object.values(table) as readonly string[] | readonly number[]
    const options = { keys: Object.keys(table), values, otherwise }
    return this.#call(otherwise === undefined ? choice.mapValues : choice.mapValuesOrElse, [], options)
  }
  cast(to: BareText): ColumnExpr {
    return new ColumnExpr({ kind: 'cast', arg: this.#node, to: bareType(to) })
  }
  tryCast(to: BareText): ColumnExpr {
    if (parseType(to).nullable) {
      const text = `tryCast("${to}"): its result is always nullable; write tryCast("${to.trim().slice(0, -1)}")`
      throw new PlanError('bad-cast', text)
    }
    return this.#call(tryCast, [], { to })
  }

  upper(): ColumnExpr {
    return this.#call(text.upper)
  }
  lower(): ColumnExpr {
    return this.#call(text.lower)
  }
  contains(other: unknown): ColumnExpr {
    return this.#call(OVERLOADED.contains, [other])
  }
  startsWith(other: unknown): ColumnExpr {
    return this.#call(text.startsWith, [other])
  }
  endsWith(other: unknown): ColumnExpr {
    return this.#call(text.endsWith, [other])
  }
  length(): ColumnExpr {
    return this.#call(text.length)
  }
  slice(start: number, end?: number): ColumnExpr {
    return this.#call(OVERLOADED.slice, [], { start, end })
  }
  concat(...others: readonly unknown[]): ColumnExpr {
    return this.#call(OVERLOADED.concat, others)
  }
  replace(search: string, replacement: string): ColumnExpr {
    return this.#call(text.replace, [], { search, replacement })
  }

  size(): ColumnExpr {
    return this.#call(list.size)
  }
  get(at: unknown): ColumnExpr {
    return this.#call(OVERLOADED.get, [at])
  }
  indexOf(value: unknown): ColumnExpr {
    return this.#call(OVERLOADED.indexOf, [value])
  }
  append(value: unknown): ColumnExpr {
    return this.#call(list.append, [value])
  }
  distinct(): ColumnExpr {
    return this.#call(list.distinctOf)
  }
  sort({ descending = false }: { readonly descending?: boolean } = {}): ColumnExpr {
    return this.#call(list.sortItems, [], { descending })
  }
  reverse(): ColumnExpr {
    return this.#call(OVERLOADED.reverse)
  }
  mapItems(of: (item: ColumnExpr) => unknown): ColumnExpr {
    return this.#call(mapping(item => noting(null, () => nodeOf(of(new ColumnExpr(item))))))
  }
  filterItems(condition: (item: ColumnExpr) => unknown): ColumnExpr {
    return this.#call(filtering(item => conditionOf('filterItems', () => condition(new ColumnExpr(item)))))
  }
  join(separator: string): ColumnExpr {
    return this.#call(list.join, [], { separator })
  }
  flatten(): ColumnExpr {
    return this.#call(list.flatten)
  }
  overlaps(other: unknown): ColumnExpr {
    return this.#call(list.overlaps, [other])
  }
  intersect(other: unknown): ColumnExpr {
    return this.#call(list.intersect, [other])
  }
  except(other: unknown): ColumnExpr {
    return this.#call(list.except, [other])
  }
  zip(other: unknown): ColumnExpr {
    return this.#call(list.zip, [other])
  }
  itemSum(): ColumnExpr {
    return this.#call(list.itemSum)
  }
  itemMean(): ColumnExpr {
    return this.#call(list.itemMean)
  }
  itemMin(): ColumnExpr {
    return this.#call(list.itemMin)
  }
  itemMax(): ColumnExpr {
    return this.#call(list.itemMax)
  }
  itemAny(): ColumnExpr {
    return this.#call(list.itemAny)
  }
  itemAll(): ColumnExpr {
    return this.#call(list.itemAll)
  }

  field(name: string): ColumnExpr {
    return this.#call(structMap.field, [], { name })
  }
  withFields(fields: { readonly [name: string]: unknown }): ColumnExpr {
    return this.#call(structMap.withFields, Object.values(fields), { names: Object.keys(fields) })
  }
  hasKey(key: unknown): ColumnExpr {
    return this.#call(structMap.hasKey, [key])
  }
  keys(): ColumnExpr {
    return this.#call(structMap.keys)
  }
  values(): ColumnExpr {
    return this.#call(structMap.values)
  }
  entries(): ColumnExpr {
    return this.#call(structMap.entries)
  }

  dot(other: unknown): ColumnExpr {
    return this.#call(vector.dot, [other])
  }
  cosine(other: unknown): ColumnExpr {
    return this.#call(vector.cosine, [other])
  }
  distance(other: unknown, kind: string = 'euclidean'): ColumnExpr {
    return this.#call(vector.distance, [other], { kind })
  }
  norm(order: number = 2): ColumnExpr {
    return this.#call(vector.norm, [], { order })
  }
  scale(factor: unknown): ColumnExpr {
    return this.#call(vector.scale, [factor])
  }
  at(i: number): ColumnExpr {
    return this.#call(vector.at, [], { i })
  }
  toList(): ColumnExpr {
    return this.#call(vector.toList)
  }
  toDense(): ColumnExpr {
    return this.#call(vector.toDense)
  }
  toSparse(): ColumnExpr {
    return this.#call(vector.toSparse)
  }
  toVector(size: number): ColumnExpr {
    return this.#call(vector.toVector, [], { size })
  }

  count(): ColumnExpr {
    return this.#aggregate(aggregate.count)
  }
  sum(): ColumnExpr {
    return this.#aggregate(aggregate.sum)
  }
  mean(): ColumnExpr {
    return this.#aggregate(aggregate.mean)
  }
  min(): ColumnExpr {
    return this.#aggregate(aggregate.min)
  }
  max(): ColumnExpr {
    return this.#aggregate(aggregate.max)
  }
  stddev(options: object = none): ColumnExpr {
    return this.#with(aggregate.stddev, options)
  }
  variance(options: object = none): ColumnExpr {
    return this.#with(aggregate.variance, options)
  }
  skewness(options: object = none): ColumnExpr {
    return this.#with(aggregate.skewness, options)
  }
  kurtosis(options: object = none): ColumnExpr {
    return this.#with(aggregate.kurtosis, options)
  }
  covariance(other: unknown, options: object = none): ColumnExpr {
    return this.#with(aggregate.covariance, options, [other])
  }
  slope(other: unknown): ColumnExpr {
    return this.#aggregate(aggregate.slope, [other])
  }
  intercept(other: unknown): ColumnExpr {
    return this.#aggregate(aggregate.intercept, [other])
  }
  r2(other: unknown): ColumnExpr {
    return this.#aggregate(aggregate.r2, [other])
  }
  product(): ColumnExpr {
    return this.#aggregate(aggregate.product)
  }
  bitwiseAnd(): ColumnExpr {
    return this.#aggregate(aggregate.bitwiseAnd)
  }
  bitwiseOr(): ColumnExpr {
    return this.#aggregate(aggregate.bitwiseOr)
  }
  bitwiseXor(): ColumnExpr {
    return this.#aggregate(aggregate.bitwiseXor)
  }
  weightedMean(weight: unknown): ColumnExpr {
    return this.#aggregate(aggregate.weightedMean, [weight])
  }
  geometricMean(): ColumnExpr {
    return this.#aggregate(aggregate.geometricMean)
  }
  argMin(by: unknown): ColumnExpr {
    return this.#aggregate(aggregate.argMin, [by])
  }
  argMax(by: unknown): ColumnExpr {
    return this.#aggregate(aggregate.argMax, [by])
  }
  smallest(n: number): ColumnExpr {
    return this.#aggregate(aggregate.smallest, [], { n })
  }
  largest(n: number): ColumnExpr {
    return this.#aggregate(aggregate.largest, [], { n })
  }
  collect(options: { readonly nulls?: boolean } = none): ColumnExpr {
    return this.#with(options.nulls === true ? aggregate.collectNulls : aggregate.collect, options)
  }
  joinText(separator: string, options: object = none): ColumnExpr {
    return this.#with(aggregate.joinText, options, [], { separator })
  }
  mode(): ColumnExpr {
    return this.#aggregate(aggregate.mode)
  }
  topK(k: number): ColumnExpr {
    return this.#aggregate(aggregate.topK, [], { k })
  }
  entropy(): ColumnExpr {
    return this.#aggregate(aggregate.entropy)
  }
  histogram(options: object): ColumnExpr {
    return this.#with(aggregate.histogram, options)
  }
  any(): ColumnExpr {
    return this.#aggregate(aggregate.any)
  }
  all(): ColumnExpr {
    return this.#aggregate(aggregate.all)
  }
  countTrue(): ColumnExpr {
    return this.#aggregate(aggregate.countTrue)
  }
  quantile(q: number, options: object = none): ColumnExpr {
    return this.#with(aggregate.quantile, options, [], { q })
  }
  median(): ColumnExpr {
    return this.#aggregate(aggregate.median)
  }
  approxQuantile(q: number, options: object = none): ColumnExpr {
    return this.#with(aggregate.approxQuantile, options, [], { q })
  }
  corr(other: unknown): ColumnExpr {
    return this.#aggregate(aggregate.corr, [other])
  }
  first(): ColumnExpr {
    return this.#aggregate(aggregate.first)
  }
  last(): ColumnExpr {
    return this.#aggregate(aggregate.last)
  }
  countDistinct(): ColumnExpr {
    return this.#aggregate(aggregate.countDistinct)
  }
  approxCountDistinct(options: object = none): ColumnExpr {
    return this.#with(aggregate.approxCountDistinct, options)
  }

  where(condition: unknown): ColumnExpr {
    const node = this.#node
    if (node.kind !== 'aggregate') {
      const text = `${this.toString()}.where(…): where stands right behind an aggregate: t.a.sum().where(t.b.gt(0))`
      throw new PlanError('bad-expression', text)
    }
    const filter = nodeOf(condition)
    const both = node.filter === undefined ? filter : call(logic.and, [new ColumnExpr(node.filter), condition]).node
    return new ColumnExpr({ ...node, filter: both })
  }

  #placed(fn: typeof place.lag, n: number, others: readonly unknown[]): ColumnExpr {
    return new ColumnExpr({ kind: 'window', fn, args: [this, ...others].map(nodeOf), options: { n } })
  }
  lag(n: number = 1, ...fallback: readonly unknown[]): ColumnExpr {
    return this.#placed(place.lag, n, fallback)
  }
  lead(n: number = 1, ...fallback: readonly unknown[]): ColumnExpr {
    return this.#placed(place.lead, n, fallback)
  }
  nthValue(n: number): ColumnExpr {
    return this.#placed(place.nthValue, n, [])
  }

  asc(): Order {
    return { by: this.#node, descending: false }
  }
  desc(): Order {
    return { by: this.#node, descending: true }
  }

  override toString(): string {
    return exprText(this.#node)
  }

  static {
    Object.defineProperty(this.prototype, inspect.custom, {
      value(this: ColumnExpr): string {
        return this.toString()
      },
    })
  }
}

function call(fn: RowFunction, args: readonly unknown[], options: FunctionOptions = none): ColumnExpr {
  const made = new ColumnExpr({ kind: 'call', fn, args: args.map(nodeOf), options })
  calls?.push(made.node)
  return made
}

/** The calls that a user's condition makes while it is looked at. */
let calls: ExprNode[] | null = null

/**
 * The tree of a user's condition. Of `a && b` JavaScript gives `b` alone, which no type checker refuses: a part that was
 * made and is not in the result is refused.
 */
export function conditionOf(where: string, condition: () => unknown): ExprNode {
  const made: ExprNode[] = []
  const node = noting(made, () => nodeOf(condition()))
  const used = new Set<ExprNode>()
  const visit = (at: ExprNode): void => {
    used.add(at)
    if (at.kind === 'cast') visit(at.arg)
    else if ('args' in at) at.args.forEach(visit)
    if (at.kind === 'aggregate' && at.filter !== undefined) visit(at.filter)
  }
  visit(node)
  const lost = made.findLast(at => !used.has(at))
  if (lost === undefined) return node
  const text = `${where}: ${exprText(lost)} has no effect. Join conditions by .and(…) and .or(…): of a && b JavaScript gives b alone.`
  throw new PlanError('lost-condition', text)
}

/** Computes while calls are noted in `made`, or nowhere. */
function noting<T>(made: ExprNode[] | null, compute: () => T): T {
  const outer = calls
  calls = made
  try {
    return compute()
  } finally {
    calls = outer
  }
}

function bareType(text: string): DataType {
  const { type, nullable } = parseType(text as TypeText)
  if (!nullable) return type
  const without = text.trim().slice(0, -1)
  throw new PlanError('bad-cast', `cast("${text}"): a cast keeps nulls as they are; write cast("${without}")`)
}

/** The tree of an expression; any other value becomes a literal. */
export function nodeOf(value: unknown): ExprNode {
  if (value instanceof ColumnExpr) return value.node
  if (value instanceof Then) {
    throw new PlanError('unfinished-when', 'when(…).then(…) has no end: add .otherwise(value), or .otherwise(null)')
  }
  return { kind: 'literal', value }
}

/** True for what column methods return. */
export function isExpr(value: unknown): value is Expr {
  return value instanceof ColumnExpr
}

/** An expression of a tree: the inverse of {@link nodeOf}. */
export function exprOf<T extends ColumnType, G extends Grain = 'row'>(node: ExprNode): Col<T, G>
export function exprOf(node: ExprNode): unknown {
  return new ColumnExpr(node)
}

/** An expression that calls a function of rows, for functions beside this file: `struct`, `list`, `vector`. */
export function callOf<T extends ColumnType, G extends Grain>(
  fn: RowFunction,
  args: readonly unknown[],
  options?: FunctionOptions,
): Col<T, G>
export function callOf(fn: RowFunction, args: readonly unknown[], options?: FunctionOptions): unknown {
  return call(fn, args, options)
}

/** An expression that calls an aggregate function, for catalogues beside this one: metrics of models. */
export function aggregateOf<T extends ColumnType>(
  fn: AggregateFunction,
  args: readonly unknown[],
  options?: FunctionOptions,
): Col<T, 'agg'>
export function aggregateOf(fn: AggregateFunction, args: readonly unknown[], options: FunctionOptions = none): unknown {
  return new ColumnExpr({ kind: 'aggregate', fn, args: args.map(nodeOf), options })
}

const known = new WeakMap<Schema, object>()

/** The columns of a schema for a callback. A name that the schema does not have throws a PlanError at once. */
export function columnsOf<S extends Columns>(schema: Schema, where?: string): Cols<S>
export function columnsOf(schema: Schema, where: string = 'column'): unknown {
  let columns = known.get(schema)
  if (columns === undefined) {
    const all = schema.fields.map(field => [field.name, columnOf(field)] as const)
    columns = Object.freeze(Object.assign(Object.create(null), Object.fromEntries(all)) as object)
    known.set(schema, columns)
  }
  return new Proxy(columns, {
    get: (target, name) => {
      if (typeof name === 'symbol' || name in target) return Reflect.get(target, name) as unknown
      if (name === 'then' || name === 'toJSON' || name === 'constructor') return undefined
      schema.field(name, where)
      return undefined
    },
  })
}

/** A column of a schema. The fields of a struct are no properties of it, and who reaches for one is told how to. */
function columnOf({ name, type }: Field): ColumnExpr {
  const column = new ColumnExpr({ kind: 'column', name })
  if (type.kind !== 'struct') return column
  for (const field of type.fields) {
    if (field.name in column) continue
    Object.defineProperty(column, field.name, {
      get: () => {
        const text = `"${name}" is a struct, whose fields are no properties. Did you mean ${column.field(field.name).toString()}?`
        throw new PlanError('struct-field', text, { column: name, field: field.name })
      },
    })
  }
  return column
}

/**
 * A column by a name that is known at run time only. It has every method, and all is checked when the verb is called.
 *
 * ```ts
 * import { col, read } from 'millrace'
 * const frame = read.rows([{ a: 1 }, { a: 2 }])
 * const table = await frame.derive(() => ({ b: col('a').add(1) })).select('b').collect()
 * table.rows() // => [ { b: 2 }, { b: 3 } ]
 * ```
 */
// eslint-disable-next-line typescript/no-explicit-any -- its type is not known, so it takes part in everything
export function col(name: string): any {
  return new ColumnExpr({ kind: 'column', name })
}

/**
 * A constant. A whole number is an int32, or an int64 from ten digits on; any other is a float64. With a type it is
 * read as one of that type: `lit('2001-04-01', 'timestamp')`, `lit(null, 'utf8?')`.
 *
 * ```ts
 * import { lit, read } from 'millrace'
 * const frame = read.rows([{ p: 0.25 }])
 * const table = await frame.derive(t => ({ b: lit(1).sub(t.p) })).select('b').collect()
 * table.rows() // => [ { b: 0.75 } ]
 * ```
 */
export function lit<V extends string | number | bigint | boolean | Date>(value: V): Col<ValueType<V>, never>
export function lit<T extends TypeText>(value: unknown, type: T): Col<T, never>
export function lit(value: unknown, type?: TypeText): unknown {
  const literal: ExprNode = { kind: 'literal', value }
  if (type === undefined) return new ColumnExpr(literal)
  const of = parseType(type)
  if (value === null && !of.nullable) {
    throw new PlanError('bad-literal', `lit(null, '${type}'): null needs a nullable type; write lit(null, '${type}?')`)
  }
  return new ColumnExpr({ kind: 'cast', arg: literal, to: of.type })
}

/**
 * How many rows, nulls or not.
 *
 * ```ts
 * import { count, read } from 'millrace'
 * const frame = read.rows([{ a: 1 }, { a: null }])
 * const table = await frame.aggregate(() => ({ b: count() })).collect()
 * table.rows() // => [ { b: 2 } ]
 * ```
 */
export function count(): NumCol<'int64', 'agg'>
export function count(): unknown {
  return new ColumnExpr({ kind: 'aggregate', fn: aggregate.count, args: [], options: none })
}

/**
 * A hash of several values, the same on every machine; of one value, its own method `hash` says how. A null counts as a
 * value, so the result is never null, and it tells where one value ends: `('ab', 'c')` and `('a', 'bc')` differ.
 *
 * ```ts
 * import { hash, read } from 'millrace'
 * const frame = read.rows([{ a: 'SFO', b: 1 }, { a: 'LAX', b: 2 }])
 * const table = await frame.derive(t => ({ b: hash(t.a, t.b).mod(100) })).select('b').collect()
 * table.rows() // => [ { b: 67 }, { b: 87 } ]
 * ```
 */
export function hash<A extends readonly Expr<ColumnType, 'row'>[]>(...values: A): NumCol<'int64', 'row'>
export function hash(...values: readonly unknown[]): unknown {
  return call(values.length === 1 ? hashOfOne : hashOf, values)
}

/**
 * A day of year, month and day, as whole numbers; null where one is missing. A day that the calendar does not have is an
 * error that names it.
 *
 * ```ts
 * import { makeDate, read } from 'millrace'
 * const frame = read.rows([{ y: 2000, m: 2, d: 29 }])
 * const table = await frame.derive(t => ({ b: makeDate(t.y, t.m, t.d) })).select('b').collect()
 * table.rows() // => [ { b: '2000-02-29' } ]
 * ```
 */
export function makeDate<Y extends Part, M extends Part, D extends Part>(
  year: Y,
  month: M,
  day: D,
): Col<Both<'date', Y | M | D, 'date'>, 'row'>
export function makeDate(...parts: readonly unknown[]): unknown {
  return call(calendar.makeDate, parts)
}

/**
 * A time in UTC of its parts: whole numbers, and seconds that may have a fraction, rounded to microseconds. Null where
 * one is missing. A day or a time of day that there is not is an error that names it.
 *
 * ```ts
 * import { makeTimestamp, read } from 'millrace'
 * const frame = read.rows([{ h: 13 }])
 * const table = await frame.derive(t => ({ b: makeTimestamp(2001, 8, 15, t.h, 30, 1.5) })).select('b').collect()
 * table.rows() // => [ { b: 2001-08-15T13:30:01.500Z } ]
 * ```
 */
export function makeTimestamp<A extends readonly [Part, Part, Part, Part, Part, Part]>(
  ...parts: A
): Col<Both<'timestamp', A[number], 'timestamp'>, 'row'>
export function makeTimestamp(...parts: readonly unknown[]): unknown {
  return call(calendar.makeTimestamp, parts)
}

type Part = number | Expr<AnyNum>

/**
 * The greatest of several values of a row; nulls are passed over, so it is null only where all are. NaN is greater than
 * all numbers, text goes by code point. Numbers of several types meet as in a sum.
 *
 * ```ts
 * import { greatest, read } from 'millrace'
 * const frame = read.rows([{ a: 1, b: 5 }, { a: 7, b: null }])
 * const table = await frame.derive(t => ({ c: greatest(t.a, t.b, 3) })).select('c').collect()
 * table.rows() // => [ { c: 5 }, { c: 7 } ]
 * ```
 */
export function greatest<
  T extends AnyOrdered,
  G extends Grain,
  const O extends readonly [Rival<T, G>, ...Rival<T, G>[]],
>(value: Expr<T, G>, ...others: O): Col<Rivalled<T, O>, G>
export function greatest(...values: readonly unknown[]): unknown {
  return call(choice.greatest, values)
}

/**
 * The least of several values of a row; nulls are passed over, so it is null only where all are. NaN is greater than
 * all numbers, text goes by code point. Numbers of several types meet as in a sum.
 *
 * ```ts
 * import { least, read } from 'millrace'
 * const frame = read.rows([{ a: 1, b: 5 }, { a: 7, b: null }])
 * const table = await frame.derive(t => ({ c: least(t.a, t.b) })).select('c').collect()
 * table.rows() // => [ { c: 1 }, { c: 7 } ]
 * ```
 */
export function least<T extends AnyOrdered, G extends Grain, const O extends readonly [Rival<T, G>, ...Rival<T, G>[]]>(
  value: Expr<T, G>,
  ...others: O
): Col<Rivalled<T, O>, G>
export function least(...values: readonly unknown[]): unknown {
  return call(choice.least, values)
}

/**
 * A choice by conditions, the first that is true: `when(t.a.gt(1)).then('high').when(t.a.gt(0)).then('low').otherwise(null)`.
 * A condition that is null counts as false. Only the branch that is taken is computed.
 *
 * ```ts
 * import { read, when } from 'millrace'
 * const frame = read.rows([{ a: 20 }, { a: 5 }, { a: -1 }])
 * const table = await frame.derive(t => ({ b: when(t.a.gt(10)).then('high').when(t.a.gt(0)).then('low').otherwise(null) })).select('b').collect()
 * table.rows() // => [ { b: 'high' }, { b: 'low' }, { b: null } ]
 * ```
 */
export function when<G extends Grain>(condition: Expr<AnyBool, G>): When<G>
export function when(condition: unknown): unknown {
  return new Then([]).when(condition)
}

/** A first condition that waits for its value. */
export interface When<in out G extends Grain> {
  /** The value where the condition is true. */
  then<V extends Value<G>>(value: V): Chosen<ValueType<V>, G>
}

/** A further condition that waits for its value. */
export interface WhenElse<in out T extends ColumnType, in out G extends Grain> {
  /** The value where the condition is true. */
  then<V extends Branch<T, G>>(value: V): Chosen<Either<T, V>, G>
}

type Value<G extends Grain> = string | number | bigint | boolean | Date | Expr<ColumnType, Beside<G>>

/** A choice that waits for another condition or its end. */
export interface Chosen<in out T extends ColumnType, in out G extends Grain> {
  /** Another condition, looked at where none before is true. */
  when(condition: Expr<AnyBool, Beside<G>>): WhenElse<T, G>
  /** The value where no condition is true. */
  otherwise<V extends Branch<T, G>>(value: V): Col<Either<T, V>, G>
}

class Then {
  readonly #args: readonly unknown[]

  constructor(args: readonly unknown[]) {
    this.#args = args
  }

  when(condition: unknown): object {
    return { then: (value: unknown) => new Then([...this.#args, condition, value]) }
  }

  otherwise(value: unknown): ColumnExpr {
    return call(conditional.when, [...this.#args, value])
  }
}

/**
 * A function of yours over the values of a row, as they are in row objects (a missing value is null), with the type of
 * its result. What it throws fails the query and names it.
 *
 * ```ts
 * import { read, udf } from 'millrace'
 * const frame = read.rows([{ a: 3, b: 4 }])
 * const table = await frame.derive(t => ({ b: udf([t.a, t.b], 'float64', (a, b) => Math.hypot(a, b)) })).select('b').collect()
 * table.rows() // => [ { b: 5 } ]
 * ```
 */
export function udf<const A extends readonly Expr[], const R extends TypeText>(
  args: A,
  result: R,
  fn: (...values: UdfValues<A>) => JsOf<R>,
  options?: UdfOptions,
): Col<R, 'row'>
export function udf(
  args: readonly unknown[],
  result: TypeText,
  fn: (...values: never[]) => unknown,
  options: UdfOptions = {},
): unknown {
  const name = options.name ?? (fn.name === '' ? 'udf' : fn.name)
  return new ColumnExpr({ kind: 'udf', udf: { name, result: parseType(result), fn }, args: args.map(nodeOf) })
}

/** The values that a {@link udf} is called with. */
export type UdfValues<A extends readonly Expr[]> = {
  [I in keyof A]: A[I] extends Expr<infer T> ? JsOf<T> : never
}

/** Options of {@link udf}. */
export interface UdfOptions {
  /** Its name in plans and errors; the function's own by default. */
  readonly name?: string
}
