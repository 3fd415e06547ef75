/** Types of expressions, and the sentences that refuse them. */
import { expect, test } from 'vitest'
import { PlanError } from '../../../sdk/data/errors.ts'
import { Schema } from '../../../sdk/data/schema.ts'
import { typeText } from '../../../sdk/data/type.ts'
import { columnsOf, count, lit, nodeOf, udf, when } from '../../../sdk/expr/column.ts'
import { infer, inferGrain } from '../../../sdk/expr/infer.ts'
import { toSql } from '../../../sdk/expr/sql.ts'
import { exprText } from '../../../sdk/expr/text.ts'

const schema = Schema.of({
  delay: 'float64?',
  distance: 'int32',
  n: 'int64?',
  big: 'bigint',
  half: 'float32',
  price: 'decimal(10,2)',
  origin: 'utf8',
  late: 'bool?',
  date: 'timestamp',
  day: 'date?',
  took: 'duration',
  tags: 'utf8[]',
  place: { city: 'utf8', x: 'float64' },
})

// eslint-disable-next-line typescript/no-explicit-any -- what the types refuse is what is tested
const t: any = columnsOf(schema, 'filter')

const typeOf = (expr: unknown): string => typeText(infer(nodeOf(expr), schema, 'derive'))

function refusal(expr: () => unknown): string {
  try {
    infer(nodeOf(expr()), schema, 'filter')
  } catch (error) {
    if (error instanceof PlanError) return error.message
    throw error
  }
  return 'accepted'
}

test.each<[() => unknown, string]>([
  [() => t.distance.add(1), 'int32'],
  [() => t.distance.add(1.5), 'float64'],
  [() => t.distance.add(3_000_000_000), 'int64'],
  [() => t.distance.add(t.n), 'int64?'],
  [() => t.n.mul(2n), 'bigint?'],
  [() => t.big.add(1), 'bigint'],
  [() => t.half.add(0.5), 'float32'],
  [() => t.half.add(t.distance), 'float64'],
  [() => t.price.add(1), 'decimal(18,2)'],
  [() => t.price.mul(t.price), 'decimal(18,4)'],
  [() => t.price.mul(2), 'decimal(18,2)'],
  [() => t.price.div(2), 'float64'],
  [() => t.distance.div(2), 'float64'],
  [() => t.delay.gt(15).fillNull(false), 'bool'],
  [() => t.date.lt('2001-04-01'), 'bool'],
  [() => t.day.lt(t.date), 'bool?'],
  [() => t.date.sub(t.day), 'duration?'],
  [() => t.day.add('1 day'), 'timestamp?'],
  [() => t.late.sum(), 'int64?'],
  [() => t.price.sum(), 'decimal(18,2)?'],
  [() => t.distance.sum().div(count()), 'float64?'],
  [() => when(t.late).then(1).otherwise(0.5), 'float64'],
  [() => when(t.late).then('a').otherwise(null), 'utf8?'],
  [() => lit(5), 'int32'],
  [() => lit(5_000_000_000), 'int64'],
  [() => lit(2 ** 60), 'float64'],
  [() => udf([t.delay], 'float64?', x => x), 'float64?'],
])('%s is %s', (expr, type) => {
  expect(typeOf(expr())).toBe(type)
})

test.each<[() => unknown, string]>([
  [
    () => t.dealy,
    `filter: there is no column "dealy". Did you mean "delay"? The columns are ${schema.names.join(', ')}.`,
  ],
  [
    () => t.delay.gt('a'),
    `filter: t.delay.gt('a'): "delay" is float64?, 'a' is text; gt compares values of one type, so cast one side.`,
  ],
  [() => t.origin.mul(2), 'filter: t.origin.mul(2): mul takes numbers, and "origin" is utf8.'],
  [() => t.distance.and(t.late), 'filter: t.distance.and(t.late): and takes conditions, and "distance" is int32.'],
  [() => t.delay.upper(), 'filter: t.delay.upper(): upper takes text, and "delay" is float64?.'],
  [() => t.delay.hour(), 'filter: t.delay.hour(): hour takes a timestamp, and "delay" is float64?.'],
  [() => t.day.hour(), 'filter: t.day.hour(): hour takes a timestamp, and "day" is date?.'],
  [
    () => t.date.add(5),
    `filter: t.date.add(5): add takes a time and a duration such as '10 minutes', and "date" is timestamp, 5 is int32.`,
  ],
  [
    () => t.date.lt('yesterday'),
    `filter: t.date.lt('yesterday'): "yesterday" is no time. Write ISO 8601, such as '2001-04-01' or '2001-04-01T12:00:00Z'.`,
  ],
  [
    () => t.big.add(0.5),
    `filter: t.big.add(0.5): a bigint stands beside whole numbers, and 0.5 is none. Cast first: .cast('float64').`,
  ],
  [
    () => t.price.add(0.125),
    `filter: t.price.add(0.125): 0.125 has more digits than decimal(10,2) holds. Cast the column first: .cast('decimal(18,3)'), or .cast('float64').`,
  ],
  [
    () => t.delay.fillNull('x'),
    `filter: t.delay.fillNull('x'): "delay" is float64?, 'x' is text; fillNull takes values of one type, so cast one side.`,
  ],
  [() => t.delay.cast('bool'), 'filter: t.delay.cast(\'bool\'): "delay" is float64?; compare instead: .ne(0).'],
  [
    () => t.took.cast('int64'),
    `filter: t.took.cast('int64'): "took" is duration; name the unit instead: .in('second').`,
  ],
  [
    () => t.delay.mean().sub(t.delay),
    'filter: t.delay.mean().sub(t.delay): t.delay.mean() has one value per group and t.delay has one value per row. Join the aggregate back, or aggregate both.',
  ],
  [
    () => t.delay.sum().max(),
    'filter: t.delay.sum().max(): max takes a value per row, and t.delay.sum() has one per group.',
  ],
  [() => t.tags.gt(t.tags), 'filter: t.tags.gt(t.tags): "tags" is utf8[], and its values have no order.'],
  [() => t.late.gt(true), 'filter: t.late.gt(true): "late" is bool?, and its values have no order.'],
  [() => t.delay.quantile(50), 'filter: t.delay.quantile(50): quantile takes a q from 0 to 1, and 50 is none.'],
  [
    () => lit(null as never),
    `filter: null: null has no type here; write lit(null, 'float64?') with the type you mean.`,
  ],
  [
    () => t.delay.eq(null),
    'filter: t.delay.eq(null): a comparison with null is true for no row. Use t.delay.isNull().',
  ],
  [
    () => t.delay.ne(null),
    'filter: t.delay.ne(null): a comparison with null is true for no row. Use t.delay.isNotNull().',
  ],
  [
    () => t.delay.add(t.delay.x),
    "filter: t.delay.add(undefined): undefined is no value. A column stands as t.name, a field of a struct as t.name.field('x'), nothing as null.",
  ],
  [() => t.place.x.gt(1), `"place" is a struct, whose fields are no properties. Did you mean t.place.field('x')?`],
  [
    () => t.took.eq('1 month'),
    `filter: t.took.eq('1 month'): "1 month" is no duration, since calendar months differ in length. Write days, such as '30 days'.`,
  ],
  [
    () => t.took.add('2 fortnights'),
    `filter: t.took.add('2 fortnights'): "2 fortnights" is no duration; units are microsecond, millisecond, second, minute, hour, day, week.`,
  ],
  [
    () => t.took.in('jiffies'),
    `filter: t.took.in('jiffies'): 'jiffies' is not a unit of time; units are microsecond, millisecond, second, minute, hour, day, week.`,
  ],
  [() => lit('x', 'int32'), `filter: lit('x', 'int32'): "x" is not a whole number within ±2^31 (int32).`],
  [() => t.delay.cast('float64?'), `cast("float64?"): a cast keeps nulls as they are; write cast("float64")`],
  [() => nodeOf(when(t.late).then(1)), 'when(…).then(…) has no end: add .otherwise(value), or .otherwise(null)'],
])('%s is refused', (expr, sentence) => {
  expect(refusal(expr)).toBe(sentence)
})

test('a place that needs one grain says what to do', () => {
  const grain = (expr: unknown, where: string, wanted: 'row' | 'aggregate') => () =>
    inferGrain(nodeOf(expr), schema, where, wanted)
  expect(grain(t.delay.sum(), 'derive', 'row')).toThrow(
    'derive: t.delay.sum() has one value per group; it stands in aggregate, after groupBy',
  )
  expect(grain(t.delay, 'aggregate', 'aggregate')).toThrow(
    'aggregate: t.delay has one value per row; say which of a group: t.delay.first(), .mean(), .max() …',
  )
  expect(grain(lit(1), 'aggregate', 'aggregate')).not.toThrow()
})

test('expressions print as they are written', () => {
  const expr = when(t.delay.gt(15).and(t.origin.isIn(['SFO', "O'Hare"])))
    .then(t.date.truncate('hour'))
    .otherwise(null)
  const text = `when(t.delay.gt(15).and(t.origin.isIn(['SFO', 'O\\'Hare']))).then(t.date.truncate('hour')).otherwise(null)`
  expect(String(expr)).toBe(text)
  expect(exprText(infer(nodeOf(expr), schema, 'derive'))).toBe(text)
  expect(exprText(infer(nodeOf(t.distance.add(t.n)), schema, 'derive'))).toBe('t.distance.add(t.n)')
  expect(String(count())).toBe('count()')
  expect(String(lit('2001-04-01', 'date'))).toBe(`lit('2001-04-01', 'date')`)
})

test('SQL carries the casts, and what differs is refused with the reason', () => {
  const sql = (expr: unknown, dialect: 'duckdb' | 'flink') => toSql(infer(nodeOf(expr), schema, 'derive'), dialect)
  expect(sql(t.distance.add(t.n), 'duckdb')).toEqual({ sql: '(CAST("distance" AS BIGINT) + "n")' })
  expect(sql(t.date.hour(), 'flink')).toEqual({ sql: 'CAST(EXTRACT(HOUR FROM `date`) AS INT)' })
  expect(sql(t.origin.upper(), 'duckdb')).toEqual({
    refused: 't.origin.upper(): DuckDB maps a letter to one letter, the engine by the full mapping (ß becomes SS)',
  })
  expect(
    sql(
      udf([t.delay], 'float64?', function twice(x) {
        return x
      }),
      'flink',
    ),
  ).toEqual({ refused: 'twice is a function of this program' })
})
