import type { Node } from '../plan/node.ts'
import type { Sink } from '../plan/port.ts'
import type { Bundle } from './host.ts'
import type { QueryProgress } from './query.ts'

/**
 * One part of an output: a plan, the sink it flows into, and what the cell that displays it shows meanwhile. A part is
 * cold; each start opens it anew.
 */
export interface OutputPart {
  /** For people, in names and errors: `to.parquet daily.parquet`, `line plot`. */
  readonly name: string
  readonly plan: Node
  /** True when there is more to see of it than how far it is. */
  readonly drawn?: boolean
  /** A new sink, and a new view where there is something to see, for each start. */
  open(): OpenPart
}

export interface OpenPart {
  readonly sink: Sink
  readonly view?: View
}

/** What a cell shows of a part while it runs and after it has ended. */
export interface View {
  /** What there is to see now, or null when nothing has changed since the last call. Called some four times a second. */
  bundle(progress: QueryProgress): Bundle | null | Promise<Bundle | null>
  /** What stays in the notebook. */
  final(progress: QueryProgress): Bundle | Promise<Bundle>
  /** Outside of a notebook: keeps what was drawn, such as in an HTML file, and says where. */
  save?(progress: QueryProgress, name: string): void | Promise<void>
}
