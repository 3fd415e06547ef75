import type { Value } from '../../data/column.ts'
import { isFloat, isInteger, isNumeric, sameType, scalar, type DataType, type Nullable } from '../../data/type.ts'
import type { EagerFunction, Inferred } from '../function.ts'
import { compareValues, equalValues } from '../order.ts'
import { commonType, decimal, isBig, isOrdered, scaleOf, widest } from '../promote.ts'
import { sqlType } from '../sql-type.ts'
import { anyNull, fits, overflow } from './number.ts'
import { valueFunction } from './value-function.ts'

/**
 * Lists. Positions count from 0, negative ones from the end. A null item is found by nothing and left out of
 * aggregates; where items are told apart (`distinct`, `except`) it is one value.
 */

type List = readonly Value[]

const INT32 = scalar('int32')
const BOOL = scalar('bool')

/** What a list holds. */
export const itemOf = (type: DataType): Nullable => (type.kind === 'list' ? type.item : { type, nullable: true })
const listOf = (item: Nullable): DataType => ({ kind: 'list', item: { type: item.type, nullable: item.nullable } })

/** Checks that the first argument is a list before the rest is looked at. */
function onList(
  name: string,
  infer: (list: Nullable, item: Nullable, rest: readonly Nullable[]) => Inferred | string,
): EagerFunction['infer'] {
  return args => {
    const list = args[0]!
    return list.type.kind === 'list' ? infer(list, list.type.item, args.slice(1)) : `${name} takes a list, and $0`
  }
}

/** Why a value cannot be an item of the list; undefined when it can. */
function notAnItem(name: string, item: Nullable, value: Nullable): string | undefined {
  const common = commonType([item.type, value.type])
  if (common !== undefined && (sameType(common, item.type) || widest(item.type, common) !== undefined)) return undefined
  return `${name} takes an item of the list, and $0, $1; cast one side`
}

const refusedInFlink = (why: string): { readonly refused: string } => ({ refused: why })
const NO_FLINK = refusedInFlink('Flink SQL has no function for it')

export const size: EagerFunction = valueFunction({
  name: 'size',
  infer: ([a]) =>
    a!.type.kind === 'list' || a!.type.kind === 'map'
      ? { type: INT32, nullable: a!.nullable }
      : `size takes a list or a map, and $0`,
  make: () => (list: List) => list.length,
  duckdb: ([a], types) => `CAST(${types[0]!.type.kind === 'map' ? 'cardinality' : 'len'}(${a}) AS INTEGER)`,
  flink: ([a]) => `CARDINALITY(${a})`,
})

export const getItem: EagerFunction = valueFunction({
  name: 'get',
  infer: onList('get', (_, item, [at]) =>
    isInteger(at!.type) && at!.type.kind !== 'bigint'
      ? { type: item.type, nullable: true }
      : `get takes a whole number as position, and $1`,
  ),
  nulls: 'own',
  make: () => (list: List | null, at: number | null) =>
    list === null || at === null ? null : (list[at < 0 ? list.length + at : at] ?? null),
  duckdb: ([a, i]) => `list_extract(${a}, CASE WHEN ${i} < 0 THEN ${i} ELSE CAST(${i} AS BIGINT) + 1 END)`,
  flink: refusedInFlink('Flink fails on a position outside of an array'),
})

export const sliceItems: EagerFunction = valueFunction({
  name: 'slice',
  infer: onList('slice', list => ({ type: list.type, nullable: list.nullable })),
  make: (_, __, options) => {
    const [start, end] = [options['start'] as number, options['end'] as number | undefined]
    return (list: List) => list.slice(start, end)
  },
  duckdb: ([a], _, options) => {
    const at = (position: number): string => (position < 0 ? `greatest(len(${a}) + ${position}, 0)` : String(position))
    const end = options['end'] as number | undefined
    return `list_slice(${a}, ${at(options['start'] as number)} + 1, ${end === undefined ? `len(${a})` : at(end)})`
  },
  flink: NO_FLINK,
})

function finding(
  name: 'contains' | 'indexOf',
): Pick<EagerFunction, 'infer'> & { readonly at: (list: List, value: Value) => number } {
  return {
    infer: onList(name, (list, item, [value]): Inferred | string => {
      const problem = notAnItem(name, item, value!)
      if (problem !== undefined) return problem
      const cast = [undefined, item.type]
      return { type: name === 'contains' ? BOOL : INT32, nullable: list.nullable || value!.nullable, cast }
    }),
    at: (list, value) => list.findIndex(item => item !== null && equalValues(item, value)),
  }
}

const within = finding('contains')
const position = finding('indexOf')

export const containsItem: EagerFunction = valueFunction({
  name: 'contains',
  infer: within.infer,
  make: () => (list: List, value: Value) => within.at(list, value) >= 0,
  duckdb: ([a, b]) => `list_contains(${a}, ${b})`,
  flink: ([a, b], types) =>
    types.some(({ type }) => isFloat(itemOf(type).type))
      ? refusedInFlink('Flink compares NaN as IEEE has it')
      : `ARRAY_CONTAINS(${a}, ${b})`,
})

export const indexOfItem: EagerFunction = valueFunction({
  name: 'indexOf',
  infer: position.infer,
  make: () => (list: List, value: Value) => position.at(list, value),
  duckdb: ([a, b]) =>
    `CASE WHEN ${a} IS NULL OR ${b} IS NULL THEN NULL ELSE coalesce(list_position(${a}, ${b}), 0) - 1 END`,
  flink: NO_FLINK,
})

export const concatLists: EagerFunction = valueFunction({
  name: 'concat',
  infer: args => {
    const type = commonType(args.map(arg => arg.type))
    if (type?.kind !== 'list') return `concat takes lists of one type, and ${args.map((_, k) => `$${k}`).join(', ')}`
    return { type, nullable: anyNull(args), cast: args.map(() => type) }
  },
  make:
    () =>
    (first: List, ...others: readonly List[]) =>
      first.concat(...others),
  duckdb: args => `(${args.join(' || ')})`,
  flink: args => `ARRAY_CONCAT(${args.join(', ')})`,
})

/** A null that was written, which has the type of what it stands beside. */
const isNullLiteral = (of: Nullable): boolean =>
  'kind' in of && of.kind === 'literal' && 'value' in of && of.value === null

export const append: EagerFunction = valueFunction({
  name: 'append',
  infer: onList('append', (list, item, [value]) => {
    const problem = isNullLiteral(value!) ? undefined : notAnItem('append', item, value!)
    if (problem !== undefined) return problem
    const nullable = item.nullable || value!.nullable
    return { type: listOf({ type: item.type, nullable }), nullable: list.nullable, cast: [undefined, item.type] }
  }),
  nulls: 'own',
  make: () => (list: List | null, value: Value) => (list === null ? null : [...list, value]),
  duckdb: ([a, b]) => `CASE WHEN ${a} IS NULL THEN NULL ELSE list_append(${a}, ${b}) END`,
  flink: ([a, b]) => `ARRAY_APPEND(${a}, ${b})`,
})

/** The first of equal items, in order. */
function distinctItems(list: List): Value[] {
  if (list.some(item => typeof item === 'object' && item !== null)) {
    return list.filter((item, i) => list.findIndex(other => same(item, other)) === i)
  }
  return [...new Set(list)] // a Set holds NaN once, and 0 and −0 as one
}

function same(a: Value, b: Value): boolean {
  return a === null || b === null ? a === b : equalValues(a, b)
}

const keepsList = (name: string): EagerFunction['infer'] =>
  onList(name, list => ({ type: list.type, nullable: list.nullable }))

/** Parameters of lambdas in SQL, by names that columns hardly have. */
const [X, I] = ['"$x"', '"$i"']

const distinctSql = (a: string): string =>
  `list_filter(list_transform(${a}, lambda ${X}, ${I}: CASE WHEN list_position(${a}, ${X}) = ${I} THEN ${I} END), lambda ${I}: ${I} IS NOT NULL)`

export const distinctOf: EagerFunction = valueFunction({
  name: 'distinct',
  infer: keepsList('distinct'),
  make: () => distinctItems,
  duckdb: ([a]) => `list_transform(${distinctSql(a!)}, lambda ${I}: ${a}[${I}])`,
  flink: refusedInFlink('Flink does not say in which order it keeps items'),
})

export const sortItems: EagerFunction = valueFunction({
  name: 'sort',
  infer: onList('sort', (list, item) =>
    isOrdered(item.type) || item.type.kind === 'bool'
      ? { type: list.type, nullable: list.nullable }
      : `$0, and its items have no order`,
  ),
  make: (_, __, options) => {
    const sign = options['descending'] === true ? -1 : 1
    return (list: List) =>
      [...list].sort((a, b) => {
        if (a === null || b === null) return Number(a === null) - Number(b === null)
        return sign * compareValues(a, b)
      })
  },
  duckdb: ([a], _, options) => `list_sort(${a}, '${options['descending'] === true ? 'DESC' : 'ASC'}', 'NULLS LAST')`,
  flink: refusedInFlink('Flink orders NaN and text otherwise'),
})

export const reverseItems: EagerFunction = valueFunction({
  name: 'reverse',
  infer: keepsList('reverse'),
  make: () => (list: List) => list.toReversed(),
  duckdb: ([a]) => `list_reverse(${a})`,
  flink: ([a]) => `ARRAY_REVERSE(${a})`,
})

export const join: EagerFunction = valueFunction({
  name: 'join',
  infer: onList('join', (list, item) =>
    item.type.kind === 'utf8' ? { type: item.type, nullable: list.nullable } : `join takes a list of texts, and $0`,
  ),
  make: (_, __, options) => {
    const separator = options['separator'] as string
    return (list: readonly (string | null)[]) => list.filter(item => item !== null).join(separator)
  },
  duckdb: ([a], _, options) =>
    `CASE WHEN ${a} IS NOT NULL THEN coalesce(array_to_string(${a}, '${(options['separator'] as string).replaceAll(`'`, `''`)}'), '') END`,
  flink: ([a], _, options) => `ARRAY_JOIN(${a}, '${(options['separator'] as string).replaceAll(`'`, `''`)}')`,
})

export const flatten: EagerFunction = valueFunction({
  name: 'flatten',
  infer: onList('flatten', (list, item) =>
    item.type.kind === 'list' ? { type: item.type, nullable: list.nullable } : `flatten takes a list of lists, and $0`,
  ),
  make: () => (list: List) => list.filter(inner => inner !== null).flatMap(inner => inner as List),
  duckdb: ([a]) => `flatten(${a})`,
  flink: NO_FLINK,
})

function twoLists(name: string, result: (type: DataType) => DataType): EagerFunction['infer'] {
  return args => {
    const type = commonType(args.map(arg => arg.type))
    if (type?.kind !== 'list') return `${name} takes two lists of one type, and $0, $1`
    return { type: result(type), nullable: anyNull(args), cast: [type, type] }
  }
}

/** Whether an item is among those of a list, found by hashing where items are plain. */
function among(list: List): (item: Value) => boolean {
  if (!list.some(item => typeof item === 'object' && item !== null)) {
    const set = new Set(list)
    return item => item !== null && set.has(item)
  }
  return item => item !== null && list.some(other => other !== null && equalValues(item, other))
}

export const overlaps: EagerFunction = valueFunction({
  name: 'overlaps',
  infer: twoLists('overlaps', () => BOOL),
  make: () => (a: List, b: List) => a.some(among(b)),
  duckdb: ([a, b]) => `list_has_any(${a}, ${b})`,
  flink: NO_FLINK,
})

const keepingSql = (a: string, condition: string): string =>
  `list_filter(list_transform(${distinctSql(a)}, lambda ${I}: ${a}[${I}]), lambda ${X}: ${condition})`

export const intersect: EagerFunction = valueFunction({
  name: 'intersect',
  infer: twoLists('intersect', type => type),
  make: () => (a: List, b: List) => distinctItems(a).filter(among(b)),
  duckdb: ([a, b]) => `CASE WHEN ${b} IS NULL THEN NULL ELSE ${keepingSql(a!, `list_contains(${b}, ${X})`)} END`,
  flink: NO_FLINK,
})

export const except: EagerFunction = valueFunction({
  name: 'except',
  infer: twoLists('except', type => type),
  make: () => (a: List, b: List) => {
    const has = among(b)
    return distinctItems(a).filter(item => !has(item))
  },
  duckdb: ([a, b]) =>
    `CASE WHEN ${b} IS NULL THEN NULL ELSE ${keepingSql(a!, `${X} IS NULL OR NOT list_contains(${b}, ${X})`)} END`,
  flink: NO_FLINK,
})

export const zip: EagerFunction = valueFunction({
  name: 'zip',
  infer: onList('zip', (list, item, [other]) => {
    if (other!.type.kind !== 'list') return `zip takes two lists, and $1`
    const fields = [
      { name: 'first', type: item.type, nullable: true },
      { name: 'second', type: other!.type.item.type, nullable: true },
    ]
    const type = listOf({ type: { kind: 'struct', fields }, nullable: false })
    return { type, nullable: list.nullable || other!.nullable }
  }),
  make: () => (a: List, b: List) =>
    Array.from({ length: Math.max(a.length, b.length) }, (_, i) => [a[i] ?? null, b[i] ?? null]),
  duckdb: ([a, b]) =>
    `list_transform(CASE WHEN ${a} IS NOT NULL AND ${b} IS NOT NULL THEN range(1, greatest(len(${a}), len(${b})) + 1) END, ` +
    `lambda ${I}: {'first': ${a}[${I}], 'second': ${b}[${I}]})`,
  flink: NO_FLINK,
})

/** An aggregate of the items of one list. Nulls are skipped; of no items it is null. */
function ofItems(
  name: string,
  result: (item: DataType) => DataType | string,
  compute: (items: List, item: DataType) => Value | undefined,
  sql: (list: string, item: DataType) => string,
): EagerFunction {
  return valueFunction({
    name,
    infer: onList(name, (_, item) => {
      const type = result(item.type)
      return typeof type === 'string' ? `${name} takes a list of ${type}, and $0` : { type, nullable: true }
    }),
    nulls: 'own',
    make: types => {
      const item = itemOf(types[0]!.type).type
      return (list: List | null) => {
        if (list === null) return null
        const present = list.includes(null) ? list.filter(each => each !== null) : list
        return present.length === 0 ? null : compute(present, item)
      }
    },
    failure: ({ type }) => overflow(type),
    duckdb: ([a], types) => sql(a!, itemOf(types[0]!.type).type),
    flink: NO_FLINK,
  })
}

const ordered = (item: DataType): DataType | string =>
  isOrdered(item) || item.kind === 'bool' ? item : 'values with an order'
const numeric =
  (result: (item: DataType) => DataType) =>
  (item: DataType): DataType | string =>
    isNumeric(item) ? result(item) : 'numbers'
const truth = (item: DataType): DataType | string => (item.kind === 'bool' ? item : 'bools')

function totalType(item: DataType): DataType {
  if (isFloat(item)) return scalar('float64')
  if (item.kind === 'decimal') return decimal(item.scale)
  return item.kind === 'bigint' ? item : scalar('int64')
}

function total(items: List, item: DataType): Value | undefined {
  if (isBig(item)) {
    const sum = (items as readonly bigint[]).reduce((a, b) => a + b, 0n)
    return fits(sum, totalType(item)) ? sum : undefined
  }
  if (isFloat(item)) return (items as readonly number[]).reduce((a, b) => a + b, 0)
  const near = (items as readonly number[]).reduce((a, b) => a + b, 0)
  if (Number.isSafeInteger(near) && items.every(each => Math.abs(each as number) <= 2 ** 31)) return near
  const sum = (items as readonly number[]).reduce((a, b) => a + BigInt(b), 0n)
  return fits(Number(sum), scalar('int64')) ? Number(sum) : undefined
}

const numbersOf = (items: List, item: DataType): number[] =>
  items.map(each => (isBig(item) ? Number(each) / 10 ** scaleOf(item) : (each as number)))

export const itemSum: EagerFunction = ofItems('itemSum', numeric(totalType), total, (a, item) => {
  const type = sqlType(totalType(item), 'duckdb') as string
  const items = isFloat(item) ? `CAST(${a} AS DOUBLE[])` : a
  return `CAST(list_sum(${items}) AS ${type})`
})
export const itemMean: EagerFunction = ofItems(
  'itemMean',
  numeric(() => scalar('float64')),
  (items, item) => numbersOf(items, item).reduce((a, b) => a + b, 0) / items.length,
  a => `list_avg(CAST(${a} AS DOUBLE[]))`,
)
export const itemMin: EagerFunction = ofItems(
  'itemMin',
  ordered,
  items => items.reduce((a, b) => (compareValues(b, a) < 0 ? b : a)),
  a => `list_min(${a})`,
)
export const itemMax: EagerFunction = ofItems(
  'itemMax',
  ordered,
  items => items.reduce((a, b) => (compareValues(b, a) > 0 ? b : a)),
  a => `list_max(${a})`,
)
export const itemAny: EagerFunction = ofItems(
  'itemAny',
  truth,
  items => items.includes(true),
  a => `list_bool_or(${a})`,
)
export const itemAll: EagerFunction = ofItems(
  'itemAll',
  truth,
  items => !items.includes(false),
  a => `list_bool_and(${a})`,
)

export const list: EagerFunction = valueFunction({
  name: 'list',
  form: 'function',
  infer: args => {
    if (args.length === 0) return `list takes its items; an empty one is lit([], 'int32[]')`
    const type = commonType(args.map(arg => arg.type))
    if (type === undefined) return `list takes items of one type, and ${args.map((_, k) => `$${k}`).join(', ')}`
    return { type: listOf({ type, nullable: anyNull(args) }), nullable: false, cast: args.map(() => type) }
  },
  nulls: 'own',
  make:
    () =>
    (...items: readonly Value[]) =>
      items,
  duckdb: args => `list_value(${args.join(', ')})`,
  flink: args => `ARRAY[${args.join(', ')}]`,
})

const MOST = 1e7

export const range: EagerFunction = valueFunction({
  name: 'range',
  form: 'function',
  infer: args => {
    const wrong = args.findIndex(({ type }) => !isInteger(type) || type.kind === 'bigint')
    if (wrong >= 0) return `range takes whole numbers (int32 or int64), and $${wrong}`
    const type = commonType(args.map(arg => arg.type))!
    return { type: listOf({ type, nullable: false }), nullable: anyNull(args), cast: args.map(() => type) }
  },
  make: () => (from: number, to: number, step: number) => {
    const length = Math.max(0, Math.ceil((to - from) / step))
    if (step === 0 || length > MOST) return undefined
    return Array.from({ length }, (_, i) => from + i * step)
  },
  failure: () => `a step of 0, or more than ${MOST} items`,
  duckdb: (args, types) => {
    const name = sqlType(types[0]!.type, 'duckdb')
    return typeof name === 'string' ? `CAST(range(${args.join(', ')}) AS ${name}[])` : name
  },
  flink: NO_FLINK,
})
