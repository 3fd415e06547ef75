/**
 * One class per reaction a caller can have. Each error carries a stable `code` for programs and a sentence for people
 * that says what failed on what, what was found, and what to do.
 */

/** Where an error points: any of the plan path, column, row, file, line, offset, option. */
export type ErrorFields = { readonly [name: string]: string | number | boolean | null | undefined }

class MillraceError extends Error {
  readonly code: string
  readonly fields: ErrorFields

  constructor(code: string, text: string, fields: ErrorFields = {}, cause?: unknown) {
    super(text, cause === undefined ? undefined : { cause })
    this.code = code
    this.fields = fields
  }
}

/** The program is wrong: an unknown column, a type, a missing watermark. Thrown by the verb, on the caller's line. */
export class PlanError extends MillraceError {
  override readonly name = 'PlanError'
}

/** A value is wrong: overflow, a cell that does not parse, a user function that threw. Names column and row. */
export class DataError extends MillraceError {
  override readonly name = 'DataError'
}

/** A source cannot be opened or read. */
export class SourceError extends MillraceError {
  override readonly name = 'SourceError'
}

/** A sink cannot be opened, written or closed. */
export class SinkError extends MillraceError {
  override readonly name = 'SinkError'
}

/** Keyed state or a snapshot cannot be used. */
export class StateError extends MillraceError {
  override readonly name = 'StateError'
}

/** A query was interrupted or stopped before its end. */
export class InterruptedError extends MillraceError {
  override readonly name = 'InterruptedError'
}

/** ` Did you mean "delay"?` for the nearest of the known names, or an empty text when none has half of its letters. */
export function didYouMean(found: string, known: readonly string[]): string {
  let best = ''
  let least = Math.max(2, Math.floor(found.length / 3)) + 1
  for (const name of known) {
    const distance = editDistance(found.toLowerCase(), name.toLowerCase())
    if (distance < least && 2 * distance <= name.length) {
      least = distance
      best = name
    }
  }
  return best === '' ? '' : ` Did you mean "${best}"?`
}

/** The optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours. */
function editDistance(a: string, b: string): number {
  let before: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      let least = Math.min(row[j - 1]! + 1, previous[j]! + 1, previous[j - 1]! + same)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) least = Math.min(least, before[j - 2]! + 1)
      row.push(least)
    }
    before = previous
    previous = row
  }
  return previous[b.length]!
}
