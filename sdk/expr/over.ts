import type { NumCol } from './column-type.ts'
import { exprOf } from './column.ts'
import * as place from './catalogue/window.ts'
import type { FunctionOptions, WindowFunction } from './function.ts'

/** Functions of a row's place in the order of its partition, for the callback of `over`. */

/**
 * The number of the row in the order of its partition, from 1. Rows that the order does not tell apart are numbered as
 * they come. Never null; outside `over` it is refused.
 *
 * ```ts
 * import { read, rowNumber } from 'millrace'
 *
 * const frame = read.rows([{ km: 30 }, { km: 12 }, { km: 30 }])
 * const table = await frame.over(() => ({ n: rowNumber() }), { orderBy: 'km' }).collect()
 * table.rows() // => [ { km: 30, n: 2 }, { km: 12, n: 1 }, { km: 30, n: 3 } ]
 * ```
 */
export function rowNumber(): NumCol<'int64', 'over'> {
  return made(place.rowNumber)
}

/**
 * The place of the row in the order of its partition, from 1; equal rows share a place and leave out as many after it.
 * Never null; needs `orderBy`, and is refused outside `over`.
 *
 * ```ts
 * import { rank, read } from 'millrace'
 *
 * const frame = read.rows([{ km: 12 }, { km: 12 }, { km: 30 }])
 * const table = await frame.over(() => ({ n: rank() }), { orderBy: 'km' }).collect()
 * table.column('n') // => [ 1, 1, 3 ]
 * ```
 */
export function rank(): NumCol<'int64', 'over'> {
  return made(place.rank)
}

/**
 * The place of the row in the order of its partition, from 1; equal rows share a place and none is left out. Never null;
 * needs `orderBy`, and is refused outside `over`.
 *
 * ```ts
 * import { denseRank, read } from 'millrace'
 *
 * const frame = read.rows([{ km: 12 }, { km: 12 }, { km: 30 }])
 * const table = await frame.over(() => ({ n: denseRank() }), { orderBy: 'km' }).collect()
 * table.column('n') // => [ 1, 1, 2 ]
 * ```
 */
export function denseRank(): NumCol<'int64', 'over'> {
  return made(place.denseRank)
}

/**
 * The rank as a share: (rank − 1) / (rows of the partition − 1), from 0 to 1; 0 in a partition of one row. Never null;
 * needs `orderBy`, and is refused outside `over`.
 *
 * ```ts
 * import { percentRank, read } from 'millrace'
 *
 * const frame = read.rows([{ km: 12 }, { km: 12 }, { km: 30 }])
 * const table = await frame.over(() => ({ n: percentRank() }), { orderBy: 'km' }).collect()
 * table.column('n') // => [ 0, 0, 1 ]
 * ```
 */
export function percentRank(): NumCol<'float64', 'over'> {
  return made(place.percentRank)
}

/**
 * The share of the partition's rows that come before the row or are equal to it, above 0 and up to 1. Never null; needs
 * `orderBy`, and is refused outside `over`.
 *
 * ```ts
 * import { cumeDist, read } from 'millrace'
 *
 * const frame = read.rows([{ km: 12 }, { km: 12 }, { km: 30 }, { km: 40 }])
 * const table = await frame.over(() => ({ n: cumeDist() }), { orderBy: 'km' }).collect()
 * table.column('n') // => [ 0.5, 0.5, 0.75, 1 ]
 * ```
 */
export function cumeDist(): NumCol<'float64', 'over'> {
  return made(place.cumeDist)
}

/**
 * The partition in order, cut into `parts` of equal size, and the number of the row's part from 1. Where the rows do not
 * divide evenly the first parts have one more. Never null; outside `over` it is refused.
 *
 * ```ts
 * import { ntile, read } from 'millrace'
 *
 * const frame = read.rows([{ km: 12 }, { km: 20 }, { km: 30 }])
 * const table = await frame.over(() => ({ half: ntile(2) }), { orderBy: 'km' }).collect()
 * table.column('half') // => [ 1, 1, 2 ]
 * ```
 */
export function ntile(parts: number): NumCol<'int64', 'over'> {
  return made(place.ntile, { n: parts })
}

function made<T extends 'int64' | 'float64'>(fn: WindowFunction, options: FunctionOptions = {}): NumCol<T, 'over'> {
  return exprOf<T, 'over'>({ kind: 'window', fn, args: [], options }) as NumCol<T, 'over'>
}
