import { inputsOf } from './build.ts'
import type { Node } from './node.ts'
import type { Executor } from './port.ts'

/** Why an executor cannot run a plan, with the path to the node that it refuses; null when it can. */
export function refusalOf(plan: Node, executor: Executor): string | null {
  const seen = new Set<Node>()
  const visit = (node: Node): string | null => {
    if (seen.has(node)) return null
    seen.add(node)
    for (const input of inputsOf(node)) {
      const refusal = visit(input)
      if (refusal !== null) return refusal
    }
    const reason = executor.refuses(node)
    return reason === null ? null : `${executor.name} cannot run this plan, at ${pathOf(node)}: ${reason}`
  }
  return visit(plan)
}

/** `read › filter › join`, along the first inputs. */
export function pathOf(node: Node): string {
  const path: string[] = []
  for (let at: Node | undefined = node; at !== undefined; at = inputsOf(at)[0]) path.unshift(at.uid ?? at.kind)
  return path.join(' › ')
}
