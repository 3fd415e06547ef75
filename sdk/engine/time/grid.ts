import { Zone } from '../../data/zone.ts'

/**
 * The times at which a watermark matters: the ends of the windows that wait for it. A watermark is announced between
 * two rows only when it passes such a time, so that what is late depends on the order of the rows alone and never on
 * how they are cut into batches.
 */
export interface Grid {
  /** Infinity where there are no such points. */
  readonly stepMicros: number
  readonly originMicros: number
  /** Points by the clocks on the walls of zones. */
  readonly zoned?: readonly ZonedGrid[]
}

export interface ZonedGrid {
  readonly stepMicros: number
  readonly originMicros: number
  readonly zone: string
  /** So much later than those of the clock. */
  readonly laterMicros: number
}

/** The coarsest grid that has all points of both; null has none. */
export function commonGrid(a: Grid | null, b: Grid | null): Grid | null {
  if (a === null || b === null) return a ?? b
  const even = commonPoints(a, b)
  if (a.zoned === undefined && b.zoned === undefined) return even
  const zoned = new Map<string, ZonedGrid>()
  for (const each of [...(a.zoned ?? []), ...(b.zoned ?? [])]) {
    const name = nameOf(each)
    const known = zoned.get(name)
    zoned.set(name, known === undefined ? each : { ...each, ...commonPoints(known, each) })
  }
  return { ...even, zoned: [...zoned.values()] }
}

const nameOf = ({ zone, laterMicros }: ZonedGrid): string => `${zone} ${laterMicros}`

/** The points of a grid, each so much later. */
export function shifted({ stepMicros, originMicros, zoned }: Grid, by: number): Grid {
  const even = { stepMicros, originMicros: originMicros + by }
  if (zoned === undefined) return even
  return { ...even, zoned: zoned.map(each => ({ ...each, laterMicros: each.laterMicros + by })) }
}

type Points = Pick<Grid, 'stepMicros' | 'originMicros'>

function commonPoints(a: Points, b: Points): Points {
  if (a.stepMicros === Infinity || b.stepMicros === Infinity) {
    const { stepMicros, originMicros } = a.stepMicros === Infinity ? b : a
    return { stepMicros, originMicros }
  }
  const apart = Math.abs(a.originMicros - b.originMicros)
  return { stepMicros: gcd(gcd(a.stepMicros, b.stepMicros), apart), originMicros: a.originMicros }
}

export function sameGrid(a: Grid | null, b: Grid | null): boolean {
  const same = (one: Points | undefined, other: Points | undefined): boolean =>
    one?.stepMicros === other?.stepMicros && one?.originMicros === other?.originMicros
  if (!same(a ?? undefined, b ?? undefined) || a?.zoned?.length !== b?.zoned?.length) return false
  return (a?.zoned ?? []).every(one =>
    same(
      one,
      b!.zoned!.find(other => nameOf(other) === nameOf(one)),
    ),
  )
}

/** The first point of a grid after a time. */
export function pointAfter(grid: Grid, time: number): number {
  if (!Number.isFinite(time)) return time
  let least = next(grid, time)
  for (const points of grid.zoned ?? []) {
    const zone = Zone.of(points.zone)
    const then = time - points.laterMicros
    let wall = next(points, zone.wall(then))
    while (zone.first(wall) <= then) wall += points.stepMicros
    least = Math.min(least, zone.first(wall) + points.laterMicros)
  }
  return least
}

const next = ({ stepMicros, originMicros }: Points, time: number): number =>
  stepMicros === Infinity ? Infinity : (Math.floor((time - originMicros) / stepMicros) + 1) * stepMicros + originMicros

export function gcd(a: number, b: number): number {
  while (b !== 0) [a, b] = [b, a % b]
  return a
}

/**
 * A grid for what has no bounds of its own but waits for a span of time to pass: the coarsest of some even steps, each of
 * which divides the next, that is at most an eighth of the span.
 */
export function coarseGrid(spanMicros: number): Grid {
  return { stepMicros: STEPS.findLast(step => step <= spanMicros / 8) ?? STEPS[0]!, originMicros: 0 }
}

/** The grid of a join of rows within an interval, but not finer than 100 milliseconds: each of its times passes through the job. */
export function intervalGrid(lowerMicros: number, upperMicros: number): Grid {
  return coarseGrid(Math.max(upperMicros - lowerMicros, 8e5))
}

/** The grid of a join whose rows wait for the other side: by how late rows may come, but not finer than 100 milliseconds. */
export function temporalGrid(leftBoundMicros: number, rightBoundMicros: number): Grid {
  return coarseGrid(Math.max(leftBoundMicros, rightBoundMicros, 1e6))
}

/** From a microsecond to a day. */
const STEPS = [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 60e6, 600e6, 3600e6, 86_400e6]
