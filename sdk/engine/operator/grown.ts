/** The array, or where it is too short a longer one, so that growing by one is cheap; its new places hold a value. */
export function grown(array: Int32Array, length: number, fill = 0): Int32Array {
  if (length <= array.length) return array
  const more = new Int32Array(Math.max(16, length * 2)).fill(fill)
  more.set(array)
  return more
}
