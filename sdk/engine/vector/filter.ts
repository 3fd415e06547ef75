import type { Batch } from '../../data/batch.ts'
import type { Schema } from '../../data/schema.ts'
import { interpret } from '../../expr/interpret.ts'
import type { Typed } from '../../expr/node.ts'
import { mayGenerate, RowLoop } from './row-loop.ts'

/**
 * Compiles a predicate over batches of a schema: writes the numbers of the rows for which it is true, ascending, and
 * says how many. Null is not true. `rows` has room for all rows of the batch.
 */
export function compileFilter(
  predicate: Typed,
  input: Schema,
  generated: boolean = mayGenerate(),
): (batch: Batch, rows: Int32Array) => number {
  if (predicate.type.kind !== 'bool')
    throw new TypeError(`a predicate of type ${predicate.type.kind} over ${input.toString()}`)
  if (!generated) return (batch, rows) => interpreted(predicate, batch, rows)
  const loop = new RowLoop([predicate], {
    params: ['rows'],
    before: ['let k = 0'],
    after: ['return k'],
    write: js => {
      const { value, valid } = js.emit(predicate)
      js.scope(predicate).run(`rows[k] = i; k += ${valid === null ? value : `${value} & ${valid}`}`)
    },
  })
  return (batch, rows) => loop.run(batch, rows) as number
}

function interpreted(predicate: Typed, batch: Batch, rows: Int32Array): number {
  let k = 0
  for (let i = 0; i < batch.length; i++) if (interpret(predicate, batch, i) === true) rows[k++] = i
  return k
}
