import { InterruptedError } from '../data/errors.ts'
import { findHost } from '../frame/host.ts'
import { hop } from '../plan/hop.ts'

/**
 * Gives what is called between two passes over the data, so that a notebook stays responsive while a model is fitted.
 * Each call resolves in a later turn of the event loop, or ends with an error once the signal is aborted or the cell that
 * began the work is interrupted. `where` names what is interrupted.
 */
export function turns(where: string, signal: AbortSignal | undefined): () => Promise<void> {
  const host = findHost()
  const signals = [signal, host?.signal(host.cell())].filter(each => each !== undefined)
  return async () => {
    await hop()
    const aborted = signals.find(each => each.aborted)
    if (aborted !== undefined) throw new InterruptedError('interrupted', `${where} was interrupted`, {}, aborted.reason)
  }
}
