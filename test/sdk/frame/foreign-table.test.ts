import * as aq from 'arquero'
import { expect, test } from 'vitest'
import { read } from 'millrace'

const rows = [
  { s: 'a', i: 1, f: 0.5, b: true, at: new Date(0), big: 2n ** 60n },
  { s: null, i: null, f: NaN, b: null, at: null, big: null },
]

test('a table goes to Arquero and back', async () => {
  const table = await read.rows(rows).collect()
  const there = table.toArquero(aq)
  expect(there.numRows()).toBe(2)
  expect(there.objects()).toEqual(rows)
  const back = read.arquero(there)
  expect(back.schema).toEqual({ s: 'utf8?', i: 'int64?', f: 'float64', b: 'bool?', at: 'timestamp?', big: 'bigint?' })
  expect((await back.collect()).rows()).toEqual(rows)
})

test('an Arquero table is read as it is in view', async () => {
  const table = aq.table({ k: ['x', 'y', 'z'], v: [3, 1, 2] })
  const seen = table.filter('d => d.v > 1').orderby('v')
  expect((await read.arquero(seen).collect()).rows()).toEqual([
    { k: 'z', v: 2 },
    { k: 'x', v: 3 },
  ])
  const declared = read.arquero(table, { schema: { v: 'float64' } })
  expect(declared.schema).toEqual({ v: 'float64' })
  expect(read.arquero(aq.table({ k: [] })).schema).toEqual({ k: 'utf8?' })
})

test('Arquero takes the Arrow form of a table', async () => {
  const table = await read
    .rows([
      { s: 'a', i: 1 },
      { s: null, i: 2 },
    ])
    .collect()
  const there = aq.fromArrow(table.toArrow() as never)
  expect(there.objects()).toEqual([
    { s: 'a', i: 1 },
    { s: null, i: 2 },
  ])
})

test('what is no table is refused with a sentence', async () => {
  const table = await read.rows([{ i: 1 }]).collect()
  expect(() => table.toArquero({} as never)).toThrow(/toArquero takes Arquero itself/)
  expect(() => table.toDanfo(null as never)).toThrow(/toDanfo takes danfo itself/)
  expect(() => read.arquero([] as never)).toThrow(/read.arquero takes a table of Arquero/)
  expect(() => read.danfo({} as never)).toThrow(/read.danfo takes a frame of danfo/)
  expect(() => read.arrowTable({} as never)).toThrow(/this is no Arrow table/)
})
