import type { SpillFolder } from '../state/spill.ts'

/** What an operator may hold in memory, and where it puts the rest. */
export interface Memory {
  readonly budgetBytes: number
  readonly spill: SpillFolder
}
