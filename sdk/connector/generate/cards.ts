import { PlanError } from '../../data/errors.ts'
import { Schema } from '../../data/schema.ts'
import type { Source } from '../../plan/port.ts'
import { chosenOf, eventSource, generationOf, numbersOf, timesOf, wholeOption } from './events.ts'
import type { GenerateOptions } from './events.ts'
import { below, normal, uniform } from './random.ts'

/**
 * Payments by card with fraud planted among them. Each card has a country, a usual amount and some merchants. A fraud is
 * five payments of one card within fifty: small ones that try the card and then a large one, purchases that grow, or
 * purchases in a far country.
 */

export interface CardsOptions<K extends 'stream' | 'batch' = 'stream' | 'batch'> extends GenerateOptions<K> {
  /** 1000 unless given. */
  readonly cards?: number
  /** The share of payments that are fraud, 0.005 unless given, at most 0.1. */
  readonly fraud?: number
}

export const PAYMENT = {
  payment: 'int64',
  card: 'int64',
  merchant: 'utf8',
  country: 'utf8',
  amount: 'float64',
  at: 'timestamp',
  fraud: 'bool',
  pattern: 'utf8?',
} as const

const PATTERNS = ['testing', 'growing', 'abroad'] as const

/** The payments of a fraud, and the events in which they stand. */
const STEPS = 5
const SLOT = 50
const MOST = STEPS / SLOT

export function cards(options: CardsOptions): Source {
  const name = 'generate.cards'
  const generation = generationOf(name, options, 10, ['cards', 'fraud'])
  const { cards: count = 1000, fraud = 0.005 } = options
  wholeOption(name, 'cards', count, 1)
  if (!(fraud >= 0 && fraud <= MOST)) {
    throw new PlanError('bad-option', `${name}: fraud: it is a share from 0 to ${MOST}, not ${JSON.stringify(fraud)}`, {
      option: 'fraud',
    })
  }
  const { seed } = generation
  const homeOf = (card: number): number => below(COUNTRIES.length, seed, card, 50)
  const usualOf = (card: number): number => 25 * Math.exp(0.7 * normal(seed, card, 51))

  /** Which step of a fraud an event is, or −1. */
  const stepOf = (n: number): number => {
    const slot = Math.floor(n / SLOT)
    if (uniform(seed, slot, 60) >= fraud / MOST) return -1
    const apart = 1 + below(8, seed, slot, 61)
    const first = below(SLOT - (STEPS - 1) * apart, seed, slot, 62)
    const step = (n - slot * SLOT - first) / apart
    return Number.isInteger(step) && step >= 0 && step < STEPS ? step : -1
  }
  const patternOf = (n: number): number => below(PATTERNS.length, seed, Math.floor(n / SLOT), 63)
  const cardOf = (n: number): number =>
    stepOf(n) < 0 ? below(count, seed, n, 1) : below(count, seed, Math.floor(n / SLOT), 64)
  const amountOf = (n: number): number => {
    const step = stepOf(n)
    const usual = usualOf(cardOf(n))
    const pattern = PATTERNS[patternOf(n)]!
    if (step < 0) return cents(usual * Math.exp(0.6 * normal(seed, n, 2)))
    if (pattern === 'testing') return step < STEPS - 1 ? cents(0.1 + 0.8 * uniform(seed, n, 4)) : cents(usual * 20)
    return cents(usual * (pattern === 'growing' ? 2 + 1.5 * step : 3 + 2 * uniform(seed, n, 4)))
  }
  const countryOf = (n: number): number => {
    const home = homeOf(cardOf(n))
    const isAbroad = stepOf(n) >= 0 ? PATTERNS[patternOf(n)] === 'abroad' : uniform(seed, n, 5) < 0.02
    if (!isAbroad) return home
    const use = stepOf(n) < 0 ? n : Math.floor(n / SLOT)
    return (home + 1 + below(COUNTRIES.length - 1, seed, use, 6)) % COUNTRIES.length
  }
  const merchantOf = (n: number): number => {
    const usual = uniform(seed, n, 7) < 0.7
    return usual
      ? below(MERCHANTS.length, seed, cardOf(n) * 4 + below(4, seed, n, 8), 52)
      : below(MERCHANTS.length, seed, n, 9)
  }
  return eventSource(generation, {
    schema: Schema.of(PAYMENT),
    rows: events => events,
    columns: {
      payment: numbersOf('int64', n => n),
      card: numbersOf('int64', cardOf),
      merchant: chosenOf(MERCHANTS, merchantOf),
      country: chosenOf(COUNTRIES, countryOf),
      amount: numbersOf('float64', amountOf),
      at: timesOf,
      fraud: numbersOf('bool', n => (stepOf(n) < 0 ? 0 : 1)),
      pattern: chosenOf(PATTERNS, n => (stepOf(n) < 0 ? -1 : patternOf(n))),
    },
  })
}

const cents = (amount: number): number => Math.max(0.01, Math.round(amount * 100) / 100)

const COUNTRIES = ['BR', 'DE', 'ES', 'FR', 'GB', 'IT', 'JP', 'NO', 'PL', 'US', 'ZA']

const MERCHANTS = [
  'bakery',
  'books',
  'cinema',
  'clothes',
  'fuel',
  'games',
  'grocery',
  'hotel',
  'jewels',
  'kiosk',
].flatMap(kind => [1, 2, 3, 4, 5].map(i => `${kind} ${i}`))
