import type { TimeWindow, Window, WindowAggregate, WindowTop } from '../../plan/node.ts'
import { coarseGrid, commonGrid, shifted, type Grid } from '../time/grid.ts'
import { endsOf } from '../time/panes.ts'

/** The times at which windows look at the watermark: when they end, are forgotten, and give early results. */
export function windowGrid({ window, firing: { latenessMicros, early } }: WindowAggregate | WindowTop): Grid | null {
  const kept = endGrid(window, latenessMicros)
  return early?.kind === 'every' ? commonGrid(kept, { stepMicros: early.everyMicros, originMicros: 0 }) : kept
}

function endGrid(window: Window, latenessMicros: number): Grid | null {
  switch (window.kind) {
    case 'count':
    case 'global':
      return null
    case 'session':
      return coarseGrid(window.gapMicros)
    default:
      return commonGrid(endsOf(window), shifted(endsOf(window), latenessMicros))
  }
}

/** Windows that are there before their rows and are given once, at their ends. */
export function isPlain(node: WindowAggregate): node is WindowAggregate & { readonly window: TimeWindow } {
  const { window, firing } = node
  const isOfTime = window.kind === 'tumble' || window.kind === 'hop' || window.kind === 'cumulate'
  return isOfTime && firing.latenessMicros === 0 && firing.early === null && !firing.purge
}
