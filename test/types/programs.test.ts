import { expect, test } from 'vitest'
import { check, completionsAt, hoverAt } from './program.ts'

/** Programs that an editor must accept, and what it shows and offers while they are written. */

const head = `import { col, count, lit, read, to, tumble, udf, when, type BatchFrame, type Dynamic, type Frame, type Kind, type RowOf } from 'millrace'
declare const flights: Frame<{ date: 'timestamp'; delay: 'float64?'; distance: 'int32'; origin: 'utf8' }, 'batch'>
`

test('history: group, aggregate, order, join and write', () => {
  const program = `
const worst = flights.groupBy('origin').aggregate(t => ({ flights: count(), delay: t.delay.mean() }))
  .filter(t => t.flights.ge(1000)).orderBy(t => t.delay.desc(), 'origin').limit(20)
const airports = read.csv('airports.csv', { schema: { iata: 'utf8', name: 'utf8', latitude: 'float64' } }).rename({ iata: 'origin' })
const rows: { origin: string; flights: number; delay: number | null; name: string | null; latitude: number | null }[] =
  (await worst.leftJoin(airports, { on: 'origin' }).collect()).rows()
await worst.write(to.parquet('worst.parquet')).and(worst.write(to.csv('worst.csv'))).run({ name: 'worst' })
`
  expect(check(head + program)).toEqual([])
})

test('an as-of join has the columns of both sides, the right ones nullable', () => {
  const program = `
const weather = read.csv('weather.csv', { schema: { origin: 'utf8', since: 'timestamp', delay: 'int32' } })
const held = flights.asOfJoin(weather, { on: 'origin', time: { left: 'date', right: 'since' }, tolerance: '1 hour' })
const rows: { origin: string; date: Date; since: Date | null; delay_right: number | null }[] = (await held.collect()).rows()
const bare = flights.asOfJoin(weather.drop('origin').watermark('since', '0 seconds')).derive(t => ({ wait: t.delay_right.add(1) }))
`
  expect(check(head + program)).toEqual([])
})

test('a join by keys of differing names has the left names, and the types that the kind of join gives', () => {
  const program = `
declare const orders: Frame<{ user: 'int32'; day: 'date'; name: 'utf8'; total: 'float64?' }, 'batch'>
declare const users: Frame<{ id: 'int64?'; day: 'date'; name: 'utf8?'; user: 'utf8' }, 'batch'>
const on = { left: 'user', right: 'id' } as const
const inner: Frame<{ user: 'int32'; day: 'date'; name: 'utf8'; total: 'float64?'; name_right: 'utf8?'; user_right: 'utf8' }, 'batch'> = orders.join(users, { on: ['day', on] })
const left: Frame<{ user: 'int32'; day: 'date'; name: 'utf8'; total: 'float64?'; name2: 'utf8?'; user2: 'utf8?' }, 'batch'> = orders.leftJoin(users, { on: ['day', on], suffix: '2' })
const right: Frame<{ user: 'int64?'; day: 'date'; name: 'utf8?'; total: 'float64?'; name_right: 'utf8?'; user_right: 'utf8' }, 'batch'> = orders.rightJoin(users, { on: ['day', on] })
const full: Frame<{ user: 'int64?'; day: 'date'; name: 'utf8?'; total: 'float64?'; name_right: 'utf8?'; user_right: 'utf8?' }, 'batch'> = orders.fullJoin(users, { on: ['day', on] })
const semi: typeof orders = orders.semiJoin(users, { on })
const anti: typeof orders = orders.antiJoin(users, { on: [on, { left: 'name', right: 'user' }] })
const held: Frame<{ user: 'int32'; day: 'date'; name: 'utf8'; total: 'float64?'; day_right: 'date?'; name_right: 'utf8?'; user_right: 'utf8?' }, 'batch'> = orders.asOfJoin(users, { on, time: 'day' })
const unknown: BatchFrame = read.csv('a.csv').fullJoin(orders, { on: [{ left: 'x', right: 'user' }, 'day'] })
`
  expect(check(head + program)).toEqual([])
})

test('a replay: windows by key, late rows, one job of several outputs', () => {
  const program = `
const marked = flights.watermark('date', '10 minutes').derive(t => ({ late: t.delay.gt(15).fillNull(false), hour: t.date.hour() }))
const stream = marked.filter(t => t.date.ge('2001-04-01')).replay({ disorder: '20 minutes', seed: 1 })
const daily = stream.groupBy('origin', t => ({ night: t.hour.lt(6) })).window(tumble('1 day'), { offset: '5 hours' })
  .aggregate(t => ({ flights: count(), delay: t.delay.mean() }))
const weekly = daily.window(tumble('1 week')).aggregate(t => ({ flights: t.flights.sum() }))
const query = daily.write(to.parquet('daily.parquet')).and(daily.late.write(to.csv('late.csv'))).and(weekly.write(to.memory())).start({ name: 'daily' })
const seen: number = (await query.done).lateRows
for await (const row of daily) {
  const typed: { origin: string; night: boolean; windowStart: Date; windowEnd: Date; flights: number; delay: number | null } = row
  const late: string = (await daily.late[Symbol.asyncIterator]().next()).value!.origin
}
await query.stop()
{ await using other = daily.write(to.memory()).start() }
`
  expect(check(head + program)).toEqual([])
})

test('learning: fit on history, go live, judge both by window, draw', () => {
  const program = `
import { KMeans, LogisticRegression, logLoss, oneHot, scaled } from 'millrace/ml'
import { line, scatter } from 'millrace/plot'
const marked = flights.watermark('date', '10 minutes').derive(t => ({ late: t.delay.gt(15).fillNull(false), hour: t.date.hour() }))
const model = await new LogisticRegression({ l2: 1e-3 }).fit(marked.filter(t => t.date.lt('2001-04-01')),
  { features: t => [t.hour, scaled(t.distance), oneHot(t.origin)], label: 'late' })
const live = model.learn(marked.filter(t => t.date.ge('2001-04-01')).replay({ disorder: '20 minutes', seed: 1 }))
const quality = live.predictions.predict(model, { as: 'frozen' }).groupBy('origin').window(tumble('1 day'))
  .aggregate(t => ({ live: logLoss(t.late, t.probability), frozen: logLoss(t.late, t.frozenProbability) }))
line(quality, { x: 'windowStart', y: 'live', color: 'origin' }).and(line(quality, { x: 'windowStart', y: ['live', 'frozen'] }))
const stats = flights.groupBy('origin').aggregate(t => ({ flights: count(), delay: t.delay.mean() }))
const clusters = await new KMeans({ k: 6, seed: 1 }).fit(stats, { features: t => [scaled(t.flights), scaled(t.delay)] })
scatter(stats.predict(clusters, { as: 'cluster' }), { x: 'flights', y: 'delay', color: 'cluster' })
`
  expect(check(head + program)).toEqual([])
})

test('expressions: choices, functions of the user, columns by name', () => {
  const program = `
const banded = flights.derive(t => ({
  band: when(t.distance.gt(1000)).then('far').when(t.distance.gt(100)).then('near').otherwise('here'),
  score: udf([t.delay, t.origin], 'float64?', (delay, origin) => delay === null ? null : delay * origin.length),
  year: lit(2001), same: col('distance').mul(2),
}))
const bands: string[] = (await banded.collect()).column('band')
const words: Frame<{ word: 'utf8' }, 'batch'> = flights.mapBatches({ word: 'utf8' }, t => ({ word: t.origin.flatMap(text => [...text]) }))
`
  expect(check(head + program)).toEqual([])
})

test('a frame whose columns are not known has every verb', () => {
  const program = `
const frame = read.parquet('flights-3m.parquet')
const dynamic: BatchFrame<Dynamic> = frame
const busy = frame.derive(t => ({ late: t.delay.gt(15), hour: t.date.hour() })).watermark('date', '1 minute').replay()
  .filter(t => t.hour.lt(6).and(t.late)).groupBy('origin').window(tumble('1 hour')).aggregate(t => ({ n: count(), d: t.delay.mean() }))
for await (const row of busy) row.n.toFixed()
const joined = frame.join(read.csv('airports.csv'), { on: ['origin', 'dest'] }).select('a', 'b').drop('a').rename({ b: 'c' })
frame.rejected.write(to.csv('bad.csv'))
`
  expect(check(head + program)).toEqual([])
})

test('a function generic over the kind keeps it', () => {
  const program = `
function hourly<K extends 'batch' | 'stream'>(frame: Frame<{ at: 'timestamp'; ms: 'int32' }, K>) {
  return frame.derive(t => ({ s: t.ms.div(1000) })).filter(t => t.s.gt(0)).window(tumble('1 hour')).aggregate(t => ({ s: t.s.sum() }))
}
declare const history: Frame<{ at: 'timestamp'; ms: 'int32' }, 'batch'>
const batch: Frame<{ windowStart: 'timestamp'; windowEnd: 'timestamp'; s: 'float64?' }, 'batch'> = hourly(history)
const stream: Frame<{ windowStart: 'timestamp'; windowEnd: 'timestamp'; s: 'float64?' }, 'stream'> = hourly(history.watermark('at', '1 minute').replay())
`
  expect(check(head + program)).toEqual([])
})

test('a union is nullable where one of its frames is, and its columns stand in any order', () => {
  const program = `
declare const cleaned: Frame<{ origin: 'utf8?'; delay: 'float64' }, 'stream'>
const both: Frame<{ delay: 'float64?'; origin: 'utf8?' }, 'stream'> = flights.select('delay', 'origin').union(cleaned)
const same: typeof flights = flights.union(flights)
`
  expect(check(head + program)).toEqual([])
})

test('rows without a schema have the types of their literals', () => {
  const program = `
const rows = read.rows([{ city: 'Oslo', km: 12, at: new Date(), share: 0.5 }, { city: null, km: 30, at: new Date(), share: 1, note: true }])
const typed: { city: string | null; km: number; at: Date; share: number; note: boolean | null }[] = (await rows.collect()).rows()
const values: number[] = [1, 2]
const computed = read.rows(values.map(x => ({ x, y: x > 1 }))).derive(t => ({ z: t.x.mul(2) }))
const declared: Frame<{ at: 'timestamp' }, 'batch'> = read.rows([{ at: '2024-01-01' }], { schema: { at: 'timestamp' } })
`
  expect(check(head + program)).toEqual([])
  expect(hoverAt(head + program.replace('const rows', 'const r|ows'))).toContain(
    `SourceFrame<{
    city: "utf8?";
    km: "int64";
    share: "float64";
    note: "bool?";
    at: "timestamp";
}, "batch">`,
  )
})

test('a number of an interface may be null, optional or undefined, and its column has the methods of numbers', () => {
  const program = `
interface Reading { place: string; km: number | null; hours?: number; days: number | undefined }
const readings = read.rows([{ place: 'Oslo', km: 1, days: 2 }] as Reading[])
const far = readings.filter(t => t.km.gt(1).and(t.hours.gt(1)).and(t.days.gt(1))).derive(t => ({ speed: t.km.fillNull(0).div(t.hours) }))
const means = far.groupBy('place').aggregate(t => ({ km: t.km.mean() })).filter(t => t.km.gt(1))
const joined = readings.leftJoin(readings, { on: 'place' }).filter(t => t.km_right.gt(1))
`
  expect(check(head + program)).toEqual([])
})

test('completion offers the columns inside a callback, and the methods of the type of one', () => {
  expect(completionsAt(`${head}flights.derive(t => ({ x: t.| }))`).toSorted()).toEqual([
    'date',
    'delay',
    'distance',
    'origin',
  ])
  const numeric = completionsAt(`${head}flights.derive(t => ({ x: t.delay.| }))`)
  expect(numeric).toEqual(expect.arrayContaining(['add', 'gt', 'mean', 'isNull', 'round']))
  expect(numeric).not.toEqual(expect.arrayContaining(['upper']))
  expect(completionsAt(`${head}flights.derive(t => ({ x: t.origin.| }))`)).not.toEqual(expect.arrayContaining(['mul']))
  expect(completionsAt(`${head}flights.select('|')`)).toEqual(['date', 'delay', 'distance', 'origin'])
})

test('completion offers the keys of a join: names of both frames, or the names of each side', () => {
  const join = (on: string): string =>
    `${head}declare const planes: Frame<{ tail: 'utf8'; origin: 'utf8' }, 'batch'>\nflights.leftJoin(planes, { on: ${on} })`
  expect(completionsAt(join(`'|'`))).toEqual(['origin'])
  expect(completionsAt(join(`{ | }`))).toEqual(['left', 'right'])
  expect(completionsAt(join(`{ left: '|' }`))).toEqual(['date', 'delay', 'distance', 'origin'])
  expect(completionsAt(join(`{ left: 'origin', right: '|' }`))).toEqual(['origin', 'tail'])
  expect(completionsAt(join(`['origin', { left: 'origin', right: '|' }]`))).toEqual(['origin', 'tail'])
})

test('a hover shows flat columns', () => {
  expect(hoverAt(`${head}const mark|ed = flights.derive(t => ({ late: t.delay.gt(15) })).drop('distance')`)).toBe(
    `const marked: Frame<{
    date: "timestamp";
    delay: "float64?";
    origin: "utf8";
    late: "bool?";
}, "batch">`,
  )
})

test('a chain of 100 steps and a schema of 200 columns are checked', () => {
  const steps = Array.from(
    { length: 100 },
    (_, i) => `.derive(t => ({ c${i}: t.delay.add(${i}), delay: t.delay.mul(2) })).filter(t => t.c${i}.gt(0))`,
  )
  const wide = Array.from({ length: 200 }, (_, i) => `w${i}: 'float64?'`).join('; ')
  const started = process.cpuUsage()
  const chain = `const end = flights${steps.join('\n')}\nconst last: Promise<(number | null)[]> = end.collect().then(table => table.column('c99'))\n`
  expect(check(head + chain)).toEqual([])
  const chained = process.cpuUsage(started)
  const program = `declare const wide: Frame<{ ${wide} }, 'batch'>
const some = wide${Array.from({ length: 20 }, (_, i) => `.derive(t => ({ x${i}: t.w${i}.mul(2) }))`).join('')}.drop('w1').groupBy('w2').aggregate(t => ({ s: t.x19.sum() }))
const keys: Promise<(number | null)[]> = some.collect().then(table => table.column('s'))`
  expect(check(head + program)).toEqual([])
  const both = process.cpuUsage(started)
  const seconds = (micros: number): string => (micros / 1e6).toFixed(1)
  console.log(`100 steps: ${seconds(chained.user)} CPU-s, 200 columns: ${seconds(both.user - chained.user)} CPU-s`)
})
