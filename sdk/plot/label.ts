import type { DataType } from '../data/type.ts'

/**
 * Axis titles from column names. `windowStart` reads "window start"; a unit at the end of a name, as in `delayMinutes`
 * or `speed_kmh`, goes in brackets: "delay (min)". Durations are drawn in seconds, whatever their name says.
 */
const UNITS: Readonly<Record<string, string>> = {
  us: 'µs',
  micros: 'µs',
  microseconds: 'µs',
  ms: 'ms',
  millis: 'ms',
  milliseconds: 'ms',
  sec: 's',
  secs: 's',
  seconds: 's',
  min: 'min',
  mins: 'min',
  minutes: 'min',
  hours: 'h',
  days: 'days',
  bytes: 'bytes',
  kb: 'kB',
  mb: 'MB',
  gb: 'GB',
  cm: 'cm',
  mm: 'mm',
  km: 'km',
  miles: 'miles',
  meters: 'm',
  metres: 'm',
  kg: 'kg',
  kw: 'kW',
  kwh: 'kWh',
  kmh: 'km/h',
  mph: 'mph',
  celsius: '°C',
  fahrenheit: '°F',
  degrees: '°',
  percent: '%',
  pct: '%',
  usd: 'USD',
  eur: 'EUR',
}

/** A name in words, and its unit, empty when it has none. */
export interface Label {
  readonly text: string
  readonly unit: string
}

export function labelOf(column: string, type: DataType | null = null): Label {
  const words = column
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .split(/[\s_-]+/)
    .filter(word => word !== '')
  const last = words.at(-1)?.toLowerCase() ?? ''
  const found = words.length > 1 && Object.hasOwn(UNITS, last) ? UNITS[last]! : ''
  const named = found === '' ? words : words.slice(0, -1)
  const text = named.map(word => (/^[A-Z]{2,}$/.test(word) ? word : lowerFirst(word))).join(' ')
  return { text: text === '' ? column : text, unit: type?.kind === 'duration' ? 's' : found }
}

/** "delay (min)". */
export function labelText({ text, unit }: Label): string {
  return unit === '' ? text : `${text} (${unit})`
}

/** A label as a user writes it: "delay (minutes)". */
export function parseLabel(written: string): Label {
  const match = /^(.*\S)\s*\(([^()]+)\)$/s.exec(written)
  return match === null ? { text: written, unit: '' } : { text: match[1]!, unit: match[2]! }
}

function lowerFirst(word: string): string {
  return word.slice(0, 1).toLowerCase() + word.slice(1)
}
