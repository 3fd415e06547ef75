/**
 * Whole numbers in texts that a float64 may not hold: ids that differ in their last digit would become one.
 */

/** A whole number beyond ±(2^53 − 1). */
export function isWide(text: string): boolean {
  return text.length >= 16 && /^[+-]?\d+$/.test(text) && !Number.isSafeInteger(Number(text))
}

/** A whole number beyond ±(2^53 − 1) that is not the shortest text of a float64, so that reading it would change it. */
export function isRounded(text: string): boolean {
  return isWide(text) && String(Number(text)) !== text.replace('+', '')
}
