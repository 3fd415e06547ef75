/** Inputs that fall silent or run ahead, under a clock that is moved by hand. */
import { expect, test } from 'vitest'
import { memory, memorySink } from '../../../../sdk/connector/memory.ts'
import type { Batch } from '../../../../sdk/data/batch.ts'
import type { Clock } from '../../../../sdk/data/clock.ts'
import { Schema } from '../../../../sdk/data/schema.ts'
import { embedded } from '../../../../sdk/engine/embedded.ts'
import { count, nodeOf } from '../../../../sdk/expr/column.ts'
import * as plan from '../../../../sdk/plan/build.ts'
import { windowAggregate, windowOf } from '../../../../sdk/plan/verb/window.ts'
import type { Node } from '../../../../sdk/plan/node.ts'
import type { Source } from '../../../../sdk/plan/port.ts'
import { batchOf, rowsOf } from '../../../laws/drive.ts'

const SCHEMA = Schema.of({ at: 'timestamp' })

class HandClock implements Clock {
  #now = 0
  #waiting: { readonly at: number; readonly callback: () => void }[] = []

  now(): number {
    return this.#now
  }

  after(ms: number, callback: () => void): () => void {
    const entry = { at: this.#now + ms, callback }
    this.#waiting.push(entry)
    return () => (this.#waiting = this.#waiting.filter(other => other !== entry))
  }

  async move(ms: number): Promise<void> {
    this.#now += ms
    for (const { at, callback } of this.#waiting) if (at <= this.#now) callback()
    await settled()
  }
}

/** Lets the job do all that it can. */
async function settled(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise(resolve => setImmediate(resolve))
}

/** A source that gives what it is handed, in seconds of event time; null ends it. */
class Handed {
  asked = 0
  readonly #given: (Batch | null)[] = []
  #waiting: ((batch: Batch | null) => void) | null = null

  get source(): Source {
    const next = (): Batch | null | Promise<Batch | null> => {
      this.asked++
      const given = this.#given.shift()
      return given !== undefined ? given : new Promise(resolve => (this.#waiting = resolve))
    }
    const reader = { next, offset: () => 0, seek: () => undefined, close: () => this.#waiting?.(null) }
    return { ...memory(SCHEMA, []), bounded: false, open: () => reader }
  }

  async give(...seconds: readonly number[]): Promise<void> {
    const rows = seconds.map(at => [at * 1e6])
    await this.#hand(batchOf(SCHEMA, rows))
  }

  end(): Promise<void> {
    return this.#hand(null)
  }

  async #hand(batch: Batch | null): Promise<void> {
    const waiting = this.#waiting
    this.#waiting = null
    if (waiting !== null) waiting(batch)
    else this.#given.push(batch)
    await settled()
  }
}

const counted = (input: Node): Node =>
  windowAggregate(input, [], windowOf({ kind: 'tumble', size: '10 seconds' }), [{ name: 'n', expr: nodeOf(count()) }])

function started(node: Node, clock: Clock) {
  const sink = memorySink()
  const running = embedded({ clock }).start({ name: 'test', outputs: [{ plan: node, sink }] })
  const windows = (): unknown[] => rowsOf(sink.batches).map(row => [(row[0] as number) / 1e6, row[2]])
  return { running, windows }
}

const marked = (input: Handed, options: object): Node =>
  plan.watermark(plan.read(input.source), 'at', { bound: '0 seconds', ...options })

test('an input that gives no rows for its time holds back a union no longer, and counts again with its next row', async () => {
  const [a, b, clock] = [new Handed(), new Handed(), new HandClock()]
  const union = plan.union([marked(a, { idle: '1 minute' }), marked(b, { idle: '1 minute' })])
  const { running, windows } = started(counted(union), clock)
  await settled()
  await a.give(1, 12)
  expect(windows()).toEqual([])
  await clock.move(59_000)
  await a.give(13)
  expect(windows()).toEqual([])
  await clock.move(1000)
  // b has been silent for a minute, a for a second
  expect(windows()).toEqual([[0, 1]])
  await b.give(14, 5)
  await a.give(25)
  // b is behind again, and the row at 5 was late
  expect(windows()).toEqual([[0, 1]])
  await b.give(21)
  expect(windows()).toEqual([
    [0, 1],
    [10, 3],
  ])
  expect(running.progress().lateRows).toBe(1)
  await running.stop()
})

test('when all inputs are idle the largest of their watermarks counts', async () => {
  const [a, b, clock] = [new Handed(), new Handed(), new HandClock()]
  const union = plan.union([marked(a, { idle: '1 minute' }), marked(b, { idle: '1 minute' })])
  const { running, windows } = started(counted(union), clock)
  await settled()
  await a.give(1, 12)
  await b.give(2, 31)
  await clock.move(60_000)
  expect(windows()).toEqual([
    [0, 2],
    [10, 1],
  ])
  await running.stop()
})

test('without idle a silent input holds back the watermark for ever, until it ends', async () => {
  const [a, b, clock] = [new Handed(), new Handed(), new HandClock()]
  const { running, windows } = started(counted(plan.union([marked(a, {}), marked(b, {})])), clock)
  await settled()
  await a.give(1, 12)
  await clock.move(1e9)
  expect(windows()).toEqual([])
  await b.end()
  expect(windows()).toEqual([[0, 1]])
  await running.stop()
})

test('an input that leads the slowest by more than align is not read', async () => {
  const [a, b, clock] = [new Handed(), new Handed(), new HandClock()]
  const union = plan.union([marked(a, { align: '10 seconds' }), marked(b, { align: '10 seconds' })])
  const { running } = started(union, clock)
  await settled()
  await b.give(0)
  await a.give(11)
  const { asked } = a
  await clock.move(1000)
  expect(a.asked).toBe(asked)
  await b.give(1)
  expect(a.asked).toBe(asked + 1)
  await running.stop()
})
