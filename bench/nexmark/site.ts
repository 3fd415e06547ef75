/**
 * The auction site of the Nexmark benchmark as streams of ours, made as they are read or read from files of JSON lines,
 * and what a query of it is.
 */
import { join } from 'node:path'
import { generate, read, to, type Frame, type GenerateOptions, type Output, type Sink } from 'millrace'

export type Site = ReturnType<typeof generate.nexmark<'stream'>>

/** What a query gives: a stream or an updating frame of any columns. */
export interface Answer {
  readonly plan: Frame<{}, 'stream'>['plan']
  batches(): ReturnType<Frame<{}, 'stream'>['batches']>
  write(sink: Sink & { readonly accepts: 'changelog' }): Output
}

export interface Query {
  readonly name: string
  readonly of: (site: Site) => Answer
  /** Gives the same rows by DuckDB over the tables `persons`, `auctions` and `bids`. */
  readonly sql: string
}

const KINDS = ['persons', 'auctions', 'bids'] as const

const fileOf = (folder: string, kind: (typeof KINDS)[number]): string => join(folder, `${kind}.jsonl`)

/** Writes the events as files of JSON lines, in the order of time or in the disorder that is asked for. */
export async function writeSite(folder: string, options: GenerateOptions<'stream'>): Promise<void> {
  const site = generate.nexmark(options)
  await site.persons.write(to.jsonLines(fileOf(folder, 'persons'))).run()
  await site.auctions.write(to.jsonLines(fileOf(folder, 'auctions'))).run()
  await site.bids.write(to.jsonLines(fileOf(folder, 'bids'))).run()
}

/** The files as streams whose watermark waits for the disorder. */
export function siteOfFiles(folder: string, disorder: GenerateOptions['disorder'] = '0 seconds'): Site {
  const { persons, auctions, bids } = generate.nexmark()
  return {
    persons: read
      .jsonLines(fileOf(folder, 'persons'), { schema: persons.schema, kind: 'stream' })
      .watermark('dateTime', disorder),
    auctions: read
      .jsonLines(fileOf(folder, 'auctions'), { schema: auctions.schema, kind: 'stream' })
      .watermark('dateTime', disorder),
    bids: read
      .jsonLines(fileOf(folder, 'bids'), { schema: bids.schema, kind: 'stream' })
      .watermark('dateTime', disorder),
  }
}

/** SQL for what stands for the table of a kind: its file, read with the types of our columns. */
function duckdbFile(folder: string, kind: (typeof KINDS)[number]): string {
  const types = Object.entries(generate.nexmark()[kind].schema).map(
    ([name, type]) => `'${name}': '${DUCKDB_TYPES[type]}'`,
  )
  return `read_json('${fileOf(folder, kind)}', format = 'newline_delimited', columns = {${types.join(', ')}})`
}

const DUCKDB_TYPES: Readonly<Record<string, string>> = { int64: 'bigint', utf8: 'varchar', timestamp: 'timestamp' }

/** Makes the tables of the queries' SQL: `view` reads the files for each query, `table` holds their rows in memory. */
export function duckdbSite(folder: string, as: 'view' | 'table'): string[] {
  return KINDS.map(kind => `create ${as} ${kind} as from ${duckdbFile(folder, kind)}`)
}
