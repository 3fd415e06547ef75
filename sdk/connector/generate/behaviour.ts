import { Batch } from '../../data/batch.ts'
import { PlanError } from '../../data/errors.ts'
import { Schema } from '../../data/schema.ts'
import { durationMicros, type Duration } from '../../data/time.ts'
import { memory } from '../../plan/memory-source.ts'
import type { Source } from '../../plan/port.ts'
import { chosenOf, eventSource, generationOf, numbersOf, timesOf, wholeOption } from './events.ts'
import type { Events, GenerateOptions, Make } from './events.ts'
import { below, normal, uniform } from './random.ts'

/**
 * What the users of a catalogue do. Genres stand on a circle, and each user has a place on it: a genre is liked the more
 * the nearer it stands, and with drift all places move along. Users view what they like more often, click the more the
 * better they like it, and some time after a click some of them rate.
 */

export interface BehaviourOptions<K extends 'stream' | 'batch' = 'stream' | 'batch'> extends GenerateOptions<K> {
  /** 1000 unless given; some are far more active than others. */
  readonly users?: number
  /** 500 unless given; of each genre some are far more popular than others. */
  readonly items?: number
  /** 8 unless given. */
  readonly genres?: number
  /** The time in which tastes move on by one genre; left out, they stay. */
  readonly drift?: Duration
}

/** A view, and a click on one; `at` is when. */
export const VIEW = { view: 'int64', user: 'int64', item: 'int64', genre: 'utf8', at: 'timestamp' } as const
/** A view that was rated; `at` is when. */
export const RATING = {
  view: 'int64',
  user: 'int64',
  item: 'int64',
  genre: 'utf8',
  at: 'timestamp',
  rating: 'float64',
} as const
export const ITEM = { item: 'int64', genre: 'utf8' } as const

export interface BehaviourSources {
  readonly views: Source
  readonly clicks: Source
  readonly ratings: Source
  readonly items: Source
}

export function behaviour(options: BehaviourOptions): BehaviourSources {
  const name = 'generate.behaviour'
  const generation = generationOf(name, options, 10, ['users', 'items', 'genres', 'drift'])
  const { users = 1000, items = 500, genres = 8, drift } = options
  for (const [option, value] of Object.entries({ users, items, genres })) wholeOption(name, option, value, 1)
  if (items < genres) {
    const text = `${name}: each of the ${genres} genres needs an item, and there are ${items}`
    throw new PlanError('bad-option', text, { option: 'items' })
  }
  const driftMicros = drift === undefined ? Infinity : durationMicros(drift, `${name}: drift`)
  if (!(driftMicros > 0)) throw new PlanError('bad-option', `${name}: drift: it is more than 0, not "${drift}"`)
  const { seed, spacingMicros } = generation
  const genreNames = Array.from({ length: genres }, (_, i) => GENRES[i] ?? `genre ${i + 1}`)

  const userOf = (n: number): number => Math.floor(users * uniform(seed, n, 1) ** 2)
  /** The place of a user's taste at an event, in genres. Two draws: most stand around the same genres. */
  const tasteOf = (n: number): number => {
    const user = userOf(n)
    const first = ((uniform(seed, user, 50) + uniform(seed, user, 51)) / 2) * genres
    return first + (n * spacingMicros) / driftMicros
  }
  const genreOf = (n: number): number => {
    if (uniform(seed, n, 2) < 0.3) return below(genres, seed, n, 3)
    const near = Math.round(tasteOf(n) + normal(seed, n, 4)) % genres
    return near < 0 ? near + genres : near
  }
  const itemOf = (n: number): number => {
    const genre = genreOf(n)
    const count = Math.ceil((items - genre) / genres) // item i is of genre i modulo genres
    return genre + genres * Math.floor(count * uniform(seed, n, 6) ** 2)
  }
  /** How well a user likes a genre at an event: 1 is best. */
  const likes = (n: number, item: number): number => {
    const apart = Math.abs((item % genres) - (tasteOf(n) % genres))
    return Math.exp(-(Math.min(apart, genres - apart) ** 2) / 2)
  }
  const qualityOf = (item: number): number => uniform(seed, item, 52)
  const isClicked = (n: number): boolean => {
    const item = itemOf(n)
    return uniform(seed, n, 7) < (0.05 + 0.5 * likes(n, item)) * (0.5 + qualityOf(item))
  }
  const isRated = (n: number): boolean => uniform(seed, n, 8) < 0.3 && isClicked(n)
  const ratingOf = (n: number): number => {
    const item = itemOf(n)
    const mark = 1 + 4 * (0.7 * likes(n, item) + 0.3 * qualityOf(item)) + 0.5 * normal(seed, n, 9)
    return Math.min(5, Math.max(1, Math.round(mark)))
  }
  /** Later by up to some seconds, drawn evenly. */
  const lagOf = (seconds: number, use: number): NonNullable<Events['lag']> => {
    const most = Math.floor((seconds * 1e6) / spacingMicros)
    return { most, of: n => below(most + 1, seed, n, use) }
  }

  const columns: Readonly<Record<string, Make>> = {
    view: numbersOf('int64', n => n),
    user: numbersOf('int64', userOf),
    item: numbersOf('int64', itemOf),
    genre: chosenOf(genreNames, n => itemOf(n) % genres),
    at: timesOf,
    rating: numbersOf('float64', ratingOf),
  }
  const source = (kind: string, events: Omit<Events, 'columns'>): Source =>
    eventSource({ ...generation, name: `${name} ${kind}` }, { ...events, columns })
  return {
    views: source('views', { schema: Schema.of(VIEW), rows: events => events }),
    clicks: source('clicks', { schema: Schema.of(VIEW), has: isClicked, lag: lagOf(CLICK_SECONDS, 11) }),
    ratings: source('ratings', { schema: Schema.of(RATING), has: isRated, lag: lagOf(RATING_SECONDS, 12) }),
    items: catalogue(items, genreNames),
  }
}

/** A click comes within a minute of its view, a rating within an hour. */
const CLICK_SECONDS = 60
const RATING_SECONDS = 3600

function catalogue(items: number, genres: readonly string[]): Source {
  const schema = Schema.of(ITEM)
  const numbers = Float64Array.from({ length: items }, (_, item) => item)
  const item = numbersOf('int64', i => i)(numbers, numbers)
  const genre = chosenOf(genres, i => i % genres.length)(numbers, numbers)
  return memory(schema, [new Batch(schema, items, [item, genre])], 'generate.behaviour items')
}

const GENRES = [
  'action',
  'comedy',
  'drama',
  'horror',
  'romance',
  'science fiction',
  'documentary',
  'animation',
  'crime',
  'family',
  'fantasy',
  'history',
  'music',
  'mystery',
  'sport',
  'western',
]
