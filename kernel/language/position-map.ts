/**
 * Where each piece of generated code came from: a flat list of quadruples (generated line, generated column, source
 * line, source column), all from 0, in the order of the generated text. Between two entries the text runs in step.
 */
export type PositionMap = readonly number[]

/** The source position of a generated one, or null before the first entry. */
export function sourcePosition(
  map: PositionMap,
  line: number,
  column: number,
): { readonly line: number; readonly column: number } | null {
  let low = 0
  let high = map.length / 4
  while (low < high) {
    const middle = (low + high) >> 1
    const entryLine = map[middle * 4]!
    if (entryLine < line || (entryLine === line && map[middle * 4 + 1]! <= column)) low = middle + 1
    else high = middle
  }
  if (low === 0) return null
  const at = (low - 1) * 4
  const lines = line - map[at]!
  return { line: map[at + 2]! + lines, column: lines === 0 ? map[at + 3]! + column - map[at + 1]! : column }
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** Reads the `mappings` of a source map (ECMA-426) of one source into quadruples. */
export function decodeMappings(mappings: string): number[] {
  const quadruples: number[] = []
  let sourceLine = 0
  let sourceColumn = 0
  mappings.split(';').forEach((lineText, line) => {
    let column = 0
    for (const segment of lineText.split(',')) {
      const [columnStep, , lineStep, sourceColumnStep] = decodeNumbers(segment)
      if (columnStep === undefined) continue
      column += columnStep
      if (lineStep === undefined || sourceColumnStep === undefined) continue
      sourceLine += lineStep
      sourceColumn += sourceColumnStep
      quadruples.push(line, column, sourceLine, sourceColumn)
    }
  })
  return quadruples
}

function decodeNumbers(segment: string): number[] {
  const numbers: number[] = []
  let value = 0
  let shift = 0
  for (const letter of segment) {
    const digit = DIGITS.indexOf(letter)
    value |= (digit & 31) << shift
    shift += 5
    if (digit & 32) continue
    numbers.push(value & 1 ? -(value >> 1) : value >> 1)
    value = 0
    shift = 0
  }
  return numbers
}
