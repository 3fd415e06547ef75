/** Generated events: the same ones for any batches, seeks and columns; shares and times as they are documented. */
import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { count, generate, PlanError, tumble } from 'millrace'
import type { Clock } from '../../../../sdk/data/clock.ts'
import { behaviour } from '../../../../sdk/connector/generate/behaviour.ts'
import { cards } from '../../../../sdk/connector/generate/cards.ts'
import type { GenerateOptions } from '../../../../sdk/connector/generate/events.ts'
import { nexmark } from '../../../../sdk/connector/generate/nexmark.ts'
import type { Source } from '../../../../sdk/plan/port.ts'
import { readAll, readSplit } from '../reading.ts'

const sources = (options: GenerateOptions): Source[] => [
  ...Object.values(nexmark(options)),
  ...Object.values(behaviour({ ...options, drift: '1 minute' })),
  cards({ ...options, fraud: 0.1 }),
]

const timeOf = (row: Record<string, unknown>): number => Date.parse((row.dateTime ?? row.at ?? '1970-01-01') as string)

const byTime = (rows: Record<string, unknown>[]): Record<string, unknown>[] => {
  const texts = new Map(rows.map(row => [row, JSON.stringify(row)]))
  return [...rows].sort((a, b) => timeOf(a) - timeOf(b) || (texts.get(a)! < texts.get(b)! ? -1 : 1))
}

describe('a generated source', () => {
  test('gives the same rows for any batches and after any seek', async () => {
    const some = fc.record({
      seed: fc.nat(5),
      events: fc.integer({ min: 0, max: 700 }),
      disorder: fc.constantFrom('0 seconds', '2 milliseconds', '3 seconds'),
      batchRows: fc.integer({ min: 1, max: 400 }),
      after: fc.nat(4),
    })
    await fc.assert(
      fc.asyncProperty(some, async ({ batchRows, after, disorder, ...rest }) => {
        for (const source of sources({ ...rest, disorder })) {
          const whole = await readAll(source, { batchRows: 1000 })
          expect(await readAll(source, { batchRows })).toEqual(whole)
          expect(await readSplit(source, after, batchRows)).toEqual(whole)
          expect(source.rows ?? whole.length).toBe(whole.length)
        }
      }),
      { numRuns: 40 },
    )
  })

  test('gives with disorder the same rows in another order, none later than said', async () => {
    for (const disorder of ['1 millisecond', '250 milliseconds', '20 seconds'] as const) {
      const ordered = sources({ seed: 3, events: 2000 })
      const held = sources({ seed: 3, events: 2000, disorder })
      for (const [i, source] of held.entries()) {
        const [inOrder, outOfOrder] = [await readAll(ordered[i]!), await readAll(source)]
        expect(byTime(outOfOrder)).toEqual(byTime(inOrder))
        let largest = -Infinity
        let most = 0
        for (const row of outOfOrder) {
          const time = timeOf(row)
          most = Math.max(most, largest - time)
          largest = Math.max(largest, time)
        }
        const bound = { '1 millisecond': 1, '250 milliseconds': 250, '20 seconds': 20_000 }[disorder]
        expect(most).toBeLessThanOrEqual(bound)
        const isMixed = disorder === '20 seconds' && source.name !== 'generate.behaviour items'
        expect(most > 0 || !isMixed).toBe(true)
      }
    }
  })

  test('makes the same values whichever columns are asked for', async () => {
    for (const source of sources({ seed: 1, events: 300 })) {
      const whole = await readAll(source)
      for (const name of source.schema.names) {
        expect(await readAll(source, { columns: [name] })).toEqual(whole.map(row => ({ [name]: row[name] })))
      }
    }
  })

  test('differs by seed, and comes in the order of time', async () => {
    const [one, other] = [
      await readAll(nexmark({ seed: 1, events: 500 }).bids),
      await readAll(nexmark({ seed: 2, events: 500 }).bids),
    ]
    expect(one.map(row => row.dateTime)).toEqual(other.map(row => row.dateTime))
    expect(one.map(row => row.price)).not.toEqual(other.map(row => row.price))
    for (const source of sources({ events: 1000 })) {
      const times = (await readAll(source)).map(timeOf)
      expect(times).toEqual([...times].sort((a, b) => a - b))
    }
  })

  test('keeps pace with the clock', async () => {
    const clock = new HandClock()
    const { bids } = nexmark({ rate: 1000, events: 500 })
    const reader = bids.open({ columns: ['dateTime'], batchRows: 1000, signal: new AbortController().signal, clock })
    const rows: number[] = []
    for (let i = 0; i < 7; i++) {
      const next = reader.next()
      if (next instanceof Promise) clock.move(100)
      rows.push((await next)?.length ?? -1)
    }
    expect(rows).toEqual([92, 92, 92, 92, 92, -1, -1])
  })

  test('ends a wait for the clock when its pass is aborted', async () => {
    const stop = new AbortController()
    const { bids } = nexmark({ rate: 1 })
    const reader = bids.open({ columns: ['price'], batchRows: 10, signal: stop.signal, clock: new HandClock() })
    const next = reader.next()
    stop.abort()
    expect(await next).toBe(null)
  })
})

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

  move(ms: number): void {
    this.#now += ms
    for (const { at, callback } of this.#waiting) if (at <= this.#now) callback()
  }
}

describe('generate.nexmark', () => {
  test('has of fifty events a person, three auctions and 46 bids, whose ids go up', async () => {
    const { persons, auctions, bids } = nexmark({ events: 107, perSecond: 1000 })
    const [people, sales, offers] = [await readAll(persons), await readAll(auctions), await readAll(bids)]
    expect(people.map(({ id, dateTime }) => [id, dateTime])).toEqual([
      [1000, '2026-01-01T00:00:00Z'],
      [1001, '2026-01-01T00:00:00.050Z'],
      [1002, '2026-01-01T00:00:00.100Z'],
    ])
    expect(sales.map(({ id, dateTime }) => [id, String(dateTime).slice(17)])).toEqual([
      [1000, '00.001Z'],
      [1001, '00.002Z'],
      [1002, '00.003Z'],
      [1003, '00.051Z'],
      [1004, '00.052Z'],
      [1005, '00.053Z'],
      [1006, '00.101Z'],
      [1007, '00.102Z'],
      [1008, '00.103Z'],
    ])
    expect(offers.length).toBe(95)
    expect(offers[92]!.dateTime).toBe('2026-01-01T00:00:00.104Z')
  })

  test('has hot auctions, bidders and sellers in the documented shares', async () => {
    const { auctions, bids } = nexmark({ events: 100_000, seed: 9 })
    const [sales, offers] = [await readAll(auctions), await readAll(bids)]
    const share = (rows: typeof sales, hot: (row: Record<string, unknown>) => boolean): number =>
      rows.filter(hot).length / rows.length
    expect(share(offers, row => Number(row.auction) % 100 === 0)).toBeCloseTo(0.5, 1)
    expect(share(offers, row => Number(row.bidder) % 100 === 1)).toBeCloseTo(0.75, 1)
    expect(share(sales, row => Number(row.seller) % 100 === 0)).toBeCloseTo(0.75, 1)
    expect(new Set(sales.map(row => row.category))).toEqual(new Set([10, 11, 12, 13, 14]))
    expect(
      sales.every(row => Number(row.reserve) > Number(row.initialBid) && String(row.expires) > String(row.dateTime)),
    ).toBe(true)
    const prices = offers.map(row => Number(row.price))
    expect(prices.every(price => price >= 100 && price <= 100_000_000)).toBe(true)
    expect(share(offers, row => String(row.url).startsWith('https://'))).toBe(1)
  })

  test('is a stream whose rows end, a batch when asked, and endless without events', async () => {
    const { bids } = generate.nexmark({ events: 100 })
    expect([bids.kind, bids.plan.bounded]).toEqual(['stream', true])
    const batch = generate.nexmark({ events: 100, kind: 'batch' }).bids
    expect((await batch.collect()).length).toBe(92)
    let rows = 0
    for await (const { length } of generate.nexmark().bids.batches()) if ((rows += length) > 5000) break
    expect(rows).toBeGreaterThan(5000)
  })

  test('loses no row of a window to disorder, since the watermark waits for it', async () => {
    const counted = async (options: GenerateOptions<'stream'>): Promise<unknown[]> => {
      const rows: unknown[] = []
      const counts = generate.nexmark({ events: 30_000, ...options }).bids.window(tumble('500 milliseconds'))
      for await (const row of counts.aggregate(t => ({ n: count(), best: t.price.max() }))) rows.push(row)
      return rows
    }
    expect(await counted({ disorder: '1.5 seconds' })).toEqual(await counted({}))
  })
})

describe('generate.behaviour', () => {
  test('clicks come of views, ratings of clicks, each after it and within its time', async () => {
    const { views, clicks, ratings } = behaviour({ seed: 4, events: 5000 })
    const at = new Map((await readAll(views)).map(row => [row.view, Date.parse(String(row.at))]))
    const clicked = new Set<unknown>()
    for (const row of await readAll(clicks)) {
      clicked.add(row.view)
      const lag = Date.parse(String(row.at)) - at.get(row.view)!
      expect(lag >= 0 && lag <= 60_000).toBe(true)
    }
    const rated = await readAll(ratings)
    expect(rated.every(row => clicked.has(row.view))).toBe(true)
    expect(new Set(rated.map(row => row.rating))).toEqual(new Set([1, 2, 3, 4, 5]))
  })

  test('with drift the genre that is viewed most moves on; without it stays', async () => {
    const favourite = async (drift: boolean): Promise<unknown[]> => {
      const { views } = behaviour({ seed: 4, events: 40_000, ...(drift && { drift: '10 minutes' as const }) })
      const rows = await readAll(views, { columns: ['genre'] })
      return [rows.slice(0, 5000), rows.slice(-5000)].map(part => {
        const counts = new Map<unknown, number>()
        for (const { genre } of part) counts.set(genre, (counts.get(genre) ?? 0) + 1)
        return [...counts].sort((a, b) => b[1] - a[1])[0]![0]
      })
    }
    const [first, last] = await favourite(false)
    expect(first).toBe(last)
    const [early, late] = await favourite(true)
    expect(early).not.toBe(late)
  })
})

describe('generate.cards', () => {
  test('plants the share of fraud that was asked for, five payments of a card at a time', async () => {
    const rows = await readAll(cards({ seed: 2, events: 100_000, fraud: 0.02 }))
    const fraud = rows.filter(row => row.fraud === true)
    expect(fraud.length / rows.length).toBeCloseTo(0.02, 2)
    expect(rows.every(row => (row.pattern !== null) === row.fraud)).toBe(true)
    for (let i = 0; i < fraud.length; i += 5) {
      const five = fraud.slice(i, i + 5)
      expect(new Set(five.map(row => row.card)).size).toBe(1)
      expect(new Set(five.map(row => row.pattern)).size).toBe(1)
      const amounts = five.map(row => Number(row.amount))
      const isGrowing = amounts.every((amount, step) => step === 0 || amount > amounts[step - 1]!)
      const isTrying = amounts.slice(0, 4).every(amount => amount < 1) && amounts[4]! > 1
      expect(five[0]!.pattern !== 'growing' || isGrowing).toBe(true)
      expect(five[0]!.pattern !== 'testing' || isTrying).toBe(true)
    }
    expect((await readAll(cards({ events: 5000, fraud: 0 }))).some(row => row.fraud === true)).toBe(false)
  })
})

describe('what a generator is told', () => {
  const refused = (make: () => unknown): string => {
    try {
      make()
    } catch (error) {
      if (error instanceof PlanError) return error.message
    }
    return 'nothing was refused'
  }

  test('wrong options are refused by name', () => {
    expect(refused(() => nexmark({ events: -1 }))).toBe(
      'generate.nexmark: events: it is a whole number from 0 on, not -1',
    )
    expect(refused(() => nexmark({ rate: 0 }))).toBe('generate.nexmark: rate: it is a number above 0, not 0')
    expect(refused(() => nexmark({ kind: 'batch' }))).toBe(
      'generate.nexmark: kind: a batch has an end: say how many `events`',
    )
    expect(refused(() => nexmark({ start: 'soon' }))).toContain('"soon" is no time')
    expect(refused(() => cards({ fraud: 0.5 }))).toBe('generate.cards: fraud: it is a share from 0 to 0.1, not 0.5')
    expect(refused(() => behaviour({ items: 3 }))).toContain('each of the 8 genres needs an item')
    expect(refused(() => nexmark({ event: 3 } as object))).toContain('Did you mean "events"?')
  })
})
