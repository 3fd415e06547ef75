/**
 * Which cell the code that runs now belongs to. Promises carry the run that made them (V8's promise hooks), timers are
 * wrapped; anything else belongs to the cell that runs, or ran last. AsyncLocalStorage would do this too, but on
 * Node 20 it aborts the process when V8 terminates a microtask.
 */
import v8 from 'node:v8'

export interface Run {
  readonly number: number
  readonly cell: string
  readonly abort: AbortController
  /** Timers that have not fired yet. */
  readonly timers: Set<NodeJS.Timeout | NodeJS.Immediate>
  interrupted: boolean
}

let current: Run = newRun(0, '')
let home: Run = current

export function newRun(number: number, cell: string): Run {
  return { number, cell, abort: new AbortController(), timers: new Set(), interrupted: false }
}

export function currentRun(): Run {
  return current
}

/** What follows belongs to the run, until something of another run goes on. */
export function enterRun(run: Run): void {
  current = run
}

/** Calls a function as code of the run; what it starts belongs to the run too. */
export function within<T>(run: Run, call: () => T): T {
  const before = current
  current = run
  try {
    return call()
  } finally {
    current = before
  }
}

/** From now on code of unknown origin belongs to the run. */
export function settleAt(run: Run): void {
  home = run
  current = run
}

/** A private field on any object: invisible to the user, and quicker than a WeakMap. */
class Host {
  constructor(object: object) {
    return object
  }
}
class Tag extends Host {
  #run: Run
  constructor(object: object, run: Run) {
    super(object)
    this.#run = run
  }
  static runOf(object: object): Run | null {
    return #run in object ? object.#run : null
  }
}

/** The run in which a promise was made. */
export function runOfPromise(promise: object): Run {
  return Tag.runOf(promise) ?? home
}

export function followPromises(): void {
  v8.promiseHooks.createHook({
    init: promise => {
      new Tag(promise, current)
    },
    before: promise => {
      current = Tag.runOf(promise) ?? home
    },
    after: () => {
      current = home
    },
  })
}
