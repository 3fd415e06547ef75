import { describe, expect, test } from 'vitest'
import { memory, memorySink } from '../../../../sdk/connector/memory.ts'
import type { Batch } from '../../../../sdk/data/batch.ts'
import { DataError, InterruptedError, PlanError, SinkError, SourceError } from '../../../../sdk/data/errors.ts'
import { parseType } from '../../../../sdk/data/type.ts'
import { Schema } from '../../../../sdk/data/schema.ts'
import { embedded } from '../../../../sdk/engine/embedded.ts'
import { col, count, nodeOf, udf } from '../../../../sdk/expr/column.ts'
import * as plan from '../../../../sdk/plan/build.ts'
import { join } from '../../../../sdk/plan/verb/join.ts'
import type { Executor, Job, JobOutput, Progress, Sink, Source } from '../../../../sdk/plan/port.ts'
import { REJECTED } from '../../../../sdk/plan/rejected.ts'
import { batchOf, rowsOf, type Row } from '../../../laws/drive.ts'
import { windowAggregate, windowOf } from '../../../../sdk/plan/verb/window.ts'

const SCHEMA = Schema.of({ at: 'timestamp', n: 'int32' })
const engine = embedded()

const rows = (from: number, to: number): Row[] =>
  Array.from({ length: to - from }, (_, i) => [(from + i) * 1e6, from + i])
const named = (items: Record<string, unknown>): plan.NamedExpr[] =>
  Object.entries(items).map(([name, expr]) => ({ name, expr: nodeOf(expr) }))

/** A source that writes down what is asked of it. */
interface Watched extends Source {
  readonly opened: number
  readonly asked: number
  readonly closed: number
}

function watched(batches: readonly Batch[], name = 'numbers', log: string[] = [], promised = false): Watched {
  let [opened, asked, closed] = [0, 0, 0]
  return {
    ...memory(SCHEMA, batches, name),
    get opened() {
      return opened
    },
    get asked() {
      return asked
    },
    get closed() {
      return closed
    },
    open(request) {
      opened++
      const reader = memory(SCHEMA, batches).open(request)
      return {
        next() {
          asked++
          log.push(name)
          const batch = reader.next() as Batch | null
          return promised ? Promise.resolve(batch) : batch
        },
        offset: () => reader.offset(),
        seek: offset => reader.seek(offset),
        close: () => {
          closed++
        },
      }
    },
  }
}

const batches = (from: number, to: number, size: number): Batch[] =>
  Array.from({ length: Math.ceil((to - from) / size) }, (_, i) =>
    batchOf(SCHEMA, rows(from + i * size, Math.min(to, from + (i + 1) * size))),
  )

async function collected(executor: Executor, node: Parameters<Executor['batches']>[0]): Promise<Row[]> {
  const out: Batch[] = []
  for await (const batch of executor.batches(node)) out.push(batch)
  return rowsOf(out)
}

const run = (outputs: readonly JobOutput[], options: Partial<Job> = {}): Promise<Progress> =>
  engine.start({ name: 'test', outputs, ...options }).done

describe('one pass', () => {
  test('outputs that share a replay, and late rows beside their windows, read the source once', async () => {
    const source = watched(batches(0, 100, 10))
    const replay = plan.replay(plan.watermark(plan.read(source), 'at', '1 second'), { disorder: '10 seconds', seed: 1 })
    const windows = windowAggregate(replay, [], windowOf({ kind: 'tumble', size: '5 seconds' }), named({ n: count() }))
    const [all, counted, late] = [memorySink(), memorySink(), memorySink()]
    const progress = await run([
      { plan: replay, sink: all },
      { plan: windows, sink: counted },
      { plan: plan.late(windows), sink: late },
    ])
    expect(source.opened).toBe(1)
    expect(rowsOf(all.batches).length).toBe(100)
    const inTime = rowsOf(counted.batches).reduce((sum, row) => sum + (row[2] as number), 0)
    const lateRows = rowsOf(late.batches).length
    expect(lateRows).toBeGreaterThan(0)
    expect(inTime + lateRows).toBe(100)
    expect(progress).toMatchObject({ state: 'finished', rowsIn: 100, lateRows, done: 1, rejectedRows: 0 })
    expect(progress.rowsOut).toBe(100 + rowsOf(counted.batches).length + lateRows)
    expect(progress.watermark).toBe(98e6)
  })

  test('refused rows of a source flow beside its rows', async () => {
    const bad: Row = ['a.csv', 3, 'n', 'x', 'no number', null]
    const source: Source = {
      ...memory(SCHEMA, []),
      open(request) {
        const reader = memory(SCHEMA, batches(0, 4, 2)).open(request)
        let given = false
        return {
          next: () => reader.next(),
          rejected() {
            if (given) return null
            given = true
            return batchOf(REJECTED, [bad])
          },
          offset: () => 0,
          seek: () => undefined,
          close: () => undefined,
        }
      },
    }
    const read = plan.read(source)
    const [good, refused] = [memorySink(), memorySink()]
    const progress = await run([
      { plan: read, sink: good },
      { plan: plan.rejected(read), sink: refused },
    ])
    expect(rowsOf(good.batches)).toEqual(rows(0, 4))
    expect(rowsOf(refused.batches)).toEqual([bad])
    expect(progress.rejectedRows).toBe(1)
  })

  test('a join with itself reads its source once', async () => {
    const source = watched(batches(0, 50, 10))
    const read = plan.read(source)
    const joined = join(plan.filter(read, nodeOf(col('n').lt(3))), plan.rename(read, { at: 'then' }), {
      type: 'inner',
      on: [{ left: 'n', right: 'n' }],
      suffix: '_right',
    })
    expect(await collected(engine, joined)).toEqual(rows(0, 3).map(([at, n]) => [at!, n!, at!]))
    expect(source.opened).toBe(1)
  })
})

describe('sources', () => {
  test('take turns, and the right side of a join is read first', async () => {
    const log: string[] = []
    const side = (name: string): plan.NamedExpr[] => named({ [name]: col('n') })
    const source = (name: string): ReturnType<typeof plan.read> => plan.read(watched(batches(0, 4, 2), name, log))
    const both = plan.union([source('a'), source('b')])
    const joined = join(both, plan.derive(source('right'), side('m')), {
      type: 'left',
      on: [{ left: 'n', right: 'n' }],
      suffix: '_right',
    })
    await collected(engine, joined)
    expect(log).toEqual(['right', 'right', 'right', 'a', 'b', 'a', 'b', 'a', 'b'])
  })

  test('are asked for no more rows than a limit needs, and are closed', async () => {
    const source = watched(batches(0, 100, 10))
    expect(await collected(engine, plan.limit(plan.read(source), 15))).toEqual(rows(0, 15))
    expect([source.asked, source.closed]).toEqual([2, 1])
    const none = watched(batches(0, 100, 10))
    expect(await collected(engine, plan.limit(plan.read(none), 0))).toEqual([])
    expect([none.asked, none.closed]).toEqual([0, 1])
  })

  test('are not joined any further once a limit has its rows', async () => {
    const many = plan.read(
      watched([
        batchOf(
          SCHEMA,
          Array.from({ length: 20_000 }, (_, i) => [i, 1]),
        ),
      ]),
    )
    const pairs = join(many, plan.rename(many, { at: 'then' }), {
      type: 'inner',
      on: [{ left: 'n', right: 'n' }],
      suffix: '_right',
    })
    let seen = 0
    const counted = plan.mapBatches(pairs, 'count', pairs.schema, batch => {
      seen += batch.length
      return batch
    })
    expect(await collected(engine, plan.limit(counted, 1))).toEqual([[0, 1, 0]])
    expect(seen).toBe(16_384)
  })

  test('are closed when a reader has seen enough', async () => {
    const source = watched(batches(0, 1000, 10))
    for await (const batch of engine.batches(plan.read(source))) {
      expect(batch.length).toBe(10)
      break
    }
    expect(source.closed).toBe(1)
    expect(source.asked).toBeLessThan(10)
  })

  test('may answer by promises, without end', async () => {
    const source = { ...watched(batches(0, 30, 10), 'slow', [], true), bounded: false }
    expect(await collected(engine, plan.limit(plan.read(source), 25))).toEqual(rows(0, 25))
  })

  test('that give large batches have them cut', async () => {
    const sizes: number[] = []
    const sink: Sink = {
      name: 'sizes',
      accepts: 'append',
      open: () => ({
        write: batch => {
          sizes.push(batch.length)
        },
        close: () => undefined,
        abort: () => undefined,
      }),
    }
    const whole = batchOf(SCHEMA, rows(0, 50_000))
    const source: Source = {
      ...memory(SCHEMA, []),
      open() {
        let next: Batch | null = whole
        const take = (): Batch | null => {
          const batch = next
          next = null
          return batch
        }
        return { next: take, offset: () => 0, seek: () => undefined, close: () => undefined }
      },
    }
    await run([{ plan: plan.read(source), sink }])
    expect(Math.max(...sizes)).toBeLessThanOrEqual(16_384)
    expect(sizes.reduce((a, b) => a + b)).toBe(50_000)
  })
})

describe('sinks', () => {
  test('that are slow hold the source back', async () => {
    const source = watched(batches(0, 100, 10))
    let [release, written]: [() => void, number] = [() => undefined, 0]
    let full: () => void = () => undefined
    const sink: Sink = {
      name: 'slow',
      accepts: 'append',
      open: () => ({
        write() {
          written++
          full()
          return new Promise<void>(resolve => (release = resolve))
        },
        close: () => undefined,
        abort: () => undefined,
      }),
    }
    const running = engine.start({ name: 'test', outputs: [{ plan: plan.read(source), sink }] })
    for (let i = 1; i <= 10; i++) {
      if (written < i) await new Promise<void>(resolve => (full = resolve))
      expect([written, source.asked]).toEqual([i, i])
      release()
    }
    expect((await running.done).rowsOut).toBe(100)
  })

  /** A sink whose writes end when they are told to, by their rows. */
  function slow(): { readonly sink: Sink; readonly calls: string[]; readonly settle: ((error?: Error) => void)[] } {
    const [calls, settle]: [string[], ((error?: Error) => void)[]] = [[], []]
    const write = async (batch: Batch): Promise<void> => {
      calls.push('write')
      await new Promise<void>((resolve, reject) => settle.push(error => (error ? reject(error) : resolve())))
      calls.push(`written ${batch.length}`)
    }
    const close = async (): Promise<void> => void calls.push('close')
    const abort = async (): Promise<void> => void calls.push('abort')
    return { sink: { name: 'slow', accepts: 'append', open: () => ({ write, close, abort }) }, calls, settle }
  }
  const turns = async (): Promise<void> => {
    for (let i = 0; i < 5; i++) await new Promise(resolve => setImmediate(resolve))
  }
  const ten = (bounded: boolean): ReturnType<typeof plan.read> =>
    plan.read({ ...watched(batches(0, 100, 10)), bounded })

  test('are closed after a stop only when they have written what they were given', async () => {
    const { sink, calls, settle } = slow()
    const running = engine.start({ name: 'mine', outputs: [{ plan: ten(false), sink }] })
    await turns()
    const stopped = running.stop()
    await turns()
    expect(calls).toEqual(['write'])
    settle[0]!()
    await stopped
    expect(calls).toEqual(['write', 'written 10', 'close'])
    expect(running.progress().state).toBe('stopped')
  })

  test('of a batch are aborted when a stop comes before its rows are all in', async () => {
    const { sink, calls, settle } = slow()
    const one = memorySink()
    const read = ten(true)
    const outputs = [
      { plan: plan.limit(read, 1), sink: one },
      { plan: read, sink },
    ]
    const running = engine.start({ name: 'mine', outputs })
    await turns()
    const stopped = running.stop()
    await turns()
    settle[0]!()
    await stopped
    expect(calls).toEqual(['write', 'written 10', 'abort'])
    expect(rowsOf(one.batches)).toHaveLength(1)
    expect((await running.done).state).toBe('stopped')
  })

  test('that hang hold up a stop, but no interruption', async () => {
    const { sink, calls } = slow()
    const abort = new AbortController()
    const running = engine.start({ name: 'mine', outputs: [{ plan: ten(true), sink }], signal: abort.signal })
    await turns()
    const stopped = running.stop()
    await turns()
    abort.abort()
    await expect(running.done).rejects.toBeInstanceOf(InterruptedError)
    await stopped
    expect(calls).toEqual(['write', 'abort'])
  })

  test('that fail later than at once say where they stand', async () => {
    const { sink, calls, settle } = slow()
    const failed = run([{ plan: ten(true), sink }])
    await turns()
    settle[0]!(new SinkError('disk-full', 'no room'))
    await expect(failed).rejects.toBeInstanceOf(SinkError)
    await expect(failed).rejects.toThrow(/^read › slow: no room/)
    expect(calls).toEqual(['write', 'abort'])
  })

  test('that only append refuse rows that are corrected, by the name of what corrects them', () => {
    const node = plan.aggregate(plan.read({ ...memory(SCHEMA, []), bounded: false }), [], named({ n: count() }))
    expect(() => engine.start({ name: 'test', outputs: [{ plan: node, sink: memorySink('file', 'append') }] })).toThrow(
      /^file takes only rows that stay as they are, but the aggregate without a window corrects rows/,
    )
  })
})

describe('ends', () => {
  function ending(): { readonly sink: Sink; readonly calls: string[] } {
    const calls: string[] = []
    const note = (call: string) => (): void => {
      calls.push(call)
    }
    const sink: Sink = {
      name: 'noting',
      accepts: 'changelog',
      open: () => ({ write: () => undefined, close: note('close'), abort: note('abort') }),
    }
    return { sink, calls }
  }
  const endless = (): Source => ({
    ...memory(SCHEMA, []),
    bounded: false,
    open: () => ({
      next: () => batchOf(SCHEMA, rows(0, 100)),
      offset: () => 0,
      seek: () => undefined,
      close: () => undefined,
    }),
  })

  test('what a user function throws fails the job with the path of the plan, and sinks are aborted', async () => {
    const { sink, calls } = ending()
    const explode = udf([col('n')], 'int32', n => {
      if (n === 37) throw new TypeError('no 37')
      return n as number
    })
    const node = plan.derive(
      plan.filter(plan.read(watched(batches(0, 100, 10))), nodeOf(col('n').ge(5))),
      named({ m: explode }),
    )
    const failed = run([{ plan: node, sink }])
    await expect(failed).rejects.toThrow(/^read › filter › project, input row 37 \(from 0\): .*no 37/)
    await expect(failed).rejects.toBeInstanceOf(DataError)
    await expect(failed).rejects.toMatchObject({ fields: { plan: 'read › filter › project', row: 37 } })
    expect(calls).toEqual(['abort'])
  })

  test('a source that fails keeps its class and says where it stands', async () => {
    const source: Source = {
      ...endless(),
      open: () => ({
        next: () => Promise.reject(new SourceError('unreadable', 'disk gone')),
        offset: () => 0,
        seek: () => undefined,
        close: () => undefined,
      }),
    }
    const failed = collected(engine, plan.read(source))
    await expect(failed).rejects.toBeInstanceOf(SourceError)
    await expect(failed).rejects.toThrow('read: disk gone')
  })

  test('a signal ends it as interrupted', async () => {
    const { sink, calls } = ending()
    const abort = new AbortController()
    const running = engine.start({
      name: 'mine',
      outputs: [{ plan: plan.read(endless()), sink }],
      signal: abort.signal,
    })
    await new Promise(resolve => setImmediate(resolve))
    abort.abort()
    await expect(running.done).rejects.toBeInstanceOf(InterruptedError)
    expect(running.progress().state).toBe('failed')
    expect(calls).toEqual(['abort'])
  })

  test('stop ends it with what is complete', async () => {
    const { sink, calls } = ending()
    const running = engine.start({ name: 'mine', outputs: [{ plan: plan.read(endless()), sink }] })
    await new Promise(resolve => setImmediate(resolve))
    await running.stop()
    expect((await running.done).state).toBe('stopped')
    expect(calls).toEqual(['close'])
  })

  test('a stop that is asked for through the shared word ends a job without a signal at the next batch', async () => {
    const { sink, calls } = ending()
    const critical = new Int32Array(new SharedArrayBuffer(8))
    const seen: number[] = []
    const node = plan.mapBatches(plan.read(endless()), 'watch', SCHEMA, batch => {
      seen.push(critical[0]!)
      if (seen.length === 5) critical[1] = 1
      return batch
    })
    const running = engine.start({ name: 'mine', outputs: [{ plan: node, sink }], critical })
    await expect(running.done).rejects.toBeInstanceOf(InterruptedError)
    expect(seen).toEqual([1, 1, 1, 1, 1])
    expect(critical[0]).toBe(0)
    expect(calls).toEqual(['abort'])
  })

  test('a plan that cannot run is refused before it starts', () => {
    const updating = plan.aggregate(plan.read(endless()), named({ at: col('at') }), named({ n: count() }))
    const least = {
      name: 'm',
      expr: { ...plan.aggregate(plan.read(endless()), [], named({ m: col('n').min() })).aggregates[0]!.expr },
    }
    const node = { ...plan.aggregate(updating, [], named({ n: count() })), aggregates: [least] }
    expect(() => engine.start({ name: 'test', outputs: [{ plan: node, sink: memorySink() }] })).toThrow(PlanError)
    expect(engine.refuses(node)).toBe('min cannot take rows back, and its input corrects rows it has given')
  })
})

test('others get their turn while it sorts', async () => {
  let [turns, running] = [0, true]
  const count = (): void => {
    turns++
    if (running) setImmediate(count)
  }
  setImmediate(count)
  const shuffled = Array.from({ length: 1_000_000 }, (_, i): Row => [0, (i * 7919) % 1_000_003])
  const read = plan.read(memory(SCHEMA, [batchOf(SCHEMA, shuffled)]))
  const sorted = await collected(engine, plan.orderBy(read, [{ expr: nodeOf(col('n')), descending: false }]))
  running = false
  expect(sorted.length).toBe(1_000_000)
  expect(turns).toBeGreaterThan(10)
})

test('a paced replay waits on the clock that it is given', async () => {
  let now = 0
  const due: (() => void)[] = []
  const waits: number[] = []
  const clock = {
    now: () => now,
    after(ms: number, callback: () => void) {
      waits.push(ms)
      due.push(() => {
        now += ms
        callback()
      })
      asked()
      return () => undefined
    },
  }
  let asked: () => void = () => undefined
  const node = plan.replay(plan.watermark(plan.read(watched(batches(0, 4, 4))), 'at', '0 seconds'), { speed: 10 })
  const sink = memorySink()
  const running = embedded({ clock }).start({ name: 'paced', outputs: [{ plan: node, sink }] })
  for (let i = 0; i < 3; i++) {
    if (due.length === 0) await new Promise<void>(resolve => (asked = resolve))
    expect(running.progress().rowsOut).toBe(i + 1)
    due.shift()!()
  }
  expect(await running.done).toMatchObject({ state: 'finished', rowsOut: 4, rowsIn: 4, elapsedMs: 300 })
  expect(waits).toEqual([100, 100, 100])
})

test('the watermark of a union is that of the input that is behind', async () => {
  const stream = (from: number): ReturnType<typeof plan.read> =>
    plan.read({ ...watched(batches(from, from + 10, 5)), bounded: false })
  const both = plan.union([
    plan.watermark(stream(0), 'at', '0 seconds'),
    plan.watermark(stream(100), 'at', '0 seconds'),
  ])
  const node = windowAggregate(both, [], windowOf({ kind: 'tumble', size: '5 seconds' }), named({ n: count() }))
  const sink = memorySink()
  const progress = await run([{ plan: node, sink }])
  expect(rowsOf(sink.batches).map(row => [(row[0] as number) / 1e6, row[2]])).toEqual([
    [0, 5],
    [5, 5],
    [100, 5],
    [105, 5],
  ])
  expect(progress).toMatchObject({ lateRows: 0 })
})

test('an aggregate without a window over a stream gives its changes', async () => {
  const stream = plan.read({ ...watched(batches(0, 4, 2)), bounded: false })
  const node = plan.aggregate(stream, named({ even: col('n').mod(2).eq(0) }), named({ n: col('n').sum() }))
  expect(node.schema.fields[1]!.type).toEqual(parseType('int64').type)
  expect(await collected(engine, node)).toEqual([
    ['+I', true, 0],
    ['+I', false, 1],
    ['-U', true, 0],
    ['+U', true, 2],
    ['-U', false, 1],
    ['+U', false, 4],
  ])
})

test('an aggregate without a key has one row, also of nothing', async () => {
  const items = named({ n: count(), least: col('n').min() })
  const nothing = memory(SCHEMA, [])
  expect(await collected(engine, plan.aggregate(plan.read(nothing), [], items))).toEqual([[0, null]])
  expect(await collected(engine, plan.aggregate(plan.read({ ...nothing, bounded: false }), [], items))).toEqual([
    [0, null],
  ])
})
