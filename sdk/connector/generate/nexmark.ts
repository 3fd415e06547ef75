import { Schema } from '../../data/schema.ts'
import type { Source } from '../../plan/port.ts'
import { eventSource, generationOf, chosenOf, numbersOf, textsOf, timesOf } from './events.ts'
import type { Events, GenerateOptions, Generation, Make } from './events.ts'
import { bits, below, uniform } from './random.ts'

/**
 * The auction site of the Nexmark benchmark (Tucker, Tufte, Papadimos and Maier, "NEXMark: a benchmark for queries over
 * data streams", and its form in Apache Beam): of fifty events one is a new person, three are new auctions and 46 are
 * bids. Half of the bids go to one hot auction, three quarters come from one hot bidder, and three quarters of the
 * auctions are one hot seller's; who is hot moves on with the events.
 */

export const PERSON = {
  id: 'int64',
  name: 'utf8',
  emailAddress: 'utf8',
  creditCard: 'utf8',
  city: 'utf8',
  state: 'utf8',
  dateTime: 'timestamp',
  extra: 'utf8',
} as const

export const AUCTION = {
  id: 'int64',
  itemName: 'utf8',
  description: 'utf8',
  initialBid: 'int64',
  reserve: 'int64',
  dateTime: 'timestamp',
  expires: 'timestamp',
  seller: 'int64',
  category: 'int64',
  extra: 'utf8',
} as const

export const BID = {
  auction: 'int64',
  bidder: 'int64',
  price: 'int64',
  channel: 'utf8',
  url: 'utf8',
  dateTime: 'timestamp',
  extra: 'utf8',
} as const

/** The sources of the three kinds of events. */
export interface NexmarkSources {
  readonly persons: Source
  readonly auctions: Source
  readonly bids: Source
}

export function nexmark(options: GenerateOptions): NexmarkSources {
  const generation = generationOf('generate.nexmark', options, 10_000)
  const { seed } = generation
  const source = (kind: string, events: Events): Source =>
    eventSource({ ...generation, name: `${generation.name} ${kind}` }, events)
  return {
    persons: source('persons', persons(seed)),
    auctions: source('auctions', auctions(generation)),
    bids: source('bids', bids(seed)),
  }
}

const PERSONS = 1
const AUCTIONS = 3
/** Events of one round: a person, three auctions, then bids. */
const ROUND = 50

/** One id in so many is a hot one. */
const HOT = 100
/** The people who are active, and the auctions that are open: ids are drawn from the last ones. */
const ACTIVE = 1000
const OPEN = 100
/** Ids may run ahead of what has been given, so that a join has to wait. */
const AHEAD = 10
const FIRST_ID = 1000
const FIRST_CATEGORY = 10
const CATEGORIES = 5

/** How many events of a kind with `count` places from `first` on in each round are among the first `events`. */
const rowsIn =
  (first: number, count: number) =>
  (events: number): number =>
    Math.floor(events / ROUND) * count + Math.min(count, Math.max(0, (events % ROUND) - first))

/** The last person, from 0, that there is at an event. */
const lastPerson = (n: number): number => Math.floor(n / ROUND)

/** The last auction, from 0; −1 before the first. */
function lastAuction(n: number): number {
  const round = Math.floor(n / ROUND)
  return round * AUCTIONS + Math.min(AUCTIONS, Math.max(0, n - round * ROUND - PERSONS + 1)) - 1
}

function anyPerson(seed: number, n: number, use: number): number {
  const people = lastPerson(n) + 1
  const active = Math.min(people, ACTIVE)
  return people - active + below(active + AHEAD, seed, n, use)
}

function anyAuction(seed: number, n: number, use: number): number {
  const last = Math.max(0, lastAuction(n))
  const first = Math.max(0, last - OPEN)
  return first + below(last - first + 1 + AHEAD, seed, n, use)
}

/** From a cent to ten thousand dollars, in cents, evenly by magnitude. */
const price = (seed: number, n: number, use: number): number => Math.round(10 ** (uniform(seed, n, use) * 6) * 100)

function persons(seed: number): Events {
  const any = (list: readonly string[], use: number): Make => chosenOf(list, n => below(list.length, seed, n, use))
  return {
    schema: Schema.of(PERSON),
    has: n => n % ROUND < PERSONS,
    rows: rowsIn(0, PERSONS),
    columns: {
      id: numbersOf('int64', n => FIRST_ID + lastPerson(n)),
      name: any(NAMES, 1),
      emailAddress: textsOf(n => `${letters(seed, n, 3, 7)}@${letters(seed, n, 4, 5)}.com`),
      creditCard: textsOf(n => [5, 6, 7, 8].map(use => String(below(10_000, seed, n, use)).padStart(4, '0')).join(' ')),
      city: any(CITIES, 9),
      state: any(STATES, 10),
      dateTime: timesOf,
      extra: textsOf(n => padding(seed, n, 11, 80)),
    },
  }
}

function auctions({ seed, spacingMicros }: Generation): Events {
  const initialBid = (n: number): number => price(seed, n, 22)
  // an auction is open for as long as the next hundred take to come, on average
  const horizonMicros = ((OPEN * ROUND) / AUCTIONS) * spacingMicros
  const lengthMs = (n: number): number => 1 + Math.floor((uniform(seed, n, 24) * 2 * horizonMicros) / 1000)
  return {
    schema: Schema.of(AUCTION),
    has: n => n % ROUND >= PERSONS && n % ROUND < PERSONS + AUCTIONS,
    rows: rowsIn(PERSONS, AUCTIONS),
    columns: {
      id: numbersOf('int64', n => FIRST_ID + lastAuction(n)),
      itemName: textsOf(n => letters(seed, n, 20, 16)),
      description: textsOf(n => letters(seed, n, 21, 80)),
      initialBid: numbersOf('int64', initialBid),
      reserve: numbersOf('int64', n => initialBid(n) + price(seed, n, 23)),
      dateTime: timesOf,
      expires: (numbers, times) =>
        timesOf(
          numbers,
          times.map((time, i) => time + lengthMs(numbers[i]!) * 1000),
        ),
      seller: numbersOf('int64', n => {
        const hot = below(4, seed, n, 25) > 0
        return FIRST_ID + (hot ? Math.floor(lastPerson(n) / HOT) * HOT : anyPerson(seed, n, 26))
      }),
      category: numbersOf('int64', n => FIRST_CATEGORY + below(CATEGORIES, seed, n, 27)),
      extra: textsOf(n => padding(seed, n, 28, 300)),
    },
  }
}

function bids(seed: number): Events {
  const channel = (n: number): number =>
    below(2, seed, n, 44) > 0 ? below(HOT_CHANNELS, seed, n, 45) : HOT_CHANNELS + below(COLD_CHANNELS, seed, n, 46)
  return {
    schema: Schema.of(BID),
    has: n => n % ROUND >= PERSONS + AUCTIONS,
    rows: rowsIn(PERSONS + AUCTIONS, ROUND - PERSONS - AUCTIONS),
    columns: {
      auction: numbersOf('int64', n => {
        const hot = below(2, seed, n, 40) > 0
        return FIRST_ID + (hot ? Math.floor(lastAuction(n) / HOT) * HOT : anyAuction(seed, n, 41))
      }),
      bidder: numbersOf('int64', n => {
        const hot = below(4, seed, n, 42) > 0
        return FIRST_ID + (hot ? Math.floor(lastPerson(n) / HOT) * HOT + 1 : anyPerson(seed, n, 43))
      }),
      price: numbersOf('int64', n => price(seed, n, 47)),
      channel: numbers => chosenOf(site().channels, channel)(numbers, numbers),
      url: numbers => chosenOf(site().urls, channel)(numbers, numbers),
      dateTime: timesOf,
      extra: textsOf(n => padding(seed, n, 48, 20)),
    },
  }
}

// ---- texts

const HOT_CHANNELS = 4
const COLD_CHANNELS = 10_000

/** The channels and the address that each of them links to, made when a plan first asks for them. */
let channels: { readonly channels: readonly string[]; readonly urls: readonly string[] } | null = null

function site(): { readonly channels: readonly string[]; readonly urls: readonly string[] } {
  if (channels !== null) return channels
  const cold = Array.from({ length: COLD_CHANNELS }, (_, i) => i)
  const base = (i: number): string =>
    `https://www.nexmark.com/${[0, 1, 2].map(use => letters(7, i, use, 4)).join('/')}/item.htm?query=1`
  const names = ['Apple', 'Google', 'Facebook', 'Baidu']
  return (channels = {
    channels: [...names, ...cold.map(i => `channel-${i}`)],
    urls: [...names.map((_, i) => base(COLD_CHANNELS + i)), ...cold.map(i => `${base(i)}&channel_id=${i}`)],
  })
}

const FIRST_NAMES = ['Ada', 'Ben', 'Carol', 'Dan', 'Edith', 'Frank', 'Grace', 'Hugo', 'Ida', 'Jack', 'Kim', 'Leo']
const LAST_NAMES = ['Baker', 'Cole', 'Dunn', 'Ellis', 'Ford', 'Grant', 'Hale', 'Irwin', 'Jensen', 'Kerr']
const NAMES = FIRST_NAMES.flatMap(first => LAST_NAMES.map(last => `${first} ${last}`))
const CITIES = [
  'Phoenix',
  'Los Angeles',
  'San Francisco',
  'Boise',
  'Portland',
  'Bend',
  'Redmond',
  'Seattle',
  'Kent',
  'Cheyenne',
]
const STATES = ['AZ', 'CA', 'ID', 'OR', 'WA', 'WY']

/** Random letters, from which texts are cut. */
const LETTERS = Array.from({ length: 1 << 14 }, (_, i) => String.fromCharCode(97 + (bits(1, i, 0) % 26))).join('')

function letters(seed: number, n: number, use: number, length: number): string {
  const from = bits(seed, n, use) % (LETTERS.length - length)
  return LETTERS.slice(from, from + length)
}

/** About as many letters as said, a fifth more or less. */
function padding(seed: number, n: number, use: number, length: number): string {
  return letters(seed, n, use, Math.floor(length * (0.8 + 0.4 * uniform(seed, n, use + 500))))
}
