/** What an editor knows about an expression: its type and grain, checked by the compiler alone. */
import { columnsOf, count, hash, lit, makeDate, when, udf } from '../../../sdk/expr/column.ts'
import type { Expr } from '../../../sdk/expr/column.ts'
import { test } from 'vitest'
import { Schema } from '../../../sdk/data/schema.ts'
type S = {
  date: 'timestamp'
  day: 'date?'
  delay: 'float64?'
  distance: 'int32'
  n: 'int64?'
  big: 'bigint'
  f: 'float32'
  p: 'decimal(10,2)'
  q: 'decimal(5,3)?'
  origin: 'utf8'
  dest: 'utf8?'
  late: 'bool?'
  tags: 'utf8[]'
  v: 'vector(3)'
  w: { a: 'int32'; b: 'utf8?' }
}

const t = columnsOf<S>(
  Schema.of({
    date: 'timestamp',
    day: 'date?',
    delay: 'float64?',
    distance: 'int32',
    n: 'int64?',
    big: 'bigint',
    f: 'float32',
    p: 'decimal(10,2)',
    q: 'decimal(5,3)?',
    origin: 'utf8',
    dest: 'utf8?',
    late: 'bool?',
    tags: 'utf8[]',
    v: 'vector(3)',
    w: { a: 'int32', b: 'utf8?' },
  }),
)

type Of<E> = E extends Expr<infer T, infer G> ? readonly [T, G] : never

/** Compiles only where the expression has exactly this type and grain; otherwise the missing argument shows what it has. */
function is<A extends readonly [string, string]>(): <E>(
  expr: E,
  ...no: [A] extends [Of<E>] ? ([Of<E>] extends [A] ? [] : [has: Of<E>]) : [has: Of<E>]
) => void {
  return () => undefined
}

test('expressions have the types of their operands', () => {
  is<readonly ['float64?', 'row']>()(t.delay.add(1))
  is<readonly ['int32', 'row']>()(t.distance.add(1))
  is<readonly ['float64', 'row']>()(t.distance.add(1.5))
  is<readonly ['int64', 'row']>()(t.distance.add(3000000000))
  is<readonly ['int64?', 'row']>()(t.distance.add(t.n))
  is<readonly ['float32', 'row']>()(t.f.add(1.5))
  is<readonly ['float64', 'row']>()(t.f.add(t.distance))
  is<readonly ['decimal(18,2)', 'row']>()(t.p.add(1))
  is<readonly ['decimal(18,3)?', 'row']>()(t.p.add(t.q))
  is<readonly ['decimal(18,5)?', 'row']>()(t.p.mul(t.q))
  is<readonly ['decimal(18,2)', 'row']>()(t.p.mul(2))
  is<readonly ['bigint', 'row']>()(t.big.mul(2))
  is<readonly ['bigint', 'row']>()(t.distance.mul(2n))
  is<readonly ['float64?', 'agg']>()(t.delay.mean().sub(lit(1)))
  is<readonly ['float64?', 'agg']>()(lit(1).sub(t.delay.mean()))
  is<readonly ['float64?', 'row']>()(lit(1).sub(t.delay))
  is<readonly ['int64?', 'agg']>()(t.distance.sum())
  is<readonly ['int64?', 'agg']>()(t.distance.sum().where(t.late))
  is<readonly ['int64', 'agg']>()(count().where(t.late).where(t.n.gt(1)))
  is<readonly ['utf8[]', 'agg']>()(t.dest.collect())
  is<readonly ['utf8?[]', 'agg']>()(t.dest.collect({ nulls: true }))
  is<readonly ['float64[]', 'agg']>()(t.delay.largest(3))
  is<readonly ['utf8?', 'agg']>()(t.origin.argMax(t.delay))
  is<readonly ['timestamp?', 'agg']>()(t.day.median())
  is<readonly ['float64?', 'agg']>()(t.distance.approxQuantile(0.5))
  is<readonly ['int64', 'agg']>()(t.origin.approxCountDistinct())
  is<readonly ['bool?', 'agg']>()(t.late.any())
  is<readonly ['decimal(18,2)?', 'agg']>()(t.p.sum())
  is<readonly ['bool?', 'row']>()(t.delay.gt(15))
  is<readonly ['bool', 'row']>()(t.delay.gt(15).fillNull(false))
  is<readonly ['bool', 'row']>()(t.date.lt('2001-04-01'))
  is<readonly ['bool?', 'row']>()(t.date.lt(t.day))
  is<readonly ['timestamp', 'row']>()(t.date.add('10 minutes'))
  is<readonly ['duration', 'row']>()(t.date.sub(t.date))
  is<readonly ['timestamp', 'row']>()(t.date.sub('1 day'))
  is<readonly ['duration?', 'row']>()(t.date.sub(t.day))
  is<readonly ['int32', 'row']>()(when(t.late).then(1).otherwise(0))
  is<readonly ['float64', 'row']>()(when(t.late).then(1).when(t.late).then(2).otherwise(0.5))
  is<readonly ['utf8?', 'row']>()(when(t.late).then('a').otherwise(null))
  is<readonly ['utf8?', 'row']>()(when(t.late).then(t.origin).otherwise(t.dest))
  is<readonly ['float64?', 'agg']>()(when(count().gt(1)).then(t.delay.mean()).otherwise(null))
  is<readonly ['utf8?', 'row']>()(t.w.field('b'))
  is<readonly ['utf8', 'row']>()(t.dest.fillNull('x'))
  is<readonly ['int32?', 'row']>()(t.dest.length())
  is<readonly ['float64?', 'row']>()(udf([t.delay, t.origin], 'float64?', (d, o) => (d === null ? null : d + o.length)))
  is<readonly ['int64', 'row']>()(t.distance.cast('int64'))
})

test('text, bytes, patterns and JSON have their types', () => {
  is<readonly ['utf8', 'row']>()(t.origin.padStart(3).trim('x'))
  is<readonly ['utf8[]', 'row']>()(t.origin.split(','))
  is<readonly ['utf8[]?', 'row']>()(t.dest.extractAll(/a/))
  is<readonly ['utf8?[]?', 'row']>()(t.dest.extractAll(/(a)/, 1))
  is<readonly ['utf8?', 'row']>()(t.origin.extract(/a/))
  is<readonly ['bool?', 'row']>()(t.dest.matches(/a/))
  is<readonly ['int32?', 'row']>()(t.origin.levenshtein(t.dest))
  is<readonly ['binary?', 'row']>()(t.dest.toBytes().slice(1))
  is<readonly ['int64?', 'row']>()(t.origin.json('$.a', 'int64'))
  is<readonly ['float64[]?', 'row']>()(t.origin.json('$.a', 'float64[]'))
  is<readonly ['int64', 'row']>()(t.delay.hash())
  is<readonly ['int64', 'row']>()(hash(t.delay, t.dest))
})

test('times have their types', () => {
  is<readonly ['int32', 'row']>()(t.date.hour({ timeZone: 'Europe/Oslo' }))
  is<readonly ['date?', 'row']>()(t.day.add('1 month'))
  is<readonly ['timestamp', 'row']>()(t.date.sub('2 years'))
  is<readonly ['date?', 'row']>()(t.day.addMonths(2))
  is<readonly ['timestamp?', 'row']>()(t.date.addMonths(t.n))
  is<readonly ['int64?', 'row']>()(t.date.diff(t.day, 'month'))
  is<readonly ['timestamp', 'row']>()(t.date.truncate('15 minutes'))
  is<readonly ['duration?', 'row']>()(t.date.sub(t.day).mul(2))
  is<readonly ['float64', 'row']>()(t.date.sub(t.date).div('1 hour'))
  is<readonly ['date', 'row']>()(t.origin.parse('%d/%m/%Y', 'date'))
  is<readonly ['timestamp?', 'row']>()(t.origin.tryParse('%d/%m/%Y'))
  is<readonly ['date?', 'row']>()(makeDate(t.distance, 1, t.n))
})

test('several operands of different kinds mix', () => {
  is<readonly ['utf8?', 'row']>()(t.origin.concat('-', t.dest))
  is<readonly ['utf8', 'row']>()(t.dest.coalesce(t.dest, 'none'))
  is<readonly ['utf8?', 'row']>()(t.dest.coalesce(t.dest))
  is<readonly ['bool?', 'row']>()(t.distance.between(1, t.n))
})

test('what has no meaning does not compile', () => {
  const never = (): void => {
    // @ts-expect-error -- no such column
    void t.dealy
    // @ts-expect-error -- text beside a number
    t.delay.gt('a')
    // @ts-expect-error -- text has no product
    t.origin.mul(2)
    // @ts-expect-error -- a value per group beside one per row
    t.delay.sum().add(t.delay)
    // @ts-expect-error -- an aggregate of an aggregate
    t.delay.sum().sum()
    // @ts-expect-error -- no condition
    t.delay.and(t.late)
    // @ts-expect-error -- no duration
    t.date.add('1 minuts')
    // @ts-expect-error -- no calendar unit
    t.date.truncate('hours')
    // @ts-expect-error -- no such field
    t.w.field('c')
    // @ts-expect-error -- it may be null
    const sure: Expr<'bool', 'row'> = t.delay.gt(1)
    // @ts-expect-error -- a value per row
    const total: Expr<'float64?', 'agg'> = t.delay
    return void [sure, total]
  }
  void never
})
