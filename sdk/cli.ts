import { extname } from 'node:path'
import { csv } from './connector/csv.ts'
import { jsonLines } from './connector/json-lines.ts'
import { parquet } from './connector/parquet.ts'
import { PlanError } from './data/errors.ts'
import type { Source } from './plan/port.ts'

/** What the command line of the package asks of the sdk, which it knows by name only. */

/**
 * The schema of a file as the literal that a script declares. The form of the file follows from its extension:
 * .parquet, .csv, .jsonl or .ndjson.
 *
 * ```ts
 * import { writeFileSync } from 'node:fs'
 * import { schema } from 'millrace/cli'
 *
 * writeFileSync('airports.csv', 'iata,latitude\nOSL,60.2\n')
 * await schema('airports.csv') // => "{ iata: 'utf8?', latitude: 'float64?' }"
 * ```
 */
export async function schema(path: string): Promise<string> {
  return Promise.resolve(sourceOf(path).schema.toString())
}

function sourceOf(path: string): Source {
  const extension = extname(path.replace(/(?<=^https?:.*)[?#].*$/s, '')).toLowerCase()
  switch (extension) {
    case '.parquet':
      return parquet(path)
    case '.csv':
      return csv(path)
    case '.jsonl':
    case '.ndjson':
      return jsonLines(path)
    default: {
      const text = `schema: ${path} ends in "${extension}", which names no form that is read here. There are .parquet, .csv, .jsonl and .ndjson.`
      throw new PlanError('unknown-format', text, { path })
    }
  }
}
