/**
 * Three million flights as a stream: history is replayed in the order of event time and comes out when the watermark has
 * passed. Events per second of CPU time, the sort in the replay included. DuckDB groups the same rows at once, without
 * a stream's order, watermark and late rows.
 */
import { join } from 'node:path'
import { count, read, to, tumble, type ReplayOptions, type StreamFrame } from 'millrace'
import type { Bench, Case, Measured, Rival, Scale, Side } from './harness/bench.ts'
import { root } from './harness/rivals.ts'
import { fingerprint, sameFingerprint, type Fingerprint } from './workload/fingerprint.ts'
import { duckdb, duckdbColumns, duckdbName } from './workload/rivals.ts'

const FILE = join(root, 'node_modules/vega-datasets/data/flights-3m.parquet')

/** The quick form plays the first of them only. */
const eventsOf = ({ quick }: Scale): number => (quick ? 50_000 : 3_000_000)

async function perCpuSecond(events: number, work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (1e6 * events) / (user + system)
}

/** A stream of any columns, to be written. */
type Written = Pick<StreamFrame, 'kind' | 'plan' | 'write'>

/** Plays the history through what `through` makes of it, into memory. */
const playing =
  (
    options: ReplayOptions,
    through: (flights: StreamFrame) => Written,
    answerOf?: (rows: readonly Record<string, unknown>[]) => Fingerprint,
  ): Side =>
  async scale => {
    const flights = await read.parquet(FILE).limit(eventsOf(scale)).collect()
    const kept = to.memory()
    const job = through(flights.watermark('date', '10 minutes').replay(options)).write(kept)
    return async (): Promise<Measured> => {
      const value = await perCpuSecond(eventsOf(scale), () => job.run())
      return answerOf === undefined ? { value } : { value, answer: answerOf(kept.rows()) }
    }
  }

const byAirport = (flights: StreamFrame): Written =>
  flights
    .groupBy('origin')
    .window(tumble('1 hour'))
    .aggregate(t => ({ flights: count(), delay: t.delay.mean(), longest: t.distance.max() }))

const byRoute = (flights: StreamFrame): Written =>
  flights
    .groupBy('origin', 'destination')
    .window(tumble('1 hour'))
    .aggregate(t => ({ flights: count(), delay: t.delay.mean(), longest: t.distance.max() }))

const COMPARED = ['origin', 'hour', 'flights', 'delay', 'longest']
const KEYS = ['origin', 'hour']

const hourlyAnswer = (rows: readonly Record<string, unknown>[]): Fingerprint => {
  const of = (name: string): unknown[] =>
    rows.map(row => (name === 'hour' ? (row.windowStart as Date).getTime() : row[name]))
  return fingerprint(Object.fromEntries(COMPARED.map(name => [name, of(name)])), KEYS)
}

const duckdbBatch: Rival = {
  name: `${duckdbName}, batch`,
  side: async scale => {
    const db = await duckdb(`create table t as from '${FILE}' limit ${eventsOf(scale)}`)
    const hourMs = "epoch_ms(date_trunc('hour', date))::double"
    const sql = `select origin, ${hourMs} "hour", count(*) flights, avg(delay) delay, max(distance) longest from t group by all`
    const answer = fingerprint(await duckdbColumns(db, sql), KEYS)
    return async (): Promise<Measured> => ({ value: await perCpuSecond(eventsOf(scale), () => db.run(sql)), answer })
  },
}

const playedAgainst = (name: string, ours: Side, rival: Rival, floor: number): Case => ({
  name,
  metric: 'events/cpu s',
  moreIsBetter: true,
  rounds: 3,
  floor,
  ours,
  rival,
})

export const bench: Bench = {
  name: 'stream',
  cases: [
    {
      ...playedAgainst('hourly windows by airport', playing({}, byAirport, hourlyAnswer), duckdbBatch, 0.2),
      agree: sameFingerprint,
    },
    playedAgainst(
      'the same, disorder of 20 minutes',
      playing({ disorder: '20 minutes', seed: 1 }, byAirport),
      { limit: 1_000_000 },
      1,
    ),
    playedAgainst('hourly windows by route', playing({}, byRoute), { limit: 1_000_000 }, 1),
    playedAgainst(
      'filter, derive, no window',
      playing({}, t => t.filter(r => r.delay.gt(0)).derive(r => ({ speed: r.distance.div(r.delay) }))),
      { limit: 3_000_000 },
      1,
    ),
  ],
}
