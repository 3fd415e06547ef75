import type { Node } from '../../plan/node.ts'
import type { Grid } from '../time/grid.ts'

/**
 * Where a process has its watermark from. Timers may be set for any time, so that no grid tells beforehand when they are
 * due, and to announce the watermark with every row that raises it cuts batches into single rows. A process therefore
 * follows the times of the rows it gets, which is the same watermark where each row that makes one comes to it. Where
 * some are dropped on their way it takes the announced watermark too, on a grid. Where rows come from several inputs, or
 * with times that are not their maker's, only what is announced is true, and it is announced with every row.
 */
export interface ProcessTime {
  /** Whether the largest time of the rows that come, less their bound, is a watermark. */
  readonly own: boolean
  /** The times at which the announced watermark matters; null where it does not before the end. */
  readonly grid: Grid | null
}

export function processTime(input: Node): ProcessTime {
  let drops = false
  for (let node = input; ; node = node.input) {
    switch (node.kind) {
      case 'watermark':
        if (node.frameKind === 'batch') return AT_END
        return isOwn(node) ? (drops ? SOME : ALL) : ANNOUNCED
      case 'replay':
        return isOwn(node) ? (drops ? SOME : ALL) : ANNOUNCED
      case 'project':
      case 'predict':
      case 'learn':
      case 'row-index':
        break
      case 'filter':
      case 'distinct':
      case 'sample':
      case 'skip':
      case 'limit':
        drops = true
        break
      default:
        return input.frameKind === 'batch' || input.time === null ? AT_END : ANNOUNCED
    }
  }
}

/** Whether a watermark is the largest time of the rows less their bound, and nothing else. */
function isOwn({ time }: Node): boolean {
  return time?.strategy?.custom === undefined && time?.strategy?.maxAheadMicros === undefined
}

const AT_END: ProcessTime = { own: false, grid: null }
const ALL: ProcessTime = { own: true, grid: null }
const SOME: ProcessTime = { own: true, grid: { stepMicros: 1e6, originMicros: 0 } }
/** A microsecond is the finest step of time. */
const ANNOUNCED: ProcessTime = { own: false, grid: { stepMicros: 1, originMicros: 0 } }
