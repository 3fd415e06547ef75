/**
 * Numbers as people read them in tables, models and plots. Rounding takes digits of the fraction only: a whole part is
 * shown to its last digit, since a rounded one looks exact.
 */

/** To so many digits; a larger number keeps its whole part and two digits behind the point: 1234567.891 is 1234567.89. */
export function roundFraction(x: number, digits: number): number {
  const size = Math.abs(x)
  if (size < 1) return Number(x.toPrecision(digits))
  if (!(size < 1e15)) return x
  const whole = Math.floor(Math.log10(size)) + 1
  return Number(x.toFixed(Math.max(2, digits - whole)))
}

/** `1 row`, `1,200 rows`. */
export function countOf(n: number, noun: string): string {
  return `${n.toLocaleString('en-US')} ${noun}${n === 1 ? '' : 's'}`
}
