import type { Batch } from '../data/batch.ts'
import type { Sink, SinkWriter } from '../plan/port.ts'

/** Memory both ways: a source over batches, and a sink that keeps the batches it is given. Batches are never copied. */

export { memory } from '../plan/memory-source.ts'

/** What {@link memorySink} gives: a sink, and the batches of its last finished pass. */
export interface MemorySink extends Sink {
  readonly batches: readonly Batch[]
}

/** A sink that keeps what it is given, in order. A new pass starts empty, and an aborted one leaves nothing. */
export function memorySink(name: string = 'memory', accepts: Sink['accepts'] = 'changelog'): MemorySink {
  let batches: Batch[] = []
  return {
    name,
    accepts,
    get batches() {
      return batches
    },
    open(): SinkWriter {
      const own: Batch[] = []
      batches = own
      return {
        write: batch => {
          own.push(batch)
        },
        close: () => {},
        abort: () => {
          own.length = 0
        },
      }
    },
  }
}
