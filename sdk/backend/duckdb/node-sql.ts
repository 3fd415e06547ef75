import type { Refused } from '../../expr/function.ts'
import type { Typed } from '../../expr/node.ts'
import { quoted, sqlType } from '../../expr/sql-type.ts'
import type { AsOfJoin, EventTime, Interval, Join, Named, Node, Top, Window, WindowAggregate } from '../../plan/node.ts'
import { overSql } from './over-sql.ts'
import { named, namedItems, Refusal, refusable, sorted, type Print } from './print.ts'

/**
 * One node of a plan as a query over its inputs, each of which is something that can stand after FROM. A node whose
 * answer would be another one is refused with the reason.
 */
export function nodeSql(node: Node, inputs: readonly string[]): string | Refused {
  const input = inputs[0]!
  return refusable(print => {
    switch (node.kind) {
      case 'read':
        throw new TypeError('a read is a table')
      case 'project':
        return `SELECT ${named(node.exprs, node.schema.names, print)} FROM ${input}`
      case 'filter':
        return `SELECT * FROM ${input} WHERE ${print(node.predicate)}`
      case 'aggregate':
        return grouped(node.keys, node.aggregates, [], input, print)
      case 'window-aggregate':
        return grouped(node.keys, node.aggregates, windowBounds(node.window), windowed(node, input), print)
      case 'order-by':
        return `SELECT * FROM ${input} ORDER BY ${sorted(node.by, 'row_number() OVER ()', print)}`
      case 'window-top':
        throw new Refusal('it goes by the order in which rows come, which DuckDB does not keep')
      case 'top':
        return first(node, input, print)
      case 'over':
        return overSql(node, input, print)
      case 'limit':
        return `SELECT * FROM ${input} LIMIT ${node.count}`
      case 'skip':
        return `SELECT * FROM ${input} OFFSET ${node.count}`
      case 'tail':
      case 'row-index':
        throw new Refusal('it goes by the order in which rows come, which DuckDB does not keep')
      case 'distinct': {
        const first = node.schema.names.find(name => !node.on.includes(name))
        if (first !== undefined) throw new Refusal(`"${first}" is that of the first row, and DuckDB keeps no order`)
        const distinct = `SELECT DISTINCT ${node.on.map(quoted).join(', ')} FROM ${input}`
        return `SELECT ${node.schema.names.map(quoted).join(', ')} FROM (${distinct})`
      }
      case 'sample':
      case 'sample-rows':
        throw new Refusal('it draws other rows')
      case 'unnest':
        throw new Refusal('it fills up lists of other lengths with nulls')
      case 'unpivot': {
        const labelled = node.schema.has(node.name)
        const values = node.schema.names.slice(node.kept.length + (labelled ? 1 : 0))
        const selects = node.variants.map(({ label, exprs }) => {
          const columns = node.kept.map(quoted)
          if (labelled) columns.push(`'${label.replaceAll(`'`, `''`)}' AS ${quoted(node.name)}`)
          if (values.length > 0) columns.push(named(exprs, values, print))
          return `SELECT ${columns.length > 0 ? columns.join(', ') : '1'} FROM ${input}`
        })
        return selects.join(' UNION ALL ')
      }
      case 'join':
        return joined(node, input, inputs[1]!, print)
      case 'as-of-join':
        return joinedAsOf(node, input, inputs[1]!, print)
      case 'union':
        return inputs.map(each => `SELECT * FROM ${each}`).join(' UNION ALL ')
      case 'watermark':
        return `SELECT * FROM ${input}`
      case 'async-map':
      case 'map-batches':
        throw new Refusal(`${node.name} is a function of this program`)
      case 'predict':
        throw new Refusal(`${node.model.kind} predicts in this program`)
      case 'learn':
        throw new Refusal(`${node.factory.kind} learns in this program`)
      case 'process':
      case 'process-side':
        throw new Refusal('process runs functions of this program, row by row')
      case 'replay':
        throw new Refusal('a replay makes a stream, and DuckDB takes batches')
      case 'upsert':
        throw new Refusal('the latest row is that which comes last, and DuckDB keeps no order')
      case 'changes':
        return node.schema.has(node.name)
          ? `SELECT '+I' AS ${quoted(node.name)}, * FROM ${input}`
          : `SELECT * FROM ${input}`
      case 'from-changes':
        throw new Refusal('it makes a frame that is corrected, and DuckDB takes batches')
      case 'final':
        throw new Refusal('what it ends is no batch, and DuckDB takes batches')
      case 'late':
        throw new Refusal('it keeps no late rows')
      case 'rejected':
        throw new Refusal('it does not see the rows that a source refuses')
    }
  })
}

function grouped(
  keys: readonly Named[],
  aggregates: readonly Named[],
  bounds: readonly string[],
  input: string,
  print: Print,
): string {
  const columns = [
    ...(keys.length > 0 ? [namedItems(keys, print)] : []),
    ...bounds,
    ...(aggregates.length > 0 ? [namedItems(aggregates, print)] : []),
  ]
  const groups = Array.from({ length: keys.length + bounds.length }, (_, i) => i + 1)
  return `SELECT ${columns.join(', ')} FROM ${input}${groups.length > 0 ? ` GROUP BY ${groups.join(', ')}` : ''}`
}

function first({ keys, by, count }: Top, input: string, print: Print): string {
  if (keys.length === 0)
    return `SELECT * FROM ${input} ORDER BY ${sorted(by, 'row_number() OVER ()', print)} LIMIT ${count}`
  const [row, group] = [quoted('row number'), keys.map(key => print(key.expr)).join(', ')]
  const rows = `(SELECT *, row_number() OVER () AS ${row} FROM ${input})`
  const place = `row_number() OVER (PARTITION BY ${group} ORDER BY ${sorted(by, row, print)})`
  return `SELECT * EXCLUDE (${row}) FROM ${rows} QUALIFY ${place} <= ${count}`
}

/** The number of a row's window beside its columns, and a row for each window that holds it. */
function windowed({ input, window }: WindowAggregate, from: string): string {
  if (window.kind === 'session') throw new Refusal('its windows do not grow with their rows')
  if (window.kind === 'count') throw new Refusal('it goes by the order in which rows come, which DuckDB does not keep')
  if (window.kind === 'global') return from
  const { kind, sizeMicros, everyMicros, zone } = window
  if (zone !== null) throw new Refusal('its windows do not follow the clock of a zone')
  const time = input.time!
  const micros = microsOf(time, window)
  const each = (first: string, last: string): string => `unnest(generate_series(${withTime(time, first)}, ${last}))`
  // windows are numbered by their starts, those that grow by their ends
  const number = {
    tumble: () => windowNumber(time, window),
    hop: () => each(`${floorDiv(`${micros} - ${sizeMicros}`, everyMicros)} + 1`, floorDiv(micros, everyMicros)),
    cumulate: () =>
      each(
        `${floorDiv(micros, everyMicros)} + 1`,
        `(${floorDiv(micros, sizeMicros)} + 1) * ${sizeMicros / everyMicros}`,
      ),
  }[kind]()
  return `(SELECT *, ${number} AS ${quoted(WINDOW)} FROM ${from})`
}

/** The number of a row's tumbling window. */
function windowNumber(time: EventTime, window: { readonly sizeMicros: number; readonly offsetMicros: number }): string {
  return withTime(time, floorDiv(microsOf(time, window), window.sizeMicros))
}

/** The event time of a row, from the bound of windows at the epoch on. */
function microsOf({ column, shiftMicros }: EventTime, { offsetMicros }: { readonly offsetMicros: number }): string {
  return `epoch_us(${quoted(column)}) + ${shiftMicros} - ${offsetMicros}`
}

/** A row without an event time is an error, as everywhere. */
function withTime({ column }: EventTime, number: string): string {
  const missing = `error('a row has no event time: "${column.replaceAll(`'`, `''`)}" is null')`
  return `CASE WHEN ${quoted(column)} IS NULL THEN CAST(${missing} AS BIGINT) ELSE ${number} END`
}

const WINDOW = 'window number'

/** Whole numbers, also before 1970: `//` cuts towards zero. */
function floorDiv(a: string, b: number): string {
  return `((${a}) - (((${a}) % ${b}) + ${b}) % ${b}) // ${b}`
}

function windowBounds(window: Window): readonly string[] {
  if (!('sizeMicros' in window)) return []
  const { kind, sizeMicros, everyMicros, offsetMicros } = window
  const at = `${quoted(WINDOW)} * ${everyMicros}`
  const [start, end] =
    kind === 'cumulate'
      ? [`${floorDiv(`${at} - ${everyMicros}`, sizeMicros)} * ${sizeMicros}`, at]
      : [at, `${at} + ${sizeMicros}`]
  return [
    `make_timestamp(${start} + ${offsetMicros}) AS ${quoted('windowStart')}`,
    `make_timestamp(${end} + ${offsetMicros}) AS ${quoted('windowEnd')}`,
  ]
}

/** Keys are computed beside the columns of each side, so that names that both sides have do not meet. */
function joined(node: Join, left: string, right: string, print: Print): string {
  const names = node.schema.names
  const width = node.leftColumns.length
  const isHalf = node.type === 'semi' || node.type === 'anti'
  const keyed = node.on.map(({ left: key }) => (key.kind === 'cast' ? key.arg : key))
  const columns = names.map((name, i) => {
    const bound = i - width - node.rightColumns.length
    if (bound >= 0 && node.meets.kind === 'window') {
      const { sizeMicros, offsetMicros } = node.meets
      const number = isHalf ? `l.${quoted(WINDOW)}` : `coalesce(l.${quoted(WINDOW)}, r.${quoted(WINDOW)})`
      const start = `${number} * ${sizeMicros} + ${offsetMicros}`
      return `make_timestamp(${start}${name === 'windowEnd' ? ` + ${sizeMicros}` : ''}) AS ${quoted(name)}`
    }
    if (i >= width) return `r.${quoted(node.right.schema.names[node.rightColumns[i - width]!]!)} AS ${quoted(name)}`
    const index = node.leftColumns[i]!
    const key = keyed.findIndex(each => each.kind === 'column' && each.index === index)
    const isEither = key >= 0 && (node.type === 'right' || node.type === 'full')
    const either = `coalesce(l.${quoted(`key ${key}`)}, r.${quoted(`key ${key}`)})`
    return `${isEither ? either : `l.${quoted(node.left.schema.names[index]!)}`} AS ${quoted(name)}`
  })
  const pairs = [
    ...node.on.map((_, i) => `l.${quoted(`key ${i}`)} = r.${quoted(`key ${i}`)}`),
    ...(node.meets.kind === 'interval' ? [inInterval(node, node.meets)] : []),
    ...(node.meets.kind === 'window' ? [`l.${quoted(WINDOW)} = r.${quoted(WINDOW)}`] : []),
  ]
  const on = pairs.length === 0 ? '' : ` ON ${pairs.join(' AND ')}`
  const [l, r] = [withKeys(node, 'left', left, print), withKeys(node, 'right', right, print)]
  return `SELECT ${columns.join(', ')} FROM ${l} l ${JOINS[node.type]} ${r} r${on}`
}

function inInterval({ left, right }: Join, { lowerMicros, upperMicros }: Interval): string {
  const micros = (side: string, { column, shiftMicros }: EventTime): string =>
    `epoch_us(${side}.${quoted(column)}) + ${shiftMicros}`
  const apart = `(${micros('r', right.time!)}) - (${micros('l', left.time!)})`
  return `${apart} BETWEEN ${lowerMicros} AND ${upperMicros}`
}

function withKeys(node: Join | AsOfJoin, side: 'left' | 'right', from: string, print: Print): string {
  const exprs = node.on.map((pair, i) => `${print(pair[side])} AS ${quoted(`key ${i}`)}`)
  if (node.kind === 'as-of-join') exprs.push(timeOf(node.times[side], print))
  else if (node.meets.kind === 'window')
    exprs.push(`${windowNumber(node[side].time!, node.meets)} AS ${quoted(WINDOW)}`)
  return `(SELECT ${['*', ...exprs].join(', ')} FROM ${from})`
}

/** A time that is NaN is near nothing, as a null is. */
function timeOf(time: Typed, print: Print): string {
  const isFloat = time.type.kind === 'float32' || time.type.kind === 'float64'
  const sql = print(time)
  return `${isFloat ? `CASE WHEN NOT isnan(${sql}) THEN ${sql} END` : sql} AS ${quoted(TIME)}`
}

const [TIME, ARRIVAL] = ['time', 'arrival'].map(name => `join ${name}`) as [string, string]

/** Of right rows of one key and time the last that came stays: DuckDB would find any of them. */
function joinedAsOf(node: AsOfJoin, left: string, right: string, print: Print): string {
  const { on, direction, tolerance, leftColumns, rightColumns } = node
  if (direction === 'nearest') throw new Refusal('its as-of join looks backward or forward, not to the nearest')
  if (tolerance !== null) throw new Refusal('its as-of join has no tolerance')
  const columns = node.schema.names.map((name, i) => {
    const isLeft = i < leftColumns.length
    const from = isLeft
      ? node.left.schema.names[leftColumns[i]!]!
      : node.right.schema.names[rightColumns[i - leftColumns.length]!]!
    // joined forward, a left time that is null would have a partner
    const sql = isLeft ? `l.${quoted(from)}` : `CASE WHEN l.${quoted(TIME)} IS NOT NULL THEN r.${quoted(from)} END`
    return `${sql} AS ${quoted(name)}`
  })
  const keys = on.map((_, i) => quoted(`key ${i}`))
  const numbered = `SELECT *, row_number() OVER () AS ${quoted(ARRIVAL)} FROM ${withKeys(node, 'right', right, print)}`
  const last = `row_number() OVER (PARTITION BY ${[...keys, quoted(TIME)].join(', ')} ORDER BY ${quoted(ARRIVAL)} DESC) = 1`
  const near = `l.${quoted(TIME)} ${direction === 'backward' ? '>=' : '<='} r.${quoted(TIME)}`
  const equal = [...keys.map(key => `l.${key} = r.${key}`), near].join(' AND ')
  const r = `(SELECT * FROM (${numbered}) WHERE ${quoted(TIME)} IS NOT NULL QUALIFY ${last})`
  return `SELECT ${columns.join(', ')} FROM ${withKeys(node, 'left', left, print)} l ASOF LEFT JOIN ${r} r ON ${equal}`
}

const JOINS: Readonly<Record<Join['type'], string>> = {
  inner: 'JOIN',
  left: 'LEFT JOIN',
  right: 'RIGHT JOIN',
  full: 'FULL JOIN',
  semi: 'SEMI JOIN',
  anti: 'ANTI JOIN',
  cross: 'CROSS JOIN',
}

/** Whether a frame's columns can stand in DuckDB's tables; the reason where one cannot. */
export function tableRefusal(node: Node): string | null {
  for (const { name, type } of node.schema.fields) {
    const found = sqlType(type, 'duckdb')
    if (typeof found !== 'string') return `column "${name}": ${found.refused}`
  }
  return null
}
