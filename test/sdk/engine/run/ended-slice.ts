/**
 * A process whose engine is ended in the middle of a slice, as a kernel does that gets no answer: a user function never
 * returns, and a worker terminates what runs. Then a second job runs, and the first one's end is printed.
 */
import { Worker } from 'node:worker_threads'
import { memory, memorySink } from '../../../../sdk/connector/memory.ts'
import { Batch } from '../../../../sdk/data/batch.ts'
import { Schema } from '../../../../sdk/data/schema.ts'
import { embedded } from '../../../../sdk/engine/embedded.ts'
import * as plan from '../../../../sdk/plan/build.ts'
import { columnOf } from '../../../../sdk/data/builder.ts'

const schema = Schema.of({ n: 'int32' })
const batch = new Batch(schema, 3, [columnOf(schema.fields[0]!.type, [1, 2, 3])])
const read = plan.read(memory(schema, [batch]))
const critical = new Int32Array(new SharedArrayBuffer(8))

const worker = new Worker(
  `const { Session } = require('node:inspector')
   const { workerData } = require('node:worker_threads')
   const session = new Session()
   session.connectToMainThread()
   Atomics.wait(workerData, 0, 0)
   session.post('Runtime.terminateExecution')`,
  { eval: true, workerData: critical },
)

const stuck = plan.mapBatches(read, 'stuck', schema, () => {
  Atomics.notify(critical, 0)
  for (;;);
})
const first = embedded().start({ name: 'first', outputs: [{ plan: stuck, sink: memorySink() }], critical })
const said = await first.done.then(
  () => 'finished',
  (error: unknown) => String(error),
)
const progress = await embedded().start({ name: 'second', outputs: [{ plan: read, sink: memorySink() }], critical })
  .done
console.log(JSON.stringify({ said, state: first.progress().state, word: critical[0], second: progress.rowsOut }))
await worker.terminate()
