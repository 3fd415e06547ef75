import { expect, test } from 'vitest'
import { Outputs } from '../../../kernel/notebook/outputs.ts'
import type { Output } from '../../../kernel/notebook/model.ts'
import type { CellEvent } from '../../../kernel/session/contract.ts'

type Event = CellEvent extends infer E ? (E extends CellEvent ? Omit<E, 'cell'> : never) : never

const out = (text: string): Event => ({ kind: 'stream', name: 'stdout', text })
const err = (text: string): Event => ({ kind: 'stream', name: 'stderr', text })
const show = (text: string, id?: string): Event => ({
  kind: 'display',
  data: { 'text/plain': text },
  metadata: {},
  ...(id === undefined ? {} : { id }),
})
const update = (text: string, id: string): Event => ({ ...show(text, id), kind: 'update' }) as Event
const clear = (wait: boolean): Event => ({ kind: 'clear', wait })

const short = (output: Output): string => {
  if (output.kind === 'stream') return `${output.name}: ${output.text}`
  if (output.kind === 'error') return `${output.ename}: ${output.evalue}`
  return `${output.kind}: ${String(output.data['text/plain'])}`
}

/** What stands in cells a and b after the events, written `cell:event`. */
const fold = (...events: [cell: string, event: Event][]): { a: string[]; b: string[] } => {
  const outputs = new Outputs()
  outputs.open('a', 1)
  outputs.open('b', 2)
  for (const [cell, event] of events) outputs.apply({ ...event, cell })
  return { a: outputs.of('a').map(short), b: outputs.of('b').map(short) }
}

test('text of one stream is joined until something else comes between', () => {
  const { a } = fold(['a', out('1 ')], ['b', out('x')], ['a', out('2\n')], ['a', err('e')], ['a', out('3')])
  expect(a).toEqual(['stdout: 1 2\n', 'stderr: e', 'stdout: 3'])
})

test('an update changes every place of its display id, in all cells, and adds none', () => {
  const { a, b } = fold(['a', show('old', 'd')], ['b', show('old', 'd')], ['b', show('own')], ['b', update('new', 'd')])
  expect(a).toEqual(['display: new'])
  expect(b).toEqual(['display: new', 'display: own'])
})

test('showing a display id again adds a place and changes those before it', () => {
  const { a, b } = fold(['a', show('old', 'd')], ['b', show('new', 'd')])
  expect([a, b]).toEqual([['display: new'], ['display: new']])
})

test('an update of an unknown display id changes nothing', () => {
  expect(fold(['a', show('one', 'd')], ['a', update('new', 'other')]).a).toEqual(['display: one'])
})

test('a clear empties its cell at once, or with the next output where it waits', () => {
  expect(fold(['a', out('1')], ['a', clear(false)])).toEqual({ a: [], b: [] })
  expect(fold(['a', out('1')], ['a', clear(true)]).a).toEqual(['stdout: 1'])
  expect(fold(['a', out('1')], ['b', out('x')], ['a', clear(true)], ['a', out('2')])).toEqual({
    a: ['stdout: 2'],
    b: ['stdout: x'],
  })
})

test('an update does not end a clear that waits', () => {
  const { a } = fold(['a', show('1', 'd')], ['a', clear(true)], ['a', update('2', 'd')])
  expect(a).toEqual(['display: 2'])
})

test('a result carries the count of its cell', () => {
  const outputs = new Outputs()
  outputs.open('a', 7)
  outputs.apply({ kind: 'result', cell: 'a', data: { 'text/plain': '42' }, metadata: {} })
  expect(outputs.of('a')).toEqual([{ kind: 'result', data: { 'text/plain': '42' }, metadata: {}, executionCount: 7 }])
})

test('an error that comes after its cell has ended stands in that cell', () => {
  const error: Event = { kind: 'error', error: { ename: 'E', evalue: 'late', traceback: [] }, background: true }
  expect(fold(['b', out('x')], ['a', error])).toEqual({ a: ['E: late'], b: ['stdout: x'] })
})

test('output of an unknown cell goes to the cell opened last', () => {
  expect(fold(['gone', out('x')])).toEqual({ a: [], b: ['stdout: x'] })
})

test('opening a cell again empties it', () => {
  const outputs = new Outputs()
  outputs.open('a', 1)
  outputs.apply({ kind: 'stream', cell: 'a', name: 'stdout', text: 'x' })
  outputs.open('a', 2)
  expect(outputs.of('a')).toEqual([])
})
