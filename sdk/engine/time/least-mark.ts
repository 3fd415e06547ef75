/**
 * The watermark of several inputs: the least of theirs. Idle inputs are left out, as ended ones are, whose mark is
 * +Infinity. When all that have not ended are idle, nothing is left to be held back by, and the largest of theirs counts.
 */
export function leastMark(marks: Float64Array, idle: Uint8Array): number {
  let least = Infinity
  let ofIdle = -Infinity
  for (let i = 0; i < marks.length; i++) {
    const mark = marks[i]!
    if (idle[i] === 0) least = Math.min(least, mark)
    else if (mark !== Infinity) ofIdle = Math.max(ofIdle, mark)
  }
  return least === Infinity && ofIdle !== -Infinity ? ofIdle : least
}
