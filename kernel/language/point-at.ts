/** A line of source and a caret below it, indented. Line and column count from 1. */
export function pointAt(code: string, line: number, column: number): string[] {
  const text = code.split('\n')[line - 1]
  if (text === undefined) return []
  const label = `${line} | `
  const before = text.slice(0, column - 1).replace(/[^\t]/g, ' ')
  return [`  ${label}${text}`, `  ${' '.repeat(label.length)}${before}^`]
}
