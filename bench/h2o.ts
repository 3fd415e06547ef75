/**
 * The h2o db-benchmark on its data in memory: its groupings and joins, and what orders and filters the same table. One
 * case is one query at the size that `MILLRACE_BENCH_ROWS` asks for, 1e6 rows unless it does.
 */
import { groupBys } from './h2o/group-by.ts'
import { joins } from './h2o/join.ts'
import { orders } from './h2o/order.ts'
import { casesOf } from './h2o/query.ts'
import type { Bench } from './harness/bench.ts'

export const bench: Bench = {
  name: 'h2o',
  cases: [...groupBys, ...orders, ...joins].flatMap(casesOf),
}
