import { PlanError } from '../../data/errors.ts'
import { Schema } from '../../data/schema.ts'
import { durationMicros } from '../../data/time.ts'
import type { DataType } from '../../data/type.ts'
import { inherited, updatingBy } from '../build.ts'
import type { AsyncCalls, AsyncMap, Node } from '../node.ts'

/** Makes steps that ask a user's asynchronous function about each row, and wait for what it answers. */

export interface AsyncOptions {
  readonly concurrency?: number | undefined
  readonly ordered?: boolean | undefined
  readonly timeout?: string | undefined
  readonly retry?: number | { readonly times: number; readonly delay?: string | undefined } | undefined
  readonly onError?: string | undefined
}

export interface LookupOptions extends AsyncOptions {
  readonly on: readonly string[]
  readonly cache?: { readonly size: number; readonly ttl?: string | undefined } | undefined
  readonly suffix: string
}

type Ask = AsyncMap['fn']

/** Each row as what the function makes of it. */
export function mapAsync(input: Node, output: Schema, name: string, fn: Ask, options: AsyncOptions): AsyncMap {
  const verb = 'mapAsync'
  checkInput(input, verb)
  const time = input.time !== null && isTime(output, input.time.column) ? input.time : null
  return Object.freeze({
    ...inherited(input),
    kind: 'async-map',
    input,
    verb,
    name,
    fn,
    asked: Object.freeze(input.schema.names),
    kept: Object.freeze([]),
    output,
    schema: output,
    time,
    calls: callsOf(options, undefined, verb),
  })
}

function isTime(schema: Schema, column: string): boolean {
  const type: DataType | undefined = schema.fields[schema.indexOf(column)]?.type
  return type?.kind === 'timestamp'
}

/** Each row with what the function knows of its key. */
export function lookupJoin(input: Node, output: Schema, name: string, fn: Ask, options: LookupOptions): AsyncMap {
  const verb = 'lookupJoin'
  checkInput(input, verb)
  const { on, cache, suffix } = options
  if (on.length === 0) throw new PlanError('no-columns', `${verb} needs at least one key: { on: 'name' }`)
  for (const column of on) input.schema.field(column, `${verb}: on`)
  const added = output.fields.map(field => {
    const clashes = input.schema.has(field.name)
    const own = clashes ? field.name + suffix : field.name
    if (input.schema.has(own)) {
      const text = `${verb}: there is a column "${own}" already. Choose another { suffix }.`
      throw new PlanError('duplicate-column', text, { column: own })
    }
    return { ...field, name: own, nullable: true }
  })
  return Object.freeze({
    ...inherited(input),
    kind: 'async-map',
    input,
    verb,
    name,
    fn,
    asked: Object.freeze([...on]),
    kept: Object.freeze(input.schema.names),
    output,
    schema: new Schema([...input.schema.fields, ...added]),
    calls: callsOf(options, cache, verb),
  })
}

function checkInput(input: Node, verb: string): void {
  if (input.frameKind !== 'updating') return
  const text = `${verb} needs rows that stay as they are, but ${updatingBy(input)} corrects rows it has given`
  throw new PlanError('updating', text)
}

function callsOf(options: AsyncOptions, cache: LookupOptions['cache'], verb: string): AsyncCalls {
  const { concurrency = 16, ordered = true, timeout, retry = 0, onError = 'fail' } = options
  const { times, delay } = typeof retry === 'number' ? { times: retry, delay: undefined } : retry
  whole(concurrency, 1, `${verb}: concurrency`)
  whole(times, 0, `${verb}: retry`)
  if (onError !== 'fail' && onError !== 'null') {
    const text = `${verb}: onError is 'fail' or 'null', which takes null for the answer, not '${onError}'`
    throw new PlanError('bad-option', text, { option: 'onError' })
  }
  if (cache !== undefined) whole(cache.size, 1, `${verb}: cache: size`)
  return Object.freeze({
    concurrency,
    ordered,
    timeoutMs: millis(timeout, Infinity, `${verb}: timeout`),
    retries: times,
    delayMs: millis(delay, 0, `${verb}: retry: delay`),
    onError,
    cache:
      cache === undefined
        ? null
        : Object.freeze({ size: cache.size, ttlMs: millis(cache.ttl, Infinity, `${verb}: cache: ttl`) }),
  })
}

function whole(found: number, least: number, where: string): void {
  if (Number.isSafeInteger(found) && found >= least) return
  throw new PlanError('bad-option', `${where} is a whole number from ${least} on, found ${String(found)}`)
}

function millis(text: string | undefined, otherwise: number, where: string): number {
  if (text === undefined) return otherwise
  const micros = durationMicros(text, where)
  if (micros > 0) return micros / 1000
  throw new PlanError('bad-duration', `${where} must be longer than nothing, found "${text}"`)
}
