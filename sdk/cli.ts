import { extname } from 'node:path'
import { PlanError, read } from './index.ts'

/** What the command line of the package asks of the sdk. */

/**
 * The schema of a file as the literal that a script declares: `{ delay: 'float64?', origin: 'utf8' }`. The form follows
 * from the extension: .parquet, .csv, .jsonl or .ndjson.
 */
export async function schema(path: string): Promise<string> {
  return Promise.resolve(frameOf(path).plan.schema.toString())
}

function frameOf(path: string): ReturnType<typeof read.parquet> {
  const extension = extname(path).toLowerCase()
  switch (extension) {
    case '.parquet':
      return read.parquet(path)
    case '.csv':
      return read.csv(path)
    case '.jsonl':
    case '.ndjson':
      return read.jsonLines(path)
    default: {
      const text = `schema: ${path} ends in "${extension}", which names no form that is read here. There are .parquet, .csv, .jsonl and .ndjson.`
      throw new PlanError('unknown-format', text, { path })
    }
  }
}
