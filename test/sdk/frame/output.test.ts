import { afterEach, describe, expect, test, vi } from 'vitest'
import { count, InterruptedError, read, to, type Frame, type Kind, type Query } from 'millrace'
import type { Bundle } from '../../../sdk/frame/host.ts'
import { frameOf as frameOfNode } from '../../../sdk/frame/frame.ts'
import { Output } from '../../../sdk/frame/output.ts'
import type { View } from '../../../sdk/frame/view.ts'
import { memorySink } from '../../../sdk/connector/memory.ts'
import { read as readNode } from '../../../sdk/plan/build.ts'
import { HandSource } from './hand-source.ts'
import { displayed, inNotebook } from './notebook.ts'

type Xs<K extends Kind> = Frame<{ x: 'int32' }, K>

const frameOf = (source: HandSource): Xs<'batch'> => frameOfNode(readNode(source))

const streamOf = (source: HandSource<false>): Xs<'stream'> => frameOfNode(readNode(source))

/** What a promise failed with. */
async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'it did not fail',
    (error: unknown) => error,
  )
}

afterEach(() => {
  vi.restoreAllMocks()
  process.exitCode = undefined
})

describe('starting', () => {
  test('two outputs of one job read their source once', async () => {
    const source = new HandSource(true).give([1, 2], [3], null)
    const [low, high] = [to.memory(), to.memory()]
    const xs = frameOf(source).derive(t => ({ y: t.x.mul(10) }))
    const end = await xs
      .filter(t => t.y.lt(15))
      .write(low)
      .and(xs.filter(t => t.y.gt(15)).write(high))
      .run()
    expect(low.rows()).toEqual([{ x: 1, y: 10 }])
    expect(high.rows()).toEqual([
      { x: 2, y: 20 },
      { x: 3, y: 30 },
    ])
    expect([source.opens, source.closes, end.state, end.rowsIn, end.rowsOut]).toEqual([1, 1, 'finished', 3, 3])
  })

  test('each start is a pass of its own', async () => {
    const source = new HandSource(true).give([1], null)
    const kept = to.memory()
    const output = frameOf(source).write(kept)
    await output.run()
    await output.run()
    expect(source.opens).toBe(2)
    expect(kept.rows()).toEqual([{ x: 1 }])
  })

  test('rows in memory are typed by the columns of the frame, with the new and the corrected rows', async () => {
    const trips = read.rows(
      [
        { city: 'Oslo', at: '2024-01-01T08:00Z' },
        { city: 'Oslo', at: '2024-01-01T09:00Z' },
      ],
      { schema: { city: 'utf8', at: 'timestamp' } },
    )
    const counts = trips
      .watermark('at', '0 seconds')
      .replay()
      .groupBy('city')
      .aggregate(t => ({ trips: count(), last: t.at.max() }))
    const kept = to.memory<typeof counts.schema>()
    await counts.write(kept).run()
    const trip: number | undefined = kept.rows().at(-1)?.trips
    expect(trip).toBe(2)
    expect(kept.rows({ times: 'iso' }).at(-1)).toEqual({ city: 'Oslo', trips: 2, last: '2024-01-01T09:00:00Z' })
    expect(kept.rows().filter(row => row.trips === 1).length).toBeLessThanOrEqual(1)
    // @ts-expect-error -- the frame has other columns
    expect(() => trips.write(kept)).not.toThrow()
  })

  test('an output explains its parts, and what they share once', () => {
    const xs = frameOf(new HandSource(true)).filter(t => t.x.gt(1))
    const job = xs
      .limit(1)
      .write(to.memory())
      .and(xs.write(to.csv('xs.csv')))
    const lines = job.explain().split('\n')
    expect(lines.filter(line => !line.includes(' · '))).toEqual([
      'memory',
      '  limit 1',
      '    filter t.x.gt(1) #1',
      '      read hand',
      'to.csv xs.csv',
      '  ↑ the same as #1',
    ])
  })

  test('nothing is opened before the start', () => {
    const source = new HandSource(true)
    frameOf(source).write(to.memory()).and(frameOf(source).write(to.memory()))
    expect(source.opens).toBe(0)
  })

  test('a query is no promise, and tells how far it is', async () => {
    const source = new HandSource(true).give([1, 2])
    const query = frameOf(source).write(to.memory()).start({ name: 'xs' })
    expect('then' in query).toBe(false)
    expect([query.name, query.progress().state]).toEqual(['xs', 'running'])
    source.give(null)
    expect((await query.done).rowsIn).toBe(2)
    expect(query.progress().state).toBe('finished')
  })

  test('a stopped query ends well', async () => {
    const source = new HandSource(true).give([1, 2])
    const query = frameOf(source).write(to.memory()).start()
    await query.stop()
    expect((await query.done).state).toBe('stopped')
    expect(source.closes).toBe(source.opens)
  })

  test('await using stops a query at the end of the block', async () => {
    const source = new HandSource(true).give([1, 2])
    let outer: Query
    {
      await using query = frameOf(source).write(to.memory()).start()
      outer = query
    }
    expect(outer.progress().state).toBe('stopped')
  })

  test('a sink that only appends refuses an updating frame at run time too', () => {
    const stream = read
      .rows([{ at: '2024-01-01' }], { schema: { at: 'timestamp' } })
      .watermark('at', '1 second')
      .replay()
    const running: object = stream.aggregate(() => ({ n: count() }))
    expect(() => (running as Frame<{ n: 'int64' }, 'stream'>).write(to.csv('n.csv'))).toThrow(
      "write: to.csv n.csv only appends, but the aggregate without a window corrects rows it has given. Aggregate in windows: .window(tumble('1 minute')).",
    )
  })
})

describe('in a script', () => {
  test('done rejects with what failed', async () => {
    const query = frameOf(new HandSource(true).give([1], new Error('disk on fire')))
      .write(to.memory())
      .start()
    expect(String(await failure(query.done))).toContain('disk on fire')
    expect(query.progress().state).toBe('failed')
  })

  test('a failure that nobody asks for is written to stderr, and the process goes on to exit with 1', async () => {
    const written = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const unhandled = vi.fn()
    process.on('unhandledRejection', unhandled)
    const query = frameOf(new HandSource(true).give([1], new Error('disk on fire')))
      .write(to.memory())
      .start({ name: 'xs' })
    await vi.waitFor(() => expect(query.progress().state).toBe('failed'))
    await new Promise(resolve => setImmediate(resolve))
    process.off('unhandledRejection', unhandled)
    expect(written.mock.calls[0]?.[0]).toBe('query xs failed:')
    expect(process.exitCode).toBe(1)
    expect(unhandled).not.toHaveBeenCalled()
  })
})

describe('in a notebook', () => {
  test('a cell that is interrupted fails its query as interrupted, and starting again begins anew', async () => {
    await inNotebook(async notebook => {
      const source = new HandSource(true).give([1, 2])
      const kept = to.memory()
      const output = frameOf(source).write(kept)
      const first = notebook.run('a', () => output.start({ name: 'xs' }))
      notebook.interrupt('a')
      expect(await failure(first.done)).toBeInstanceOf(InterruptedError)
      expect(kept.rows()).toEqual([])
      const again = notebook.run('a', () => output.start())
      source.give(null)
      expect((await again.done).rowsIn).toBe(2)
      expect(kept.rows()).toEqual([{ x: 1 }, { x: 2 }])
    })
  })

  test('a query keeps its cell: interrupting another cell leaves it alone', async () => {
    await inNotebook(async notebook => {
      const source = new HandSource(true).give([1])
      const query = notebook.run('a', () => frameOf(source).write(to.memory()).start({ name: 'xs' }))
      notebook.run('b', () => notebook.signal('b'))
      notebook.interrupt('b')
      expect(query.cell).toBe('a')
      expect(notebook.works.map(work => [work.name, work.bounded])).toEqual([['xs', true]])
      source.give(null)
      expect((await query.done).state).toBe('finished')
    })
  })

  test('collect ends with the cell that waits for it', async () => {
    await inNotebook(async notebook => {
      const collected = notebook.run('a', () => frameOf(new HandSource(true).give([1])).collect())
      await Promise.resolve()
      notebook.interrupt('a')
      expect(await failure(collected)).toBeInstanceOf(InterruptedError)
    })
  })

  test('an output of sinks that is displayed runs in the background and shows how it goes', async () => {
    await inNotebook(async notebook => {
      const source = new HandSource(false).give([1, 2])
      const stream = streamOf(source)
      const bundle = await notebook.run('a', () => displayed(stream.write(to.memory())))
      expect(bundle).toEqual({})
      expect(notebook.works.length).toBe(1)
      source.give([3], null)
      await notebook.works[0]!.done
      expect([...notebook.cells.values()]).toEqual(['a'])
      expect(notebook.texts().at(-1)).toMatch(/^memory: finished, 3 rows, .*3 rows out$/)
    })
  })

  test('a query that is displayed is a line that follows it, whose last state stays', async () => {
    await inNotebook(async notebook => {
      const source = new HandSource(false).give([1, 2])
      const query = notebook.run('a', () => streamOf(source).write(to.memory()).start({ name: 'xs' }))
      expect(await notebook.run('b', () => displayed(query))).toEqual({})
      expect(notebook.texts()[0]).toMatch(/^xs: running, /)
      source.give([3], null)
      await notebook.works[0]!.done
      expect([...notebook.cells.values()]).toEqual(['b'])
      expect(notebook.texts().at(-1)).toMatch(/^xs: finished, 3 rows, .*3 rows out$/)
    })
  })

  test('a displayed query that fails says so in its line, and its failure is told once', async () => {
    await inNotebook(async notebook => {
      const source = new HandSource(false).give([1])
      const query = notebook.run('a', () => streamOf(source).write(to.memory()).start({ name: 'xs' }))
      await displayed(query)
      source.give(new Error('disk on fire'))
      expect(String(await failure(notebook.works[0]!.done))).toContain('disk on fire')
      expect(notebook.texts().at(-1)).toMatch(/^xs: failed, /)
    })
  })

  test('a background failure is the work that failed, and never an unhandled rejection', async () => {
    const unhandled = vi.fn()
    process.on('unhandledRejection', unhandled)
    await inNotebook(async notebook => {
      const stream = streamOf(new HandSource(false).give([1], new Error('disk on fire')))
      await notebook.run('a', () => displayed(stream.write(to.memory())))
      expect(String(await failure(notebook.works[0]!.done))).toContain('disk on fire')
      await new Promise(resolve => setImmediate(resolve))
    })
    process.off('unhandledRejection', unhandled)
    expect(unhandled).not.toHaveBeenCalled()
  })

  test('a view of a batch is drawn before the cell ends, and its last state stays', async () => {
    await inNotebook(async notebook => {
      const xs = frameOf(new HandSource(true).give([1, 2], null))
      await displayed(viewed(xs))
      expect(notebook.works).toEqual([])
      expect(notebook.texts().at(-1)).toBe('final: 2 rows')
      expect(notebook.shown.size).toBe(1)
    })
  })

  test('a view that cannot draw fails the work and ends the query', async () => {
    await inNotebook(async notebook => {
      const source = new HandSource(false).give([1])
      const output = viewed(streamOf(source), () => {
        throw new Error('no ink')
      })
      await displayed(output)
      expect(String(await failure(notebook.works[0]!.done))).toContain('no ink')
      expect(source.closes).toBe(source.opens)
    })
  })
})

test('in a script a view is saved when the run has ended', async () => {
  const saved: string[] = []
  await viewed(frameOf(new HandSource(true).give([1], null)), undefined, name => saved.push(name)).run({ name: 'plot' })
  expect(saved).toEqual(['plot'])
})

function viewed(
  frame: Xs<'batch'> | Xs<'stream'>,
  bundle: () => Bundle | null = () => ({ 'text/plain': 'now' }),
  save: (name: string) => void = () => undefined,
): Output {
  const view: View = {
    bundle,
    final: progress => ({ 'text/plain': `final: ${progress.rowsIn} rows` }),
    save: (_, name) => save(name),
  }
  return new Output([{ name: 'view', plan: frame.plan, open: () => ({ sink: memorySink(), view }) }])
}
