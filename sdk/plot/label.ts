/**
 * Axis titles from column names. `windowStart` reads "window start"; a unit at the end of a name, as in `delayMinutes`
 * or `speed_kmh`, goes in brackets: "delay (minutes)".
 */
const UNITS: Readonly<Record<string, string>> = {
  us: 'µs',
  micros: 'µs',
  ms: 'ms',
  millis: 'ms',
  milliseconds: 'ms',
  seconds: 's',
  minutes: 'min',
  hours: 'h',
  days: 'days',
  bytes: 'bytes',
  kb: 'kB',
  mb: 'MB',
  km: 'km',
  miles: 'miles',
  meters: 'm',
  metres: 'm',
  kmh: 'km/h',
  mph: 'mph',
  celsius: '°C',
  fahrenheit: '°F',
  percent: '%',
  usd: 'USD',
  eur: 'EUR',
}

export function labelOf(column: string): string {
  const words = column
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .split(/[\s_-]+/)
    .filter(word => word !== '')
  const last = words.at(-1)?.toLowerCase() ?? ''
  const unit = words.length > 1 ? UNITS[last] : undefined
  const named = unit === undefined ? words : words.slice(0, -1)
  const text = named.map(word => (/^[A-Z]{2,}$/.test(word) ? word : word.toLowerCase())).join(' ')
  return unit === undefined ? text : `${text} (${unit})`
}
