/** Lists, structs and maps: literal rows, and DuckDB on random ones. */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Value } from '../../../sdk/data/column.ts'
import type { Columns } from '../../../sdk/data/type.ts'
import { compileProject } from '../../../sdk/engine/vector/project.ts'
import { col, lit, nodeOf, when } from '../../../sdk/expr/column.ts'
import { list, mapOf, range, struct } from '../../../sdk/expr/construct.ts'
import { infer } from '../../../sdk/expr/infer.ts'
import { Oracle, refused, unsigned } from './oracle.ts'
import { batchOf, typed, values, valuesOf } from './table.ts'

// eslint-disable-next-line typescript/no-explicit-any -- each case names its own columns
type Any = any

function on(type: string, expr: (t: Any) => unknown, a: unknown[], b?: unknown[], typeB: string = type): unknown[] {
  const columns = (b === undefined ? { a: type } : { a: type, b: typeB }) as Columns
  return values(columns, b === undefined ? { a } : { a, b }, expr)
}

describe('lists', () => {
  const lists = [[1, 2, 3], [], null]

  test.each<[string, (t: Any) => unknown, unknown[]]>([
    ['get counts from 0', t => t.a.get(1), [2, null, null]],
    ['get counts from the end', t => t.a.get(-1), [3, null, null]],
    ['get has nothing beyond', t => t.a.get(3), [null, null, null]],
    ['get has nothing before', t => t.a.get(-4), [null, null, null]],
    ['slice', t => t.a.slice(1, 3), [[2, 3], [], null]],
    ['slice from the end', t => t.a.slice(-2), [[2, 3], [], null]],
    ['contains', t => t.a.contains(2), [true, false, null]],
    ['indexOf', t => t.a.indexOf(3), [2, -1, null]],
    ['concat', t => t.a.concat(t.a, [9]), [[1, 2, 3, 1, 2, 3, 9], [9], null]],
    ['append', t => t.a.append(null), [[1, 2, 3, null], [null], null]],
    ['reverse', t => t.a.reverse(), [[3, 2, 1], [], null]],
    ['sort', t => t.a.sort({ descending: true }), [[3, 2, 1], [], null]],
    ['sum', t => t.a.itemSum(), [6, null, null]],
    ['mean', t => t.a.itemMean(), [2, null, null]],
    ['min', t => t.a.itemMin(), [1, null, null]],
    ['max', t => t.a.itemMax(), [3, null, null]],
    ['overlaps', t => t.a.overlaps([3, 4]), [true, false, null]],
    ['intersect', t => t.a.intersect([3, 2, 4]), [[2, 3], [], null]],
    ['except', t => t.a.except([3, 4]), [[1, 2], [], null]],
    ['mapItems', t => t.a.mapItems((x: Any) => x.mul(2)), [[2, 4, 6], [], null]],
    ['filterItems', t => t.a.filterItems((x: Any) => x.gt(1)), [[2, 3], [], null]],
    ['eq', t => t.a.eq([1, 2, 3]), [true, false, null]],
    ['fillNull', t => t.a.fillNull([7]), [[1, 2, 3], [], [7]]],
    [
      'when',
      t =>
        when(t.a.isNull())
          .then(lit([0], 'int32[]'))
          .otherwise(t.a),
      [[1, 2, 3], [], [0]],
    ],
  ])('%s', (_, expr, expected) => expect(on('int32[]?', expr, lists)).toEqual(expected))

  test('a null item is found by nothing, kept once by distinct, last in a sort', () => {
    const of = (expr: (t: Any) => unknown): unknown => on('float64?[]', expr, [[2, null, NaN, 2, null, NaN, 1]])[0]
    expect(of(t => t.a.distinct())).toEqual([2, null, NaN, 1])
    expect(of(t => t.a.sort())).toEqual([1, 2, 2, NaN, NaN, null, null])
    expect(of(t => t.a.sort({ descending: true }))).toEqual([NaN, NaN, 2, 2, 1, null, null])
    expect(of(t => t.a.contains(NaN))).toBe(true)
    expect(of(t => t.a.intersect(t.a))).toEqual([2, NaN, 1])
    expect(of(t => t.a.except([2]))).toEqual([null, NaN, 1])
    expect(of(t => t.a.overlaps(lit([null], 'float64?[]')))).toBe(false)
    expect(of(t => t.a.itemMax())).toBe(NaN)
    expect(of(t => t.a.itemMin())).toBe(1)
    expect(of(t => t.a.eq(t.a))).toBe(true)
  })

  test('texts, bools, lists of lists, two lists', () => {
    expect(on('utf8?[]', t => t.a.join('-'), [['a', null, '😀'], []])).toEqual(['a-😀', ''])
    expect(on('bool?[]', t => t.a.itemAny(), [[true, null], [false], [null]])).toEqual([true, false, null])
    expect(on('bool?[]', t => t.a.itemAll(), [[true, null], [true, false], []])).toEqual([true, false, null])
    expect(on('bool[]', t => t.a.get(0).not(), [[true], [false]])).toEqual([false, true])
    expect(on('bool[]', t => t.a.contains(t.b), [[true], [true]], [true, false], 'bool')).toEqual([true, false])
    expect(on('int32[]?[]', t => t.a.flatten(), [[[1], null, [], [2, 3]]])).toEqual([[1, 2, 3]])
    expect(on('int32[][]', t => t.a.distinct(), [[[1], [2], [1]]])).toEqual([[[1], [2]]])
    expect(on('int32[]', t => t.a.zip(t.b), [[1, 2]], [['x']], 'utf8[]')).toEqual([
      [
        { first: 1, second: 'x' },
        { first: 2, second: null },
      ],
    ])
  })

  test('what leaves the type fails and names the expression', () => {
    expect(() => on('int64[]', t => t.a.itemSum(), [[2 ** 53 - 1, 1]])).toThrow('t.a.itemSum(): int64 overflow')
    expect(on('int64[]', t => t.a.itemSum(), [[2 ** 53 - 1, 1, -1]])).toEqual([2 ** 53 - 1])
    expect(() => on('int32[]', t => t.a.mapItems((x: Any) => x.add(1)), [[2 ** 31 - 1]])).toThrow('int32 overflow')
    expect(() => on('int32', t => range(0, 5, t.a), [0])).toThrow('a step of 0')
  })

  test('lists of columns and ranges', () => {
    expect(on('int32?', t => list(t.a, 7), [1, null])).toEqual([
      [1, 7],
      [null, 7],
    ])
    expect(on('int32?', t => range(0, t.a), [3, 0, -1, null])).toEqual([[0, 1, 2], [], [], null])
    expect(on('int32', t => range(t.a, 0, -2), [5])).toEqual([[5, 3, 1]])
  })

  test('refusals are sentences', () => {
    const refuse =
      (type: string, expr: (t: Any) => unknown): (() => unknown) =>
      () =>
        typed({ a: type, n: 'int32' } as Columns, expr)
    expect(refuse('int32', t => t.a.get(0))).toThrow('get takes a list, and "a" is int32')
    expect(refuse('int32[]', t => t.a.contains('x'))).toThrow('contains takes an item of the list')
    expect(refuse('int32[]', t => t.a.join(','))).toThrow('join takes a list of texts, and "a" is int32[]')
    expect(refuse('utf8[]', t => t.a.itemSum())).toThrow('itemSum takes a list of numbers, and "a" is utf8[]')
    expect(refuse('int32[]', t => t.a.gt(t.a))).toThrow('its values have no order')
    expect(refuse('int32[]', t => t.a.mapItems((x: Any) => x.add(t.n)))).toThrow('the item alone is known')
    expect(refuse('int32[]', t => t.a.filterItems((x: Any) => x.add(1)))).toThrow('filterItems takes a condition')
  })

  test('an expression over items prints as it is written', () => {
    expect(String(col('a').mapItems((x: Any) => x.mul(2)))).toBe('t.a.mapItems(x => x.mul(2))')
  })

  test('items are looked at inside a condition', () => {
    expect(
      on(
        'int32[]',
        t =>
          t.a
            .filterItems((x: Any) => x.gt(1))
            .size()
            .gt(0),
        [[1], [2]],
      ),
    ).toEqual([false, true])
  })
})

describe('structs and maps', () => {
  const columns = { s: { x: 'int32', y: 'utf8?' }, n: 'int32?' } as const
  const data = {
    s: [
      { x: 1, y: 'a' },
      { x: 2, y: null },
    ],
    n: [5, null],
  }

  test('a struct is made, changed and compared', () => {
    expect(values(columns, data, t => struct({ a: t.n, b: t.s.field('y'), c: true }))).toEqual([
      { a: 5, b: 'a', c: true },
      { a: null, b: null, c: true },
    ])
    expect(values(columns, data, t => t.s.withFields({ y: t.n, z: 'new' }))).toEqual([
      { x: 1, y: 5, z: 'new' },
      { x: 2, y: null, z: 'new' },
    ])
    expect(values(columns, data, t => t.s.eq(t.s))).toEqual([true, true])
    expect(values(columns, data, t => t.s.ne(t.s.withFields({ x: 1 })))).toEqual([false, true])
    expect(String(struct({ a: col('n') }))).toBe('struct({ a: t.n })')
  })

  test('a map gives what it has', () => {
    const maps = [
      new Map([
        ['a', 1],
        ['b', null],
      ]),
      new Map(),
      null,
    ]
    const of = (expr: (t: Any) => unknown): unknown[] => on('map(utf8,int32?)?', expr, maps)
    expect(of(t => t.a.get('a'))).toEqual([1, null, null])
    expect(of(t => t.a.hasKey('b'))).toEqual([true, false, null])
    expect(of(t => t.a.keys())).toEqual([['a', 'b'], [], null])
    expect(of(t => t.a.values())).toEqual([[1, null], [], null])
    expect(of(t => t.a.entries())).toEqual([
      [
        { key: 'a', value: 1 },
        { key: 'b', value: null },
      ],
      [],
      null,
    ])
    expect(of(t => t.a.size())).toEqual([2, 0, null])
    expect(of(t => mapOf(t.a.keys(), t.a.values()))).toEqual(maps)
    expect(() => on('utf8[]', t => mapOf(t.a, t.a), [['x', 'x']])).toThrow('its keys are null or come twice')
  })
})

describe('beside DuckDB', () => {
  let oracle: Oracle
  beforeAll(async () => {
    oracle = await Oracle.open()
  })
  afterAll(() => oracle.close())

  const maybe = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(of, { freq: 4 })
  const ints = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom(2 ** 31 - 1, -(2 ** 31)))
  const floats = fc.constantFrom(0, 1, -1, 0.5, 2.5, NaN, Infinity, -Infinity)
  const words = fc.constantFrom('', 'a', 'b', 'é', '😀', "it's", '\uffee')
  const listOf = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(of, { maxLength: 5 })
  const COLUMNS = {
    a: 'int32?[]?',
    b: 'int32?[]?',
    f: 'float64?[]?',
    s: 'utf8?[]?',
    x: 'bool?[]?',
    l: 'int32[]?[]?',
    p: 'decimal(9,2)?[]?',
    m: 'map(utf8,float64?)?',
    w: { i: 'int32?', t: 'utf8', d: 'float64[]' },
    i: 'int32?',
    j: 'int32',
    u: 'utf8?',
    v: 'float64?',
  } as const
  const row = fc.record({
    a: maybe(listOf(maybe(ints))),
    b: maybe(listOf(maybe(ints))),
    f: maybe(listOf(maybe(floats))),
    s: maybe(listOf(maybe(words))),
    x: maybe(listOf(maybe(fc.boolean()))),
    l: maybe(listOf(maybe(listOf(ints)))),
    p: maybe(listOf(maybe(fc.integer({ min: -999_999_999, max: 999_999_999 }).map(n => (n / 100).toFixed(2))))),
    m: maybe(
      fc.uniqueArray(fc.tuple(words, maybe(floats)), { selector: ([k]) => k, maxLength: 4 }).map(e => new Map(e)),
    ),
    w: fc.record({ i: maybe(ints), t: words, d: listOf(floats) }),
    i: maybe(fc.integer({ min: -6, max: 6 })),
    j: fc.integer({ min: -6, max: 6 }),
    u: maybe(words),
    v: maybe(floats),
  })
  const c = (name: string): Any => col(name)
  const plain: readonly Any[] = [
    ...['a', 'f', 's', 'x', 'l', 'p'].flatMap(name => [
      c(name).size(),
      c(name).get(c('i')),
      c(name).get(0),
      c(name).get(-1),
      ...[[-2], [1, 3], [2, 1], [0, -9], [-9, 2]].map(([from, to]) => c(name).slice(from!, to)),
      c(name).reverse(),
      c(name).concat(c(name)),
      c(name).eq(c(name).reverse()),
      c(name).ne(c(name).slice(0)),
      c(name).distinct(),
      c(name).fillNull(c(name).slice(0)),
      c(name).coalesce(c(name)),
      c(name).isNull(),
      when(c('j').gt(0)).then(c(name)).otherwise(null),
      list(c(name), c(name).reverse()),
      struct({ k: c(name), j: c('j') }),
      c(name).zip(c('a')),
    ]),
    ...['a', 'f', 's', 'x', 'p'].flatMap(name => [
      c(name).sort(),
      c(name).sort({ descending: true }),
      c(name).itemMin(),
      c(name).itemMax(),
      c(name).append(c(name).get(0)),
    ]),
    ...(
      [
        ['a', 'i'],
        ['f', 'v'],
        ['s', 'u'],
      ] as const
    ).flatMap(([name, item]) => [
      c(name).contains(c(item)),
      c(name).indexOf(c(item)),
      c(name).append(c(item)),
      c(name).append(null),
      list(c(item), c(name).get(0)),
    ]),
    c('a').concat(c('b'), [1, 2]),
    c('a').overlaps(c('b')),
    c('a').intersect(c('b')),
    c('a').except(c('b')),
    c('s').intersect(['a', '😀']),
    c('f').except([NaN, 1]),
    c('a').itemSum(),
    c('p').itemSum(),
    c('x').itemAny(),
    c('x').itemAll(),
    c('s').join(`'-`),
    c('l').flatten(),
    c('a').mapItems((x: Any) => x.mod(3).eq(1)),
    c('f').mapItems((x: Any) => x.div(2)),
    c('a').filterItems((x: Any) => x.gt(0)),
    c('s').filterItems((x: Any) => x.contains('a').or(x.isNull())),
    c('l').mapItems((x: Any) => x.size()),
    c('w').field('d').contains(c('v')),
    c('w').eq(c('w').withFields({ i: c('w').field('i') })),
    c('w').withFields({ t: c('i'), z: c('a') }),
    struct({ i: c('i'), w: c('w') }),
    range(0, c('i')),
    range(c('i'), c('j'), 2),
    range(c('i'), c('j'), -3),
    c('m').size(),
    c('m').get('a'),
    c('m').get(c('u')),
    c('m').hasKey(c('u')),
    c('m').keys(),
    c('m').values(),
    c('m').entries(),
    mapOf(c('m').keys(), c('m').values()),
  ]

  test('answers are equal on random rows', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 12 }), async rows => {
        const data = Object.fromEntries(
          Object.keys(COLUMNS).map(name => [name, rows.map(each => each[name as keyof typeof each])]),
        )
        const batch = batchOf(COLUMNS, data)
        await oracle.load(batch)
        const all = plain.map(expr => infer(nodeOf(expr), batch.schema, 'derive'))
        expect(all.filter(refused)).toEqual([])
        const ours = [true, false].map(code =>
          compileProject(all, batch.schema, code)(batch).map(column => valuesOf(column).map(unsigned)),
        )
        const theirs: Value[][] = []
        for (let from = 0; from < all.length; from += 20) {
          theirs.push(...(await oracle.ask(all.slice(from, from + 20), 'ORDER BY n')))
        }
        for (const [k, expr] of plain.entries()) {
          const named = (found: readonly Value[]): object => ({ expr: String(expr), found })
          expect(named(ours[0]![k]!)).toEqual(named(theirs[k]!.map(unsigned)))
          expect(named(ours[1]![k]!)).toEqual(named(ours[0]![k]!))
        }
      }),
      { numRuns: 20 },
    )
  }, 60_000)
})
