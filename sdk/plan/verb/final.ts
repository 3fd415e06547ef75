import { PlanError } from '../../data/errors.ts'
import { inherited, inputsOf, kindText } from '../build.ts'
import type { Node } from '../node.ts'

/** What is left of a frame at the end of its rows, as a batch; a batch is that already. */
export function final(input: Node): Node {
  if (input.frameKind === 'batch') return input
  if (!input.bounded) {
    const text = `final gives what is left at the end of the rows, but this frame is ${kindText(input.frameKind)} and ${endless(input)} does not end. Take .changes(), or write it to a sink that takes corrections.`
    throw new PlanError('unbounded', text)
  }
  return Object.freeze({ ...inherited(input), kind: 'final', input, frameKind: 'batch' })
}

/** The source that makes a plan unbounded, for messages. */
function endless(node: Node): string {
  const input = inputsOf(node).find(other => !other.bounded)
  if (input !== undefined) return endless(input)
  return node.kind === 'read' ? node.source.name : `the ${node.kind}`
}
