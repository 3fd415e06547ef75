/**
 * The queries of the Nexmark benchmark over a stream, row after row with watermarks, against DuckDB, which has all rows
 * before it begins: from files of JSON lines and from memory. What a query gives is counted, not kept.
 */
import { existsSync, mkdirSync, renameSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generate, type Batch, type Sink } from 'millrace'
import type { Bench, Case, Rival, Scale, Side } from './harness/bench.ts'
import { queries } from './nexmark/queries.ts'
import { duckdbSite, siteOfFiles, writeSite, type Query, type Site } from './nexmark/site.ts'
import { duckdb, duckdbName } from './workload/rivals.ts'

const events = ({ quick }: Scale): { seed: number; events: number } => ({ seed: 42, events: quick ? 20_000 : 500_000 })

/** The files, written by the first who asks. */
async function filesOf(scale: Scale): Promise<string> {
  const folder = join(tmpdir(), `millrace-nexmark-${events(scale).events}`)
  if (existsSync(folder)) return folder
  const staged = `${folder}.${process.pid}`
  mkdirSync(staged)
  await writeSite(staged, events(scale))
  renameSync(staged, folder)
  return folder
}

/** A sink that counts the rows that are left once all changes have been made. */
function counting(): Sink & { readonly accepts: 'changelog'; rows: number } {
  const counter = {
    name: 'counting',
    accepts: 'changelog' as const,
    rows: 0,
    open: () => {
      counter.rows = 0
      return { write: (batch: Batch) => void (counter.rows += rowsLeft(batch)), close: () => {}, abort: () => {} }
    },
  }
  return counter
}

/** Row kinds are 0 and 2 for rows that come, 1 and 3 for those that go. */
function rowsLeft({ length, kinds }: Batch): number {
  if (kinds === null) return length
  let rows = 0
  for (const kind of kinds) rows += kind % 2 === 0 ? 1 : -1
  return rows
}

const running =
  ({ of }: Query, siteOf: (scale: Scale) => Promise<Site>): Side =>
  async scale => {
    const kept = counting()
    const output = of(await siteOf(scale)).write(kept)
    return async () => {
      await output.run()
      return kept.rows
    }
  }

/** The rows that are in the files, in memory before the work begins. */
async function siteInMemory(scale: Scale): Promise<Site> {
  const { persons, auctions, bids } = generate.nexmark({ ...events(scale), kind: 'batch' })
  const [people, sales, offers] = [await persons.collect(), await auctions.collect(), await bids.collect()]
  return {
    persons: people.watermark('dateTime', '0 seconds').replay(),
    auctions: sales.watermark('dateTime', '0 seconds').replay(),
    bids: offers.watermark('dateTime', '0 seconds').replay(),
  }
}

const batch = ({ sql }: Query, as: 'view' | 'table'): Rival => ({
  name: `${duckdbName}, batch`,
  side: async scale => {
    const db = await duckdb(...duckdbSite(await filesOf(scale), as))
    return async () => (await db.run(sql)).rowCount
  },
})

const both = (query: Query): Case[] => [
  {
    name: `${query.name} from JSON lines`,
    metric: 'cpu s',
    floor: 1.7,
    rounds: 3,
    ours: running(query, async scale => siteOfFiles(await filesOf(scale))),
    rival: batch(query, 'view'),
    agree: (mine, theirs) => mine === theirs,
  },
  {
    name: `${query.name} from memory`,
    metric: 'cpu s',
    floor: 1,
    rounds: 3,
    ours: running(query, siteInMemory),
    rival: batch(query, 'table'),
    agree: (mine, theirs) => mine === theirs,
  },
]

export const bench: Bench = { name: 'nexmark', cases: queries.flatMap(both) }
