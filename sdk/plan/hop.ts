import { setImmediate } from 'node:timers/promises'
import { MessageChannel, type MessagePort } from 'node:worker_threads'

/**
 * A promise that resolves on a later turn of the event loop, when timers and I/O have had theirs. It resolves in the
 * handler of a message and never in a timer's callback: a process whose timer callback is ended from outside dies, one
 * whose message handler is ended lives. The immediate before the message is needed because a port hands over all that
 * is sent while it does so in one go. It is Node's promise of one, because a notebook clears the immediates of a cell
 * that it interrupts: with one lost, its message would go to another job, and the last one would wait for ever.
 */
export function hop(): Promise<void> {
  const port = (sender ??= open())
  return new Promise(resolve => {
    if (waiting.push(resolve) === 1) receiver?.ref()
    void setImmediate(port).then(post)
  })
}

const waiting: (() => void)[] = []
let sender: MessagePort | undefined
let receiver: MessagePort | undefined

const post = (port: MessagePort): void => port.postMessage(null)

function open(): MessagePort {
  const { port1, port2 } = new MessageChannel()
  port1.on('message', () => {
    const resolve = waiting.shift()
    if (waiting.length === 0) port1.unref()
    resolve?.()
  })
  port1.unref()
  port2.unref()
  receiver = port1
  return port2
}
