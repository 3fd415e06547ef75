/**
 * A bench is one claim: cases that our side and a rival both do, in the same call, on the same machine. A file in
 * `bench/` exports one as `bench`. Each side is run in fresh processes of its own, so that neither the compiler nor the
 * heap of one helps or hurts the other.
 */

/** What every side is told: the quick form exists to see that a bench works, not to judge by it. */
export interface Scale {
  readonly quick: boolean
}

/** What is measured. It gives the answer, which `agree` compares, or a `Measured` where the metric is its own. */
export type Work = () => unknown

/** Prepares, outside the measurement, and gives the work. */
export type Side = (scale: Scale) => Work | Promise<Work>

/** Given by work whose metric the harness cannot take itself: rows per second, megabytes, milliseconds at the 99th percentile. */
export interface Measured {
  readonly value: number
  readonly answer?: unknown
}

/**
 * A rival is a side in JavaScript, a program that prints one line of JSON, `{"value": 1.5, "answer": …}`, as its last,
 * or a limit that no machine should miss.
 */
export type Rival =
  | { readonly name: string; readonly side: Side }
  | { readonly name: string; readonly command: (scale: Scale) => readonly string[] }
  | { readonly limit: number }

export interface Case {
  /** What is done to how much: `group 3e6 rows by origin`. */
  readonly name: string
  /** `cpu s` and `wall s` are taken by the harness. Under any other name the work gives a `Measured`. */
  readonly metric: string
  /** Set where a larger figure is the better one. */
  readonly moreIsBetter?: true
  /** The smallest ratio that is accepted. A ratio above 1 says that ours is better. A limit has the floor 1. */
  readonly floor: number
  /** Processes per side, alternating, 5 unless given. The median counts. */
  readonly rounds?: number
  /** Unmeasured runs of the work in each process, 1 unless given; 0 measures a cold start. */
  readonly warmups?: number
  readonly ours: Side
  readonly rival: Rival
  /** Whether both sides found the same. Answers cross a process boundary as JSON. */
  readonly agree?: (ours: unknown, rival: unknown) => boolean
}

export interface Bench {
  readonly name: string
  readonly cases: readonly Case[]
}

/** One line of `--json`. Rival and ratio are null where the rival is not installed. */
export interface Result {
  readonly bench: string
  readonly case: string
  readonly metric: string
  readonly ours: number
  readonly rival: number | null
  readonly rivalName: string
  readonly ratio: number | null
  readonly floor: number
}

export function result(bench: string, each: Case, ours: readonly number[], rival: readonly number[] | null): Result {
  const limit = 'limit' in each.rival ? each.rival.limit : null
  const mine = median(ours)
  const theirs = limit ?? (rival === null ? null : median(rival))
  return {
    bench,
    case: each.name,
    metric: each.metric,
    ours: rounded(mine),
    rival: theirs === null ? null : rounded(theirs),
    rivalName: 'limit' in each.rival ? 'limit' : each.rival.name,
    ratio: theirs === null ? null : rounded(each.moreIsBetter ? mine / theirs : theirs / mine),
    floor: limit === null ? each.floor : 1,
  }
}

export function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort()
  const middle = sorted.length >> 1
  if (sorted.length === 0) throw new RangeError('the median of no values')
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

const rounded = (value: number): number => Number(value.toPrecision(4))
