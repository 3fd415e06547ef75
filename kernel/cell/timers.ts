/**
 * Timers that keep their cell. A callback runs one promise hop after its timer, because V8 ends the whole process
 * when it terminates a timer callback itself. Timers of an interrupted run can be cleared together.
 */
import { syncBuiltinESMExports } from 'node:module'
import timers from 'node:timers'
import timersPromises from 'node:timers/promises'
import { promisify } from 'node:util'
import { currentRun, enterRun, type Run } from './run-context.ts'

export const native: {
  readonly setTimeout: typeof setTimeout
  readonly setInterval: typeof setInterval
  readonly setImmediate: typeof setImmediate
  readonly clearTimeout: typeof clearTimeout
} = { setTimeout, setInterval, setImmediate, clearTimeout }

const settled = Promise.resolve()

/** The run whose set a timer stands in. */
const owners = new WeakMap<object, Run>()

type Callback = (...args: unknown[]) => unknown

/** Puts wrapped timers in the place of Node's, for scripts and modules alike. */
export function wrapTimers(): void {
  const setTimeout = (callback: Callback, delay?: number, ...args: unknown[]): NodeJS.Timeout => {
    const run = currentRun()
    const timer = native.setTimeout(() => {
      run.timers.delete(timer)
      hop(run, callback, args)
    }, delay)
    return own(run, timer)
  }
  const setInterval = (callback: Callback, delay?: number, ...args: unknown[]): NodeJS.Timeout => {
    const run = currentRun()
    const timer = native.setInterval(() => hop(run, callback, args), delay)
    return own(run, timer)
  }
  const setImmediate = (callback: Callback, ...args: unknown[]): NodeJS.Immediate => {
    const run = currentRun()
    const timer = native.setImmediate(() => {
      run.timers.delete(timer)
      hop(run, callback, args)
    })
    return own(run, timer)
  }
  const forget =
    (clear: (timer?: never) => void) =>
    (timer?: unknown): void => {
      if (typeof timer === 'object' && timer !== null) owners.get(timer)?.timers.delete(timer as NodeJS.Timeout)
      clear(timer as never)
    }
  const clears = {
    clearTimeout: forget(clearTimeout),
    clearInterval: forget(clearInterval),
    clearImmediate: forget(clearImmediate),
  }
  const queueMicrotask = (callback: Callback): void => hop(currentRun(), callback, [])

  const wrapped = { setTimeout, setInterval, setImmediate }
  for (const [name, wrapper] of Object.entries(wrapped)) {
    const before = timers[name as keyof typeof wrapped]
    Object.defineProperty(wrapper, 'name', { value: name })
    const promised = Object.getOwnPropertyDescriptor(before, promisify.custom)
    if (promised) Object.defineProperty(wrapper, promisify.custom, promised)
  }
  Object.assign(timers, wrapped, clears)
  Object.assign(globalThis, wrapped, clears, { queueMicrotask })
  Object.assign(timersPromises, {
    setTimeout: wait((resolve, value, delay) => setTimeout(() => resolve(value), delay), timersPromises.setTimeout),
  })
  syncBuiltinESMExports()
}

/** `setTimeout` of timers/promises over our own timer, so that an interrupt clears it; with options, Node's. */
function wait(
  start: (resolve: (value: unknown) => void, value: unknown, delay: number | undefined) => void,
  nodes: typeof timersPromises.setTimeout,
): typeof timersPromises.setTimeout {
  const waiting = (delay?: number, value?: unknown, options?: object): Promise<unknown> =>
    options ? nodes(delay, value, options) : new Promise(resolve => start(resolve, value, delay))
  return waiting as typeof timersPromises.setTimeout
}

function own<T extends NodeJS.Timeout | NodeJS.Immediate>(run: Run, timer: T): T {
  run.timers.add(timer)
  owners.set(timer, run)
  return timer
}

function hop(run: Run, callback: Callback, args: unknown[]): void {
  enterRun(run)
  void settled.then(() => {
    callback(...args)
  })
}

/** Clears every timer of a run: its loops of timers end. */
export function clearTimers(run: Run): void {
  for (const timer of run.timers) {
    if ('refresh' in timer) clearTimeout(timer)
    else clearImmediate(timer)
  }
  run.timers.clear()
}
