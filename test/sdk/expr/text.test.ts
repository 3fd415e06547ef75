/** Functions of text, bytes, patterns, JSON and hashes: literal values, and DuckDB on random ones. */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { columnOf } from '../../../sdk/data/builder.ts'
import { Batch } from '../../../sdk/data/batch.ts'
import { Schema } from '../../../sdk/data/schema.ts'
import { scalar } from '../../../sdk/data/type.ts'
import { compileProject } from '../../../sdk/engine/vector/project.ts'
import { col, hash, nodeOf } from '../../../sdk/expr/column.ts'
import { infer } from '../../../sdk/expr/infer.ts'
import { toRe2 } from '../../../sdk/expr/re2.ts'
import { toSql } from '../../../sdk/expr/sql.ts'
import { agreesWithDuckDB, Oracle } from './oracle.ts'
import { typed, values } from './table.ts'

// eslint-disable-next-line typescript/no-explicit-any -- each case names its own columns
type Any = any

const on = (expr: (t: Any) => unknown, a: unknown[], b?: unknown[], type = 'utf8?'): unknown[] =>
  values(
    (b === undefined ? { a: type } : { a: type, b: type }) as Any,
    (b === undefined ? { a } : { a, b }) as Any,
    expr,
  )

describe('text', () => {
  test('is trimmed of white space or of a set of characters', () => {
    expect(on(t => t.a.trimStart(), [' \u3000a ', '', null])).toEqual(['a ', '', null])
    expect(on(t => t.a.trimEnd(), [' a\n '])).toEqual([' a'])
    expect(on(t => t.a.trim('😀x'), ['x😀a😀x', 'x', 'a'])).toEqual(['a', '', 'a'])
    expect(on(t => t.a.trimEnd(''), ['a '])).toEqual(['a '])
  })

  test('is filled and repeated by code points', () => {
    expect(on(t => t.a.padStart(3, '😀b'), ['', 'x', '😀', 'long', null])).toEqual([
      '😀b😀',
      '😀bx',
      '😀b😀',
      'long',
      null,
    ])
    expect(on(t => t.a.padEnd(3), ['x'])).toEqual(['x  '])
    expect(on(t => t.a.repeat(0), ['x'])).toEqual([''])
    expect(() => on(t => t.a.padEnd(3, ''), [])).toThrow('its fill is empty')
    expect(() => on(t => t.a.repeat(1.5), [])).toThrow('a whole number of times')
    expect(() => on(t => t.a.repeat(2 ** 28), ['ab'])).toThrow('is too long')
  })

  test('is taken apart', () => {
    expect(on(t => t.a.split(','), ['a,,b', '', ',', null])).toEqual([['a', '', 'b'], [''], ['', ''], null])
    expect(on(t => t.a.split(''), ['a😀'])).toEqual([['a', '😀']])
    expect(on(t => t.a.splitPart('-', 1), ['a-b', 'a', null])).toEqual(['b', null, null])
    expect(on(t => t.a.splitPart('-', -1), ['a-b', 'a'])).toEqual(['b', 'a'])
    expect(on(t => t.a.indexOf(t.b), ['x😀y', 'x', '', 'a'], ['y', 'z', '', null])).toEqual([2, -1, 0, null])
    expect(on(t => t.a.reverse(), ['a😀b', 'abc', ''])).toEqual(['b😀a', 'cba', ''])
    expect(on(t => t.a.codePoint(), ['A', '😀', '', null])).toEqual([65, 0x1f600, null, null])
  })

  test('is changed', () => {
    expect(on(t => t.a.replaceFirst('a', '$&'), ['aa', 'b'])).toEqual(['$&a', 'b'])
    expect(on(t => t.a.replaceFirst('', 'x'), ['aa'])).toEqual(['aa'])
    expect(on(t => t.a.capitalize(), ['ÉTÉ', '', 'ßa'])).toEqual(['Été', '', 'SSa'])
    expect(on(t => t.a.titleCase(), ["o'neill MC-donald 3rd", ''])).toEqual(["O'neill Mc-Donald 3Rd", ''])
    expect(on(t => t.a.normalize('NFKC'), ['ﬁ'])).toEqual(['fi'])
    expect(() => on(t => t.a.normalize('NFX'), [])).toThrow('is no form of Unicode')
  })

  test('like has two wildcards', () => {
    const words = ['abc', 'a😀c', 'a.c', 'ab\nc', '', '%']
    expect(on(t => t.a.like('a_c'), words)).toEqual([true, true, true, false, false, false])
    expect(on(t => t.a.like('a%c'), words)).toEqual([true, true, true, true, false, false])
    expect(on(t => t.a.like('%.%'), words)).toEqual([false, false, true, false, false, false])
    expect(on(t => t.a.like('%'), words)).toEqual([true, true, true, true, true, true])
    expect(on(t => t.a.like(''), words)).toEqual([false, false, false, false, true, false])
  })

  test('refusals say what was found', () => {
    expect(() => typed({ a: 'int32' }, (t: Any) => t.a.reverse())).toThrow('reverse takes text, and "a" is int32')
    expect(() => typed({ a: 'utf8', n: 'int32' }, (t: Any) => t.a.levenshtein(t.n))).toThrow('and "n" is int32')
  })
})

describe('patterns', () => {
  test('find, take out, count, replace and divide', () => {
    const words = ['B12 and C7', 'none', '', null]
    expect(on(t => t.a.matches(/\d/), words)).toEqual([true, false, false, null])
    expect(on(t => t.a.extract(/[A-Z]\d+/), words)).toEqual(['B12', null, null, null])
    expect(on(t => t.a.extract(/(?<pier>[A-Z])(\d+)/, 2), words)).toEqual(['12', null, null, null])
    expect(on(t => t.a.extract(/(?<pier>[A-Z])(\d+)/, 'pier'), words)).toEqual(['B', null, null, null])
    expect(on(t => t.a.extract(/(x)?B/, 1), words)).toEqual([null, null, null, null])
    expect(on(t => t.a.extractAll(/[A-Z]\d+/g), words)).toEqual([['B12', 'C7'], [], [], null])
    expect(on(t => t.a.extractAll(/([BX])?(\d)/, 1), words)).toEqual([['B', null, null], [], [], null])
    expect(on(t => t.a.countMatches(/\d/), words)).toEqual([3, 0, 0, null])
    expect(on(t => t.a.replaceMatches(/(?<n>\d)\d*/, '<$<n>$1$&$$>'), words)).toEqual([
      'B<1112$> and C<777$>',
      'none',
      '',
      null,
    ])
    expect(on(t => t.a.splitMatches(/\s*and\s*/), words)).toEqual([['B12', 'C7'], ['none'], [''], null])
    expect(on(t => t.a.splitMatches(/x*/), ['axb'])).toEqual([['a', 'b']])
  })

  test('are read by code points where they can be, with the flags i, m and s', () => {
    expect(on(t => t.a.matches(/^.$/), ['😀'])).toEqual([true])
    expect(on(t => t.a.matches(/^a$/i), ['A'])).toEqual([true])
    expect(on(t => t.a.countMatches(/^./m), ['a\nb'])).toEqual([2])
    expect(on(t => t.a.matches(/a.b/s), ['a\nb'])).toEqual([true])
    expect(on(t => t.a.matches(new RegExp('^\\-$')), ['-'])).toEqual([true])
  })

  test('refusals name the pattern', () => {
    expect(() => on(t => t.a.extract(/a(b)/, 2), [])).toThrow(
      't.a.extract(/a(b)/, 2): there is no group 2; the pattern has one group',
    )
    expect(() => on(t => t.a.extract(/a/, 'x'), [])).toThrow(`there is no group 'x'; the pattern has no group`)
    expect(() => on(t => t.a.matches('a'), [])).toThrow('takes a regular expression such as')
    expect(() => on(t => t.a.matches(/a/y), [])).toThrow('the flag y has no meaning here')
  })

  test('go to DuckDB where RE2 reads them alike', () => {
    const source = (re: RegExp): unknown => toRe2(re.source, re.flags)
    expect(source(/^a\/b$/)).toEqual({ source: '^a\\x{2f}b$', empty: false, anchored: true, loose: false })
    expect(source(/(a|b)+x?/i)).toMatchObject({ source: '(?i:(a|b)+x?)', loose: true })
    expect(source(/[^\d\]-]*/)).toMatchObject({ source: '[^\\d\\x{5d}\\x{2d}]*', empty: true })
    expect(source(/(?=a)/)).toEqual({ refused: 'RE2 does not look around' })
    expect(source(/(?<!a)b/)).toEqual({ refused: 'RE2 does not look around' })
    expect(source(/(a)\1/)).toMatchObject({ refused: expect.stringContaining('\\1') as string })
    expect(source(/\p{L}/u)).toMatchObject({ refused: expect.stringContaining('\\p') as string })
    expect(source(/(a*)*/)).toMatchObject({ refused: expect.stringContaining('may be empty') as string })
    expect(source(/^a/m)).toMatchObject({ refused: expect.stringContaining('flag m') as string })
    expect(source(/a{1001}/)).toMatchObject({ refused: expect.stringContaining('1000') as string })
  })
})

describe('distances', () => {
  test('count code points', () => {
    expect(on(t => t.a.levenshtein(t.b), ['kitten', '', '😀', 'a'], ['sitting', 'ab', 'x', null])).toEqual([
      3,
      2,
      1,
      null,
    ])
    expect(on(t => t.a.hamming(t.b), ['karolin', '😀', 'a', 'a'], ['kathrin', 'x', 'ab', null])).toEqual([
      3,
      1,
      null,
      null,
    ])
    expect(on(t => t.a.jaccard(t.b), ['ab', '', '😀a'], ['bc', '', '😀'])).toEqual([1 / 3, 1, 0.5])
    expect(on(t => t.a.jaroWinkler(t.b), ['', 'a', '😀'], ['', 'b', '😀'])).toEqual([1, 0, 1])
  })
})

describe('bytes', () => {
  test('come from text and go to it', () => {
    expect(on(t => t.a.toBytes().toHex(), ['é😀', '', null])).toEqual(['c3a9f09f9880', '', null])
    expect(on(t => t.a.toBytes().toText(), ['é😀', ''])).toEqual(['é😀', ''])
    expect(on(t => t.a.fromHex().tryToText(), ['c3a9', 'c3', null])).toEqual(['é', null, null])
    expect(on(t => t.a.tryFromHex().toHex(), ['FF', 'f', 'zz', ''])).toEqual(['ff', null, null, ''])
    expect(on(t => t.a.tryFromBase64().toText(), ['aGk=', 'aGk', 'a_k=', ''])).toEqual(['hi', null, null, ''])
    expect(on(t => t.a.toBytes().toBase64(), ['hi'])).toEqual(['aGk='])
    expect(on(t => t.a.byteLength(), ['é😀', ''])).toEqual([6, 0])
    expect(on(t => t.a.toBytes().length(), ['é😀'])).toEqual([6])
    expect(on(t => t.a.toBytes().slice(1, -1).toText(), ['abcd'])).toEqual(['bc'])
    expect(on(t => t.a.toBytes().concat(t.b.toBytes()).toText(), ['ab', 'a'], ['c', null])).toEqual(['abc', null])
    expect(on(t => t.a.toBytes().eq(t.b.toBytes()), ['ab', 'a'], ['ab', 'b'])).toEqual([true, false])
  })

  test('what is malformed fails with the value and a way out', () => {
    expect(() => on(t => t.a.fromHex(), ['ab', 'abc'])).toThrow(
      't.a.fromHex(): "abc" is no hexadecimal text of whole bytes; tryFromHex gives null for such.',
    )
    expect(() => on(t => t.a.fromBase64(), ['%'])).toThrow('"%" is no Base64 with its padding')
    expect(() => on(t => t.a.fromHex().toText(), ['ff'])).toThrow('the bytes ff are no UTF-8; tryToText gives null')
  })
})

describe('JSON', () => {
  const texts = ['{"user":{"ids":[1,2.5],"first name":"x"},"at":"2001-04-01T00:00:00Z","none":null}', '[]', null]
  test('is reached by paths, in a type', () => {
    expect(on(t => t.a.json('$.user.ids[0]', 'int64'), texts)).toEqual([1, null, null])
    expect(on(t => t.a.json('$.user.ids[-1]', 'float64'), texts)).toEqual([2.5, null, null])
    expect(on(t => t.a.json('$.user["first name"]', 'utf8'), texts)).toEqual(['x', null, null])
    expect(on(t => t.a.json(`$['user'].ids`, 'float64[]'), texts)).toEqual([[1, 2.5], null, null])
    expect(on(t => t.a.json('$.at', 'timestamp'), texts)).toEqual(['2001-04-01T00:00:00Z', null, null])
    expect(on(t => t.a.json('$.none', 'bool'), texts)).toEqual([null, null, null])
    expect(on(t => t.a.json('$', 'bool'), ['true', 'false'])).toEqual([true, false])
    expect(on(t => t.a.json('$.constructor', 'utf8'), ['{}'])).toEqual([null])
    expect(on(t => t.a.jsonText('$.user'), texts)).toEqual(['{"ids":[1,2.5],"first name":"x"}', null, null])
    expect(on(t => t.a.jsonKeys(), texts)).toEqual([['user', 'at', 'none'], null, null])
    expect(on(t => t.a.jsonSize('$.user.ids'), texts)).toEqual([2, null, null])
    expect(on(t => t.a.jsonSize(), texts)).toEqual([3, 0, null])
    expect(on(t => t.a.jsonType('$.none'), texts)).toEqual(['null', null, null])
    expect(on(t => t.a.jsonType(), texts)).toEqual(['object', 'array', null])
  })

  test('never gives a wrong number', () => {
    expect(() => on(t => t.a.json('$', 'int64'), ['9007199254740993'])).toThrow('is no int64; tryJson gives null')
    expect(() => on(t => t.a.json('$', 'int32'), ['1.5'])).toThrow('"1.5" is no int32')
    expect(() => on(t => t.a.json('$', 'decimal(18,2)'), ['1234567890123456.78'])).toThrow('is no decimal(18,2)')
    expect(on(t => t.a.json('$', 'decimal(18,2)'), ['"1234567890123456.78"'])).toEqual(['1234567890123456.78'])
    expect(on(t => t.a.tryJson('$', 'int32'), ['1.5', '{', '7'])).toEqual([null, null, 7])
  })

  test('refusals and errors say what is wrong', () => {
    expect(() => on(t => t.a.json('$', 'int32'), ['{'])).toThrow("t.a.json('$', 'int32'): \"{\" is no JSON; tryJson")
    expect(() => on(t => t.a.json('user', 'int32'), [])).toThrow(`'user' is no path`)
    expect(() => on(t => t.a.json('$', 'int32?'), [])).toThrow('always nullable')
    expect(() => on(t => t.a.json('$', 'binary'), [])).toThrow('JSON has no values of binary')
  })
})

describe('hash', () => {
  test('is MurmurHash3 of the bytes', () => {
    // mmh3.hash('hello', 0, signed=False) is 613153351, with the seed 1 it is 3142237357.
    expect(on(t => t.a.hash(), ['hello'])).toEqual([613_153_351 * 2 ** 21 + Math.floor(3_142_237_357 / 2 ** 11)])
    expect(on(t => t.a.hash(), ['', null])).toEqual([Math.floor(0x514e28b7 / 2 ** 11), 0])
  })

  test('is one for equal values of any number type, and ever another', () => {
    const of = (type: string, value: unknown): unknown => on(t => t.a.hash(), [value], undefined, type)[0]
    expect(new Set([of('int32', -5), of('int64', -5), of('bigint', -5n)]).size).toBe(1)
    expect(of('float64', -0)).toBe(of('float64', 0))
    expect(of('float32', 0.5)).toBe(of('float64', 0.5))
    expect(of('bool', true)).not.toBe(of('bool', false))
    const many = on(
      t => t.a.hash(),
      Array.from({ length: 5000 }, (_, i) => `key ${i}`),
    )
    expect(new Set(many).size).toBe(5000)
    expect(many.filter(h => (h as number) % 2 === 0).length / 5000).toBeCloseTo(0.5, 1)
  })

  test('of several values tells where one ends', () => {
    const found = values({ a: 'utf8?', b: 'utf8?' }, { a: ['ab', 'a', null, ''], b: ['c', 'bc', '', null] }, t =>
      hash(t.a, t.b),
    )
    expect(new Set(found).size).toBe(4)
  })
})

let oracle: Oracle
beforeAll(async () => {
  oracle = await Oracle.open()
})
afterAll(() => oracle.close())

const word = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    'a',
    'ab',
    'aab',
    'É',
    'e\u0301',
    '😀',
    '😀a😀',
    '\u3000x\t',
    "it's",
    'a,b',
    'a--b-',
    '%_',
    '\\d',
    'B12',
  ),
  fc.string({
    maxLength: 6,
    unit: fc.constantFrom('a', 'b', 'A', 'K', '1', '😀', 'é', '-', ',', ' ', '\n', '\u2028', 'ſ', '\u0301', '.', 'µ'),
  }),
)

const TEXTS: readonly Any[] = [
  col('a').trim(), col('a').trimStart(), col('a').trimEnd(), col('a').trim('ab😀'), col('a').trimStart('a'), col('a').trimEnd('-b'), col('a').trim(''),
  col('a').padStart(4, 'x😀'), col('a').padEnd(4), col('a').repeat(3), col('a').reverse(),
  col('a').indexOf(col('b')), col('a').indexOf('b'), col('a').split(','), col('a').split(''), col('a').split('--'),
  col('a').splitPart('-', 0), col('a').splitPart('-', 1), col('a').splitPart('-', -1), col('a').splitPart(',', -2),
  col('a').replaceFirst('a', "'$&"), col('a').replaceFirst('😀', ''), col('a').normalize(), col('a').codePoint(),
  col('a').like('a%'), col('a').like('%b_'), col('a').like('_'), col('a').like('%\\%'), col('a').like('%a%'),
  col('a').byteLength(), col('a').md5(), col('a').sha256(), col('a').toBytes().toHex(), col('a').toBytes().toBase64(),
  col('a').toBytes().length(), col('a').toBytes().slice(1), col('a').toBytes().slice(1, 3), col('a').toBytes().slice(3, 2),
  col('a').toBytes().concat(col('b').toBytes()).toText(), col('a').toBytes().tryToText(), col('a').toBytes().md5(),
  col('a').toBytes().slice(0, 1).tryToText(), col('a').toBytes().eq(col('b').toBytes()), col('a').toBytes().toBase64().fromBase64(),
] // prettier-ignore

test('text and bytes are those of DuckDB', async () => {
  const pair = fc.tuple(fc.option(word, { freq: 6 }), word)
  await fc.assert(
    fc.asyncProperty(fc.array(pair, { minLength: 20, maxLength: 30 }), async pairs => {
      const data = { a: pairs.map(([a]) => a), b: pairs.map(([, b]) => b) }
      await agreesWithDuckDB(oracle, { a: 'utf8?', b: 'utf8' }, data, TEXTS)
    }),
    { numRuns: 15 },
  )
})

const PATTERNS = [
  /a/, /^a/, /b$/, /./, /^.$/, /.{2,3}/s, /[^a]/, /[a-c1-9]+/, /\d+/, /\w+/, /\W/, /\D+/, /\s/, /[\s,]+/, /\bb/, /a\B/, /A/i, /k/i, /[a-z]+/i, /é/i, /s/i, /µ/i,
  /(a)(b)?/, /(?<x>a)-/, /(a|b)+/, /(?:a|b)-/, /a*?b/, /a?/, /x*/, /a|b/, /\//, /\./, /[.\-\]]/u, /\u{1F600}/u, /\x61/, /$^/, /\n/, /a{2}/, /[^\s]/,
] // prettier-ignore

test('patterns that RE2 reads alike give what they give in DuckDB', async () => {
  const exprs = PATTERNS.flatMap(re => {
    const t = col('a')
    const group = new RegExp(`${re.source}|`).exec('')!.length - 1
    return [
      t.matches(re),
      t.extract(re),
      t.extract(re, group),
      t.extractAll(re),
      t.extractAll(re, group),
      t.countMatches(re),
      t.splitMatches(re),
      t.replaceMatches(re, '<$&\\>'),
      ...(group > 0 ? [t.replaceMatches(re, '$$$1')] : []),
    ] as Any[]
  })
  let compared = 0
  await fc.assert(
    fc.asyncProperty(fc.array(word, { minLength: 30, maxLength: 40 }), async a => {
      compared += await agreesWithDuckDB(oracle, { a: 'utf8' }, { a }, exprs)
    }),
    { numRuns: 6 },
  )
  expect(compared).toBeGreaterThan(1000)
})

test('distances are those of DuckDB on ASCII', async () => {
  const ascii = fc.string({ maxLength: 8, unit: fc.constantFrom('a', 'b', 'c', 'd') })
  const pairs = fc.sample(fc.tuple(ascii, ascii), { numRuns: 300, seed: 1 })
  const data = { a: pairs.map(([a]) => a), b: pairs.map(([, b]) => b) }
  const ours = (expr: (t: Any) => unknown): unknown[] => values({ a: 'utf8', b: 'utf8' }, data, expr)
  await oracle.load(
    new Batch(Schema.of({ a: 'utf8', b: 'utf8' }), pairs.length, [
      columnOf(scalar('utf8'), data.a),
      columnOf(scalar('utf8'), data.b),
    ]),
  )
  const theirs = async (sql: string): Promise<unknown[]> =>
    (await oracle.sql(`SELECT ${sql} FROM t ORDER BY n`)).map(Number)
  expect(ours(t => t.a.levenshtein(t.b))).toEqual(await theirs('levenshtein(a, b)'))
  expect(ours(t => t.a.hamming(t.b).fillNull(-1))).toEqual(
    await theirs('CASE WHEN length(a) <> length(b) THEN -1 WHEN a = b THEN 0 ELSE hamming(a, b) END'),
  )
  const near = (x: unknown[], y: unknown[]): void => {
    for (const [i, value] of x.entries()) expect(value, pairs[i]!.join()).toBeCloseTo(y[i] as number, 12)
  }
  near(
    ours(t => t.a.jaroWinkler(t.b)),
    await theirs(`CASE WHEN a = '' AND b = '' THEN 1 ELSE jaro_winkler_similarity(a, b) END`),
  )
  near(
    ours(t => t.a.jaccard(t.b)),
    await theirs(`CASE WHEN a = '' OR b = '' THEN (a = b)::INT ELSE jaccard(a, b) END`),
  )
})

test('what DuckDB would answer otherwise is refused with the reason', () => {
  const refusal = (expr: Any): unknown => {
    const found = toSql(infer(nodeOf(expr), Schema.of({ a: 'utf8' }), 'derive'), 'duckdb')
    return 'refused' in found ? found.refused : found.sql
  }
  expect(refusal(col('a').levenshtein('b'))).toBe(`t.a.levenshtein('b'): DuckDB counts bytes, the engine code points`)
  expect(refusal(col('a').matches(/(?=a)/))).toBe('t.a.matches(/(?=a)/): RE2 does not look around')
  expect(refusal(col('a').countMatches(/a*/))).toContain('after an empty match')
  expect(refusal(col('a').matches(new RegExp('\\-')))).toContain('not read by code points')
})

test('a text of a dictionary is computed once for each entry', () => {
  const strings = ['a1', 'b22', 'c', 'x']
  const codes = Int32Array.from({ length: 40 }, (_, i) => i % 3)
  const batch = new Batch(Schema.of({ a: 'utf8' }), 40, [
    { layout: 'text', type: scalar('utf8'), length: 40, valid: null, strings, codes },
  ])
  const expr = infer(nodeOf(col('a').extract(/\d+/)), batch.schema, 'derive')
  const [out] = compileProject([expr], batch.schema)(batch)
  expect(out!.layout === 'text' && out!.strings.length).toBeLessThanOrEqual(5)
})
