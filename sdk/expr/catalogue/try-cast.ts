import { isInteger, parseType, type DataType, type TypeText } from '../../data/type.ts'
import { castOrNull, castProblem, castSql } from '../cast.ts'
import type { EagerFunction } from '../function.ts'
import { emptyJs } from '../promote.ts'

/** A cast that gives null for what does not fit, where `cast` fails. */
export const tryCast: EagerFunction = {
  name: 'tryCast',
  infer: ([a], { to }) => {
    const { type } = parseType(to as TypeText)
    const problem = castProblem(a!.type, type)
    return problem === undefined ? { type, nullable: true } : `$0; ${problem}`
  },
  nulls: 'own',
  js: ([a], [from], { type }, _, js) => {
    const value = from!.type.kind === 'bool' ? `${a!.value} === 1` : a!.value
    const given = a!.valid === null ? value : `${a!.valid} === 1 ? ${value} : null`
    const convert = js.bind((x: Parameters<typeof castOrNull>[0]) => {
      const found = castOrNull(x, from!.type, type)
      return typeof found === 'boolean' ? Number(found) : found
    })
    const found = js.local(`${convert}(${given})`)
    return { value: `(${found} === null ? ${emptyJs(type)} : ${found})`, valid: `(${found} === null ? 0 : 1)` }
  },
  evaluate: ([a], [from], { type }) => castOrNull(a!, from!.type, type),
  duckdb: ([a], [from], { to }) => {
    const { type } = parseType(to as TypeText)
    const cast = castSql(a!, from!.type, type, 'duckdb')
    if (typeof cast !== 'string') return cast
    if (!sameRange(from!.type, type)) return { refused: `duckdb has another range of ${to as string}` }
    // DuckDB 1.5.5 moves a comparison through a bare TRY_CAST and then finds false where it should find null
    const tried = cast.replace(/^CAST\(/, 'TRY_CAST(')
    return `CASE WHEN ${tried} IS NULL THEN NULL ELSE ${tried} END`
  },
  flink: { refused: 'Flink may give another number, not null, for one that does not fit' },
}

/** True where DuckDB finds no place for the same values as the engine. */
function sameRange(from: DataType, { kind }: DataType): boolean {
  if (kind === 'decimal') return isInteger(from)
  return ['int32', 'bigint', 'bool', 'float64', 'utf8', 'date'].includes(kind)
}
