/**
 * Evaluates scripts through this thread's own inspector session: REPL mode lets names be declared again and `await`
 * stand at the top level, at native speed. What V8's controller-side `terminateExecution` ends comes back here as
 * `terminated`; evaluated from another thread's session, it could not be ended at all.
 */
import { Session, type Runtime } from 'node:inspector'

export type Evaluation =
  | { readonly kind: 'value'; readonly value: unknown }
  | {
      readonly kind: 'thrown'
      readonly value: unknown
      readonly at: { readonly script: string; readonly line: number; readonly column: number }
    }
  | { readonly kind: 'terminated' }

export class Evaluator {
  readonly #session = new Session()
  /** Receives objects from the inspector's handles. */
  readonly #hand: { value: unknown } = { value: undefined }

  constructor() {
    this.#session.connect()
    Object.defineProperty(globalThis, '__hand', { value: this.#hand, enumerable: false })
  }

  /** `expression` is run at once, up to its first await. */
  evaluate(expression: string, script: string, done: (evaluation: Evaluation) => void): void {
    const request = {
      expression: `${expression}\n//# sourceURL=${script}`,
      replMode: true,
      awaitPromise: true,
    } as Runtime.EvaluateParameterType
    this.#session.post('Runtime.evaluate', request, (error, reply) => {
      if (error) return done({ kind: 'terminated' })
      const details = reply.exceptionDetails
      if (!details) return done({ kind: 'value', value: this.#take(reply.result) })
      if (!details.exception) return done({ kind: 'terminated' })
      const at = { script: details.url ?? script, line: details.lineNumber + 1, column: details.columnNumber + 1 }
      done({ kind: 'thrown', value: this.#take(details.exception), at })
    })
  }

  /** The value behind an inspector's handle. */
  #take(object: Runtime.RemoteObject): unknown {
    const { objectId, unserializableValue: text } = object
    if (objectId === undefined) return text === undefined ? object.value : unserializable(text)
    const take = 'function(value) { globalThis.__hand.value = value }'
    this.#session.post('Runtime.callFunctionOn', {
      objectId,
      functionDeclaration: take,
      arguments: [{ objectId }],
      silent: true,
    })
    this.#session.post('Runtime.releaseObject', { objectId })
    const value = this.#hand.value
    this.#hand.value = undefined
    return value
  }
}

function unserializable(text: string): unknown {
  return text.endsWith('n') ? BigInt(text.slice(0, -1)) : Number(text)
}
