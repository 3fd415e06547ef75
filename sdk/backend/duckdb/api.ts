import { PlanError } from '../../data/errors.ts'

/** DuckDB's package, loaded when it is first needed: it is optional, and large. */
export type Api = typeof import('@duckdb/node-api')

let loaded: Promise<Api> | undefined

export function loadApi(): Promise<Api> {
  loaded ??= import('@duckdb/node-api').then(
    module => module.default ?? module,
    (cause: unknown) => {
      loaded = undefined
      const text = `duckdb() needs the package @duckdb/node-api, which cannot be loaded. Install it: npm install @duckdb/node-api`
      throw new PlanError('no-duckdb', `${text} (${cause instanceof Error ? cause.message : String(cause)})`)
    },
  )
  return loaded
}
