/**
 * What holds for tables that change over time: a plain list to which the changes are applied one by one is the oracle,
 * at every prefix, for any batch boundaries and through a copy made from a snapshot.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DELETE, INSERT, ROW_KINDS, UPDATE_AFTER, UPDATE_BEFORE, type Batch } from '../../sdk/data/batch.ts'
import { Schema } from '../../sdk/data/schema.ts'
import { memory } from '../../sdk/connector/memory.ts'
import type { Operator } from '../../sdk/engine/operator/operator.ts'
import { operatorOf } from '../../sdk/engine/run/graph.ts'
import { col, nodeOf } from '../../sdk/expr/column.ts'
import * as plan from '../../sdk/plan/build.ts'
import type { Node } from '../../sdk/plan/node.ts'
import { changes, fromChanges } from '../../sdk/plan/verb/changes.ts'
import { distinct } from '../../sdk/plan/verb/distinct.ts'
import { final } from '../../sdk/plan/verb/final.ts'
import { top } from '../../sdk/plan/verb/top.ts'
import { upsert } from '../../sdk/plan/verb/upsert.ts'
import { applied, batchOf, cut, drive, type Fed, type Row } from './drive.ts'

const SCHEMA = Schema.of({ k: 'utf8?', n: 'int32?', v: 'float64?', tags: 'utf8[]?', at: 'timestamp' })
const stream = plan.read({ ...memory(SCHEMA, []), kind: 'stream' })
const batch = plan.read(memory(SCHEMA, []))
const updating: Node = { ...stream, frameKind: 'updating' }

/** The operators of a plan from its source on, along first inputs. */
function chainOf(node: Node): (() => Operator)[] {
  if (node.kind === 'read') return []
  const { kind } = node
  if (kind === 'replay') throw new Error('a replay has a pace')
  return [...chainOf(plan.inputsOf(node)[0]!), () => operatorOf(node, null)]
}

const anyRow = fc
  .tuple(
    fc.option(fc.constantFrom('a', 'b', 'ä')),
    fc.option(fc.integer({ min: 0, max: 2 })),
    fc.option(fc.constantFrom(0.5, -2, NaN, Infinity)),
    fc.option(fc.array(fc.constantFrom('p', 'q'), { maxLength: 1 })),
    fc.integer({ min: -300, max: 300 }),
  )
  .map((row): Row => row)
const sizes = fc.oneof(fc.constantFrom([1], [7], [4096]), fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }))
const one = (batches: readonly Batch[]): Fed[] => batches.map(each => ({ input: 0, batch: each }))

interface Change {
  readonly kind: number
  readonly row: Row
}

const comes = (kind: number): boolean => kind === INSERT || kind === UPDATE_AFTER

/** Changes of which none takes back a row that is not there: a row that comes, goes, or becomes another one. */
const anyChanges = fc
  .array(fc.tuple(fc.constantFrom('come', 'come', 'go', 'turn'), anyRow, fc.nat()), { maxLength: 40 })
  .map(steps => {
    const [there, out]: [Row[], Change[]] = [[], []]
    for (const [step, row, at] of steps) {
      if (step === 'come' || there.length === 0) {
        there.push(row)
        out.push({ kind: INSERT, row })
        continue
      }
      const old = there.splice(at % there.length, 1)[0]!
      if (step === 'go') {
        out.push({ kind: DELETE, row: old })
        continue
      }
      there.push(row)
      out.push({ kind: UPDATE_BEFORE, row: old }, { kind: UPDATE_AFTER, row })
    }
    return out
  })

const fedOf = (given: readonly Change[], parts: readonly number[]): Fed[] =>
  one(
    cut(
      batchOf(
        SCHEMA,
        given.map(change => change.row),
        given.map(change => change.kind),
      ),
      parts,
    ),
  )

const text = (row: Row): string =>
  JSON.stringify(row, (_, value: unknown) => (typeof value === 'number' ? `${value}#` : value))

/** The rows that are there when all changes have been applied; of equal rows the last one goes first. */
function folded(given: readonly Change[]): Row[] {
  const there: Row[] = []
  for (const { kind, row } of given) {
    if (comes(kind)) there.push(row)
    else
      there.splice(
        there.findLastIndex(other => text(other) === text(row)),
        1,
      )
  }
  return there
}

const sorted = (rows: readonly Row[]): string[] => rows.map(text).sort()
/** As rows of a changelog, for `applied`. */
const inserted = (rows: readonly Row[]): Row[] => rows.map(row => ['+I', ...row])

describe('changes as rows', () => {
  const there = chainOf(changes(updating, 'op'))
  const back = chainOf(fromChanges(changes(updating, 'op'), 'op'))

  test('have the kind in front, and lead back to the same changes', () => {
    fc.assert(
      fc.property(anyChanges, sizes, fc.nat({ max: 60 }), (given, parts, copyAfter) => {
        const rows = given.map(({ kind, row }): Row => [ROW_KINDS[kind]!, ...row])
        expect(drive(there, fedOf(given, parts), { copyAfter }).rows).toEqual(rows)
        const again = drive(back, fedOf(given, parts), { copyAfter }).rows
        // rows of which none is corrected carry no kinds
        const corrected = given.some(change => change.kind !== INSERT)
        expect(again).toEqual(corrected ? rows : given.map(change => change.row))
      }),
      { numRuns: 60 },
    )
  })
})

describe('what is left at the end', () => {
  test('is the fold of the changes at every prefix', () => {
    const chain = chainOf(final(updating))
    fc.assert(
      fc.property(anyChanges, sizes, fc.nat({ max: 60 }), fc.nat({ max: 80 }), (given, parts, copyAfter, upTo) => {
        const prefix = given.slice(0, upTo)
        const { rows } = drive(chain, fedOf(prefix, parts), { copyAfter })
        expect(sorted(rows)).toEqual(sorted(folded(prefix)))
      }),
      { numRuns: 100 },
    )
  })
})

const key = (name: string): plan.NamedExpr => ({ name, expr: nodeOf(col(name)) })
const by = (name: string, descending: boolean): plan.SortExpr => ({ expr: nodeOf(col(name)), descending })

const firsts: readonly (readonly [name: string, of: (node: Node) => Node])[] = [
  ['the first three', node => top(node, [], 3, [by('v', true)])],
  ['the first two of each group', node => top(node, [key('k')], 2, [by('n', false), by('v', true)])],
  ['the first of each group by time', node => top(node, [key('k'), key('n')], 1, [by('at', false)])],
  ['none', node => top(node, [], 0, [by('v', true)])],
  ['the first of each key', node => distinct(node, ['k', 'n'])],
  ['distinct rows', node => distinct(plan.select(node, ['k', 'n']), [])],
]

describe.each(firsts)('%s of rows that are corrected', (_, of) => {
  const [chain, whole] = [chainOf(of(updating)), chainOf(of(batch))]

  test('are those of the fold of the changes at every prefix', () => {
    fc.assert(
      fc.property(anyChanges, sizes, fc.nat({ max: 60 }), fc.nat({ max: 80 }), (given, parts, copyAfter, upTo) => {
        const prefix = given.slice(0, upTo)
        const { rows } = drive(chain, fedOf(prefix, parts))
        const expected = drive(whole, one([batchOf(SCHEMA, folded(prefix))].filter(each => each.length > 0))).rows
        expect(applied(rows)).toEqual(applied(inserted(expected)))
        expect(drive(chain, fedOf(prefix, parts), { copyAfter }).rows).toEqual(rows)
      }),
      { numRuns: 100 },
    )
  })
})

/** The latest rows by key, in a plain map: a later row takes the place, unless an earlier place in the order says no. */
function latest(rows: readonly Row[], ordered: boolean, deletes: boolean): { kept: Row[]; older: Row[] } {
  const [kept, older, places] = [new Map<string, Row | null>(), [] as Row[], new Map<string, number>()]
  for (const row of rows) {
    const id = text(row.slice(0, 2))
    const at = row[4] as number
    if (ordered && at < (places.get(id) ?? -Infinity)) {
      older.push(row)
      continue
    }
    places.set(id, at)
    kept.set(id, deletes && row[2] === -2 ? null : row)
  }
  return { kept: [...kept.values()].filter(row => row !== null), older }
}

describe.each([
  ['as they come', false, false],
  ['by time', true, false],
  ['with tombstones', false, true],
  ['by time, with tombstones', true, true],
])('the latest row of each key, %s', (_, ordered, deletes) => {
  const options = {
    ...(ordered && { orderBy: nodeOf(col('at')) }),
    ...(deletes && { deleted: nodeOf(col('v').eq(-2)) }),
  }
  const [chain, whole] = [stream, batch].map(node => chainOf(upsert(node, ['k', 'n'], options)))

  test('is that of a map at every prefix, and each row gives its own change', () => {
    fc.assert(
      fc.property(fc.array(anyRow, { maxLength: 60 }), sizes, fc.nat({ max: 60 }), (rows, parts, copyAfter) => {
        const fed = one(cut(batchOf(SCHEMA, rows), parts))
        const given = drive(chain!, fed)
        const { kept, older } = latest(rows, ordered, deletes)
        expect(applied(given.rows)).toEqual(applied(inserted(kept)))
        expect(given.side).toEqual(older)
        expect(drive(chain!, one([batchOf(SCHEMA, rows)].filter(each => each.length > 0)))).toEqual(given)
        expect(drive(chain!, fed, { copyAfter })).toEqual(given)
        expect(given.rows.filter(row => row[0] === '-U').length).toBe(given.rows.filter(row => row[0] === '+U').length)
        const ofBatch = drive(whole!, fed, { copyAfter })
        expect(sorted(ofBatch.rows)).toEqual(sorted(kept))
        expect(ofBatch.side).toEqual(older)
      }),
      { numRuns: 100 },
    )
  })

  test('of those that are taken back by it, none was not there', () => {
    fc.assert(
      fc.property(fc.array(anyRow, { maxLength: 60 }), (rows: Row[]) => {
        const again = [...chain!, ...chainOf(final(updating))]
        const { rows: left } = drive(again, one(cut(batchOf(SCHEMA, rows), [3])))
        expect(sorted(left)).toEqual(sorted(latest(rows, ordered, deletes).kept))
      }),
      { numRuns: 30 },
    )
  })
})
