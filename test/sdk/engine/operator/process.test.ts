import { describe, expect, test } from 'vitest'
import { memory, memorySink } from '../../../../sdk/connector/memory.ts'
import type { Batch } from '../../../../sdk/data/batch.ts'
import { Schema } from '../../../../sdk/data/schema.ts'
import { embedded } from '../../../../sdk/engine/embedded.ts'
import { Process } from '../../../../sdk/engine/operator/process.ts'
import type { Steps } from '../../../../sdk/engine/operator/operator.ts'
import { col, nodeOf } from '../../../../sdk/expr/column.ts'
import { state, type ProcessContext } from '../../../../sdk/frame/process.ts'
import * as plan from '../../../../sdk/plan/build.ts'
import type { Node } from '../../../../sdk/plan/node.ts'
import type { Sink, Source } from '../../../../sdk/plan/port.ts'
import { process as processNode, type ProcessOptions } from '../../../../sdk/plan/verb/process.ts'
import { batchOf, rowsOf, type Row } from '../../../laws/drive.ts'

const SCHEMA = Schema.of({ k: 'int32', at: 'timestamp' })
const KEYS = [{ name: 'k', expr: nodeOf(col('k')) }]
const OUTPUT = { k: 'int32', what: 'utf8' } as const

const endless: Source = { ...memory(SCHEMA, []), bounded: false }
const flowing = plan.watermark(plan.read(endless), 'at', '0 seconds')

type Context<S = {}> = ProcessContext<{ k: 'int32' }, S, typeof OUTPUT, {}, {}>

const nodeOver = (input: Node, options: Partial<ProcessOptions>) =>
  processNode(input, KEYS, {
    state: {},
    output: OUTPUT,
    side: {},
    broadcast: {},
    onRow: () => undefined,
    onTimer: undefined,
    onBroadcast: undefined,
    ...options,
  })

/** A reader of which nothing but rows is asked. */
const silent = { offset: () => null, seek: () => undefined, close: () => undefined }

/** A clock that a test moves. */
class HandClock {
  ms = 0
  readonly originMs = 1_000_000
  #due: { readonly at: number; readonly callback: () => void }[] = []
  now = (): number => this.ms

  after(ms: number, callback: () => void): () => void {
    const due = { at: this.ms + ms, callback }
    this.#due.push(due)
    return () => (this.#due = this.#due.filter(each => each !== due))
  }

  move(ms: number): void {
    this.ms += ms
    const due = this.#due.filter(({ at }) => at <= this.ms)
    this.#due = this.#due.filter(({ at }) => at > this.ms)
    for (const { callback } of due) callback()
  }
}

const rowsFrom = (steps: Steps): Row[] =>
  rowsOf([...steps].filter((step): step is Batch => typeof step === 'object' && step !== null))

describe('timers of the clock', () => {
  const node = nodeOver(flowing, {
    onRow: (_: unknown, ctx: Context) => {
      ctx.timers.after('5 seconds')
      ctx.timers.after('5 seconds')
    },
    onTimer: (time: Date, ctx: Context) => ctx.emit({ k: ctx.key.k, what: `${ctx.domain} ${time.getTime()}` }),
  })
  const given = [
    [1, 0],
    [2, 0],
  ]

  test('fire once it has come to their time, and go through a copy', () => {
    const clock = new HandClock()
    const operator = new Process(node, clock)
    expect(operator.wakeMs).toBe(Infinity)
    expect(rowsFrom(operator.process(batchOf(SCHEMA, [given[0]!]), 0))).toEqual([])
    clock.move(1000)
    rowsFrom(operator.process(batchOf(SCHEMA, [given[1]!]), 0))
    expect(operator.wakeMs).toBe(5000)
    const later = new HandClock() // another machine, whose clock stands elsewhere
    later.move(50_000)
    const copy = new Process(node, later)
    copy.restore(structuredClone(operator.snapshot()))
    clock.move(4000)
    expect(rowsFrom(operator.wake(clock.now()))).toEqual([[1, 'processing 1005000']])
    expect(operator.wakeMs).toBe(6000)
    expect(copy.wakeMs).toBe(54_000)
    expect(rowsFrom(copy.wake(55_000))).toEqual([
      [1, 'processing 1054000'],
      [2, 'processing 1055000'],
    ])
    expect(copy.wakeMs).toBe(Infinity)
  })

  test('wake a job that waits for rows, and are dropped at the end', async () => {
    const clock = new HandClock()
    let more: (batch: Batch | null) => void = () => undefined
    const source: Source = {
      ...endless,
      open: () => ({ ...silent, next: () => new Promise(resolve => (more = resolve)) }),
    }
    const seen: Row[] = []
    let told: () => void = () => undefined
    const sink: Sink = {
      name: 'seen',
      accepts: 'append',
      open: () => ({
        write: batch => {
          seen.push(...rowsOf([batch]))
          told()
        },
        close: () => undefined,
        abort: () => undefined,
      }),
    }
    const hearing = (): Promise<void> => new Promise(resolve => (told = resolve))
    const input = plan.watermark(plan.read(source), 'at', '0 seconds')
    const counting = nodeOver(input, { onRow: node.functions.onRow, onTimer: node.functions.onTimer })
    const running = embedded({ clock }).start({ name: 'timers', outputs: [{ plan: counting, sink }] })
    const settle = (): Promise<void> => new Promise(resolve => setTimeout(resolve, 20))
    await settle()
    more(batchOf(SCHEMA, [given[0]!]))
    await settle()
    const heard = hearing()
    clock.move(5000)
    await heard
    expect(seen).toEqual([[1, 'processing 1005000']])
    await settle()
    more(batchOf(SCHEMA, [given[1]!]))
    await settle()
    more(null)
    expect(await running.done).toMatchObject({ state: 'finished', rowsOut: 1 })
    expect(seen).toHaveLength(1)
  })
})

describe('what it holds', () => {
  const ttl = { ttl: '10 seconds' } as const
  const batches = function* (keys: number, size: number): Generator<Batch> {
    for (let from = 0; from < keys; from += size) {
      yield batchOf(
        SCHEMA,
        Array.from({ length: size }, (_, i): Row => [from + i, (from + i) * 1000]), // a thousand keys a second
      )
    }
  }
  /** The most bytes held after each tenth of the keys. */
  const heldOver = (keys: number, options: Partial<ProcessOptions>): number[] => {
    const operator = new Process(nodeOver(flowing, options), new HandClock())
    const held: number[] = []
    let rows = 0
    for (const batch of batches(keys, 4096)) {
      for (const step of operator.process(batch, 0)) if (step === undefined) throw new Error('no step')
      rows += batch.length
      const part = Math.floor((10 * (rows - 1)) / keys)
      held[part] = Math.max(held[part] ?? 0, operator.heldBytes)
    }
    return held
  }
  type Kept = {
    n: ReturnType<typeof state.value<'int32', 0>>
    list: ReturnType<typeof state.list<'utf8'>>
    map: ReturnType<typeof state.map<'int32', 'utf8'>>
  }

  test('is flat while a million keys outlive their time', { timeout: 60_000 }, () => {
    const held = heldOver(1_000_000, {
      state: {
        n: state.value('int32', 0, ttl),
        list: state.list('utf8', ttl),
        map: state.map('int32', 'utf8', ttl),
      },
      onRow: (_: unknown, ctx: Context<Kept>) => {
        ctx.state.n.set(1)
        ctx.state.list.add('a text')
        ctx.state.map.set(1, 'another')
      },
    })
    expect(held[9]).toBeLessThan(1.05 * held[1]!)
    expect(held[9]).toBeLessThan(20e6)
  })

  test('is flat while timers clear what they end', () => {
    const held = heldOver(300_000, {
      state: { n: state.value('int32', 0) },
      onRow: (_: unknown, ctx: Context<Kept>) => {
        ctx.state.n.set(1)
        ctx.timers.at(ctx.time.getTime() + 1000)
      },
      onTimer: (_: Date, ctx: Context<Kept>) => ctx.state.n.clear(),
    })
    expect(held[9]).toBeLessThan(1.05 * held[3]!)
  })

  test('grows with keys that keep state, of which a stream is warned once', async () => {
    const warnings: string[] = []
    const hear = (warning: Error): void => void warnings.push(warning.message)
    process.on('warning', hear)
    try {
      const growing = {
        state: { n: state.value('int32', 0) },
        onRow: (_: unknown, ctx: Context<Kept>) => ctx.state.n.set(1),
      }
      const held = heldOver(300_000, growing)
      expect(held[9]).toBeGreaterThan(3 * held[0]!)
      heldOver(300_000, { state: { n: state.value('int32', 0, ttl) }, onRow: growing.onRow })
      heldOver(300_000, {
        ...growing,
        onRow: (row: { k: number }, ctx: Context<Kept>) => {
          ctx.state.n.set(1)
          if (row.k === 5) ctx.state.n.clear()
        },
      })
      await new Promise(resolve => setImmediate(resolve))
    } finally {
      process.off('warning', hear)
    }
    expect(warnings).toEqual([
      `read › watermark › process: 102400 keys hold state ("n"), none has been cleared, and the stream has no end, so that it grows for ever. Give it a time to live, { ttl: '1 hour' }, or call clear().`,
    ])
  })

  test('is nothing of a key whose state was cleared', () => {
    const held = heldOver(100_000, {
      state: { n: state.value('int32', 0), list: state.list('utf8') },
      onRow: (_: unknown, ctx: Context<Kept>) => {
        ctx.state.n.set(1)
        ctx.state.list.add('x')
        ctx.state.n.clear()
        ctx.state.list.clear()
      },
    })
    expect(held[9]).toBe(held[0])
  })
})

test('a stream that is broadcast without end does not keep a job from ending, and holds no time back', async () => {
  const main = plan.watermark(
    plan.read({
      ...memory(SCHEMA, [
        batchOf(SCHEMA, [
          [1, 0],
          [2, 9e6],
        ]),
      ]),
      bounded: false,
    }),
    'at',
    '0 seconds',
  )
  const rules: Source = {
    ...memory(SCHEMA, []),
    bounded: false,
    open: () => ({ ...silent, next: () => new Promise(() => undefined) }),
  }
  const node = nodeOver(main, {
    broadcast: { rules: plan.read(rules) },
    onBroadcast: () => undefined,
    onRow: (_: unknown, ctx: Context) => ctx.timers.at(ctx.time.getTime() + 1000),
    onTimer: (time: Date, ctx: Context) => ctx.emit({ k: ctx.key.k, what: String(time.getTime()) }),
  })
  const sink = memorySink()
  const { done } = embedded().start({ name: 'rules', outputs: [{ plan: node, sink }] })
  expect(await done).toMatchObject({ state: 'finished' })
  expect(rowsOf(sink.batches)).toEqual([
    [1, '1000'],
    [2, '10000'],
  ])
})
