import { join } from 'node:path'
import { expect, test } from 'vitest'
import { memory } from '../../../sdk/connector/memory.ts'
import { Schema } from '../../../sdk/data/schema.ts'
import { col, lit, nodeOf } from '../../../sdk/expr/column.ts'
import * as build from '../../../sdk/plan/build.ts'
import { explain } from '../../../sdk/plan/explain.ts'
import type { Node } from '../../../sdk/plan/node.ts'
import type { Condition } from '../../../sdk/plan/port.ts'
import { optimise } from '../../../sdk/plan/rewrite.ts'
import { count, read, to, type Batch } from 'millrace'
import { parquet } from '../../../sdk/connector/parquet.ts'
import { ask, duckdb, folder, rowsOf } from '../connector/reading.ts'

const source = build.read(
  memory(Schema.of({ at: 'timestamp', delay: 'float64?', miles: 'int32', origin: 'utf8' }), [], 'flights'),
)

const item = (name: string, value: unknown): build.NamedExpr => ({ name, expr: nodeOf(value) })

/** What the reads of a plan are told. */
function told(plan: Node): readonly Condition[] {
  const whole = optimise([plan])[0]!
  const visit = (node: Node): readonly Condition[] =>
    node.kind === 'read' ? (node.where ?? []) : build.inputsOf(node).flatMap(visit)
  return visit(whole)
}

test('the parts of a conjunction that compare a column with literals reach the read', () => {
  const predicate = col('miles')
    .gt(100)
    .and(col('delay').le(1.5))
    .and(col('origin').isIn(['A', 'B']))
    .and(col('delay').add(1).gt(2))
    .and(lit(5).lt(col('miles')))
  expect(told(build.filter(source, nodeOf(predicate)))).toEqual([
    { column: 'miles', is: 'gt', values: [100] },
    { column: 'delay', is: 'le', values: [1.5] },
    { column: 'origin', is: 'isIn', values: ['A', 'B'] },
    { column: 'miles', is: 'gt', values: [5] },
  ])
})

test('they pass renamed columns, and not computed ones', () => {
  const derived = build.derive(build.rename(source, { miles: 'far' }), [item('delay', col('delay').mul(2))])
  const plan = build.filter(derived, nodeOf(col('far').gt(1).and(col('delay').gt(1))))
  expect(told(plan)).toEqual([{ column: 'miles', is: 'gt', values: [1] }])
})

test('a disjunction, a limit, a join and a replay keep them', () => {
  const far = nodeOf(col('miles').gt(1))
  expect(told(build.filter(source, nodeOf(col('miles').gt(1).or(col('delay').isNull()))))).toEqual([])
  expect(told(build.filter(build.limit(source, 3), far))).toEqual([])
  const timed = build.watermark(source, 'at', '1 minute')
  expect(told(build.filter(timed, far))).toHaveLength(1)
  expect(told(build.filter(build.replay(timed, {}), far))).toEqual([])
})

test('a read that others share gives them all rows', () => {
  const far = build.filter(source, nodeOf(col('miles').gt(1)))
  const [a, b] = optimise([far, source])
  expect(b!.kind === 'read' && b.where).toBeFalsy()
  expect(told(build.union([far, source]))).toEqual([])
  expect(a!.kind).toBe('filter')
})

test('explain shows what the source is told', () => {
  const plan = build.filter(source, nodeOf(col('origin').eq('ORD').and(col('delay').isNotNull())))
  expect(explain(plan)).toContain('· the source is told: origin.eq("ORD") and delay.isNotNull()')
})

test('a filter gives the same rows whatever its file leaves out, at the ends of each type', async () => {
  const db = await duckdb()
  const path = join(folder(), 'groups.parquet')
  await db.run(`COPY (SELECT i, i::DOUBLE AS d, CASE WHEN i % 7 = 0 THEN NULL ELSE i * 3 END AS n,
      'é' || lpad(i::VARCHAR, 4, '0') AS s, make_date(2000 + (i // 100)::INT, 1, 1) AS day,
      make_timestamp(i * 1000000000 + 7) AS at, CASE WHEN i % 500 = 3 THEN 'NaN'::DOUBLE ELSE i END AS nan,
      CASE WHEN i < 600 THEN NULL ELSE i END AS late, (i // 2)::DECIMAL(9,2) AS money
    FROM range(10000) r(i)) TO '${path}' (FORMAT parquet, ROW_GROUP_SIZE 2048)`)
  const frame = read.parquet(path)
  const cases: readonly (readonly [Parameters<typeof frame.filter>[0], string])[] = [
    [t => t['i'].gt(900), 'i > 900'],
    [t => t['i'].eq(128), 'i = 128'],
    [t => t['i'].lt(0), 'i < 0'],
    [t => t['i'].gt(10.5).and(t['i'].le(200)), 'i > 10.5 AND i <= 200'],
    [t => t['d'].lt(5), 'd < 5'],
    [t => t['n'].isNull(), 'n IS NULL'],
    [t => t['late'].isNotNull(), 'late IS NOT NULL'],
    [t => t['late'].isNull(), 'late IS NULL'],
    [t => t['s'].ge('é0990'), `s >= 'é0990'`],
    [t => t['s'].isIn(['é0001', 'é0999']), `s IN ('é0001', 'é0999')`],
    [t => t['day'].eq('2004-01-01'), `day = DATE '2004-01-01'`],
    [t => t['at'].gt('1970-01-11T00:00:00.000007Z'), `"at" > TIMESTAMP '1970-01-11 00:00:00.000007'`],
    [t => t['nan'].gt(5000), `nan > 5000`],
    [t => t['nan'].eq(NaN), `nan = 'NaN'`],
    [t => t['nan'].lt(NaN).and(t['i'].lt(5)), `nan < 'NaN' AND i < 5`],
    [t => t['money'].lt('3'), 'money < 3'],
  ]
  for (const [predicate, sql] of cases) {
    const found = await frame.filter(predicate).select('i').collect()
    const expected = await ask(db, `SELECT i::INT AS i FROM '${path}' WHERE ${sql} ORDER BY i`)
    expect([sql, found.rows()]).toEqual([sql, expected])
  }
})

test('row groups that a condition excludes are not read', async () => {
  const path = join(folder(), 'skipped.parquet')
  const rows = Array.from({ length: 1000 }, (_, i) => ({ i, s: `k${String(i).padStart(4, '0')}` }))
  await read
    .rows(rows)
    .write(to.parquet(path, { rowGroupRows: 100 }))
    .run()
  const readRows = async (where: readonly Condition[]): Promise<unknown[]> => {
    const reader = parquet(path).open({ columns: ['i'], batchRows: 1000, signal: new AbortController().signal, where })
    const batches: Batch[] = []
    for (let batch = await reader.next(); batch !== null; batch = await reader.next()) batches.push(batch)
    return rowsOf(batches).map(row => row['i'])
  }
  expect(await readRows([{ column: 'i', is: 'ge', values: [850] }])).toHaveLength(200)
  expect(await readRows([{ column: 's', is: 'lt', values: ['k0100'] }])).toHaveLength(100)
  expect(await readRows([{ column: 'i', is: 'isIn', values: [5, 905] }])).toHaveLength(200)
  expect(await readRows([{ column: 'i', is: 'isNull', values: [] }])).toHaveLength(0)
  const n = await read
    .parquet(path)
    .filter(t => t['i'].ge(850))
    .aggregate(() => ({ n: count() }))
    .collect()
  expect(n.rows()).toEqual([{ n: 150 }])
})
