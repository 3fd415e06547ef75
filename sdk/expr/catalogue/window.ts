import { sameType, scalar, type Nullable } from '../../data/type.ts'
import type { FunctionOptions, PlaceInOrder, Sql, WindowFunction } from '../function.ts'

/**
 * Functions of a row's place among the rows of its partition. They are defined by positions alone, so that one engine
 * that knows order, peers and frame computes them all.
 */

const INT64 = { type: scalar('int64'), nullable: false }
const FLOAT64 = { type: scalar('float64'), nullable: false }

function numbering(
  name: string,
  needsOrder: boolean,
  result: Nullable,
  at: WindowFunction['at'],
  sql: string,
): WindowFunction {
  const infer = (): Nullable => result
  return {
    name,
    form: 'function',
    infer,
    needsOrder,
    gives: 'number',
    at,
    duckdb: () => sql,
    flink: () => sql.toUpperCase(),
  }
}

export const rowNumber: WindowFunction = numbering('rowNumber', false, INT64, ({ row }) => row + 1, 'row_number()')
export const rank: WindowFunction = numbering('rank', true, INT64, ({ firstPeer }) => firstPeer + 1, 'rank()')
export const denseRank: WindowFunction = numbering(
  'denseRank',
  true,
  INT64,
  ({ groupsBefore }) => groupsBefore + 1,
  'dense_rank()',
)
export const percentRank: WindowFunction = numbering(
  'percentRank',
  true,
  FLOAT64,
  ({ firstPeer, rows }) => (rows === 1 ? 0 : firstPeer / (rows - 1)),
  'percent_rank()',
)
export const cumeDist: WindowFunction = numbering(
  'cumeDist',
  true,
  FLOAT64,
  ({ peersEnd, rows }) => peersEnd / rows,
  'cume_dist()',
)

export const ntile: WindowFunction = {
  name: 'ntile',
  form: 'function',
  infer: (_, { n }) =>
    isWhole(n, 1) ? INT64 : `ntile takes a whole number of parts from 1 on, and ${String(n)} is none`,
  needsOrder: false,
  gives: 'number',
  // the first parts have one row more where the rows do not divide evenly
  at: ({ row, rows }, { n }) => {
    const [least, larger] = [Math.floor(rows / (n as number)), rows % (n as number)]
    const split = larger * (least + 1)
    return 1 + (row < split ? Math.floor(row / (least + 1)) : larger + Math.floor((row - split) / least))
  },
  duckdb: (_, __, { n }) => `ntile(${String(n)})`,
  flink: (_, __, { n }) => `NTILE(${String(n)})`,
}

/** The value of another row. */
function valueOf(
  name: string,
  least: number,
  at: (place: PlaceInOrder, n: number) => number,
  sql: string,
): WindowFunction {
  const print =
    (fn: string): Sql =>
    ([a, fallback], _, { n }) =>
      `${fn}(${[a, String(n), ...(fallback === undefined ? [] : [fallback])].join(', ')})`
  return {
    name,
    infer: (args, { n }: FunctionOptions) => {
      if (!isWhole(n, least)) return `${name} takes a whole number of rows from ${least} on, and ${String(n)} is none`
      const [value, fallback] = args
      if (fallback === undefined) return { type: value!.type, nullable: true }
      if (!sameKind(value!, fallback)) return `${name} takes a fallback of the column's type, and $1`
      return { type: value!.type, nullable: value!.nullable || fallback.nullable }
    },
    needsOrder: false,
    gives: 'row',
    at: (place, { n }) => at(place, n as number),
    duckdb: print(sql),
    flink: print(sql.toUpperCase()),
  }
}

export const lag: WindowFunction = valueOf('lag', 0, ({ row }, n) => row - n, 'lag')
export const lead: WindowFunction = valueOf('lead', 0, ({ row }, n) => row + n, 'lead')
export const nthValue: WindowFunction = valueOf(
  'nthValue',
  1,
  ({ from, to }, n) => (from + n <= to ? from + n - 1 : -1),
  'nth_value',
)

function isWhole(n: unknown, least: number): boolean {
  return typeof n === 'number' && Number.isSafeInteger(n) && n >= least
}

/** Whether a fallback can stand in: both have one type. */
function sameKind({ type: a }: Nullable, { type: b }: Nullable): boolean {
  return sameType(a, b)
}
