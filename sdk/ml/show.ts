import { meetNotebook } from '../frame/host.ts'

/** How models look in a cell and in a console: a sentence and a few aligned lines. */

/** Freezes a model and gives it a text to be shown by. */
export function shown<T extends object>(model: T, text: () => string): T {
  meetNotebook(model, { inspect: text, display: () => ({ 'text/plain': text() }) })
  return Object.freeze(model)
}

/** `1 row`, `1,200 rows`. */
export function count(n: number, noun: string): string {
  return `${n.toLocaleString('en-US')} ${noun}${n === 1 ? '' : 's'}`
}

/** A number to four digits. */
export function figure(x: number): string {
  return String(Number(x.toPrecision(4)))
}

/** Lines of cells, the first column to the left, the others to the right. */
export function aligned(lines: readonly (readonly string[])[]): string {
  const widths = lines[0]!.map((_, j) => Math.max(...lines.map(line => line[j]!.length)))
  const cell = (text: string, j: number): string => (j === 0 ? text.padEnd(widths[j]!) : text.padStart(widths[j]!))
  return lines.map(line => line.map(cell).join('  ').trimEnd()).join('\n')
}
