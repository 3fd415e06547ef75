/** What the type checker found, as the error of a cell: each message under the line of the cell it speaks of. */
import { pointAt } from '../language/point-at.ts'
import type { CellError, Diagnostic, ExecuteRequest } from './contract.ts'

const MOST_SHOWN = 10

export function diagnosticsError(
  request: ExecuteRequest,
  diagnostics: readonly Diagnostic[],
  syntax: boolean,
): CellError {
  const ename = syntax ? 'SyntaxError' : 'TypeScriptError'
  const traceback: string[] = []
  for (const { line, column, code, text } of diagnostics.slice(0, MOST_SHOWN)) {
    const [first, ...more] = text.split('\n')
    traceback.push(
      `cell ${request.count}, line ${line}`,
      ...pointAt(request.code, line, column),
      `${ename}: ${first}${code === null ? '' : ` (TS${code})`}`,
      ...more,
    )
  }
  const rest = diagnostics.length - MOST_SHOWN
  if (rest > 0) traceback.push(`and ${rest} more`)
  const [first] = diagnostics
  const evalue = first ? `cell ${request.count}, line ${first.line}: ${first.text.split('\n')[0]}` : 'no message'
  return { ename, evalue, traceback }
}
