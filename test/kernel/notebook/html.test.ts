import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Bundle } from '../../../kernel/display/bundle.ts'
import { ansiToHtml } from '../../../kernel/notebook/html/ansi.ts'
import { scriptJson, scriptText } from '../../../kernel/notebook/html/escape.ts'
import { Markdown } from '../../../kernel/notebook/html/markdown.ts'
import { outputToHtml, richest } from '../../../kernel/notebook/html/output.ts'
import { notebookToHtml } from '../../../kernel/notebook/html/page.ts'
import type { Cell, Output } from '../../../kernel/notebook/model.ts'

const markdownCell = (source: string): Cell => ({ kind: 'markdown', id: 'm', source, metadata: {}, attachments: null })

const codeCell = (source: string, outputs: readonly Output[] = [], metadata: object = {}): Cell => ({
  kind: 'code',
  id: 'c',
  source,
  metadata: { ...metadata },
  executionCount: 4,
  outputs,
})

const page = (...cells: Cell[]): string => notebookToHtml({ metadata: {}, cells }, { name: 'in', folder: '.' })
const body = (...cells: Cell[]): string => page(...cells).replace(/<(style|script)>.*?<\/\1>/gs, '')
const output = (data: Bundle): string => outputToHtml({ kind: 'display', data, metadata: {} }, new Markdown('.'))

const FIGURE = { 'application/vnd.plotly.v1+json': { data: [{ name: '</script><img src=x>' }] }, 'text/plain': 'f' }

describe('escaping', () => {
  test('JSON in a script element holds no tag and stays the same value', () => {
    const value = { a: '</script><!--', b: '\u2028&' }
    expect(scriptJson(value)).not.toContain('<')
    expect(JSON.parse(scriptJson(value))).toEqual(value)
  })

  test('a script text cannot end its element', () => {
    expect(scriptText('"</script>" + "<!--"')).toBe('"<\\/script>" + "<\\!--"')
  })

  test('sources, streams, errors, markdown, raw cells and titles are text', () => {
    const evil = '</title></script><script>alert(1)</script>'
    const html = body(
      markdownCell(`# ${evil}`),
      { kind: 'raw', id: '"><b>', source: evil, metadata: {}, attachments: null },
      codeCell(evil, [
        { kind: 'stream', name: 'stdout', text: evil },
        { kind: 'error', ename: evil, evalue: evil, traceback: [evil] },
        { kind: 'display', data: { 'text/plain': evil }, metadata: {} },
        { kind: 'display', data: { 'text/markdown': evil }, metadata: {} },
        { kind: 'display', data: { 'text/latex': evil }, metadata: {} },
        { kind: 'display', data: { 'application/json': evil }, metadata: {} },
        { kind: 'display', data: { [evil]: evil }, metadata: {} },
        { kind: 'display', data: { 'image/png': `"${evil}` }, metadata: {} },
      ]),
    )
    expect(html).not.toContain('<script>alert')
    expect(html).not.toContain('"><b>')
  })

  test('markup of an author stays in its shadow root', () => {
    expect(output({ 'text/html': '<b>x</b>' })).toBe(
      '<div class="html"><template shadowrootmode="open"><b>x</b></template></div>',
    )
    expect(output({ 'text/html': '</template><b>x</b>' })).toBe(
      '<pre tabindex="0">&lt;/template&gt;&lt;b&gt;x&lt;/b&gt;</pre>',
    )
    expect(output({ 'image/svg+xml': '<?xml version="1.0"?>\n<!DOCTYPE svg PUBLIC "a" "b">\n<svg/>' })).toContain(
      '<template shadowrootmode="open">\n\n<svg/></template>',
    )
  })
})

test('of a bundle the richest type that can be drawn is taken', () => {
  const order = [
    'application/vnd.plotly.v1+json',
    'text/html',
    'image/svg+xml',
    'image/png',
    'text/markdown',
    'text/latex',
    'application/json',
    'text/plain',
  ]
  for (let i = 0; i < order.length; i++) {
    const rest = order.slice(i).reverse()
    expect(richest(Object.fromEntries(rest.map(mime => [mime, 'x'])))).toBe(order[i])
  }
  expect(richest({ 'application/x-own': 1 })).toBe(null)
})

describe('the page', () => {
  test('holds plotly.js once, and only when something is a figure', () => {
    const count = (html: string): number => html.split('plotly.js v').length - 1
    const figure: Output = { kind: 'display', data: FIGURE, metadata: {} }
    expect(count(page(codeCell('a', [figure, figure]), codeCell('b', [figure])))).toBe(1)
    expect(count(page(codeCell('a')))).toBe(0)
  })

  test('has a table of contents from three headings on', () => {
    const headings = (n: number): Cell => markdownCell('## A `b`\n\n'.repeat(n))
    expect(body(headings(2))).not.toContain('<nav')
    expect(body(headings(3))).toContain(
      '<li class="level-0"><a href="#a-b">A b</a></li><li class="level-0"><a href="#a-b-2">A b</a></li><li class="level-0"><a href="#a-b-3">A b</a></li>',
    )
  })

  test('marks the failing cell and says so on top, unless it was to fail', () => {
    const error: Output = { kind: 'error', ename: 'RangeError', evalue: 'too far\nby 3', traceback: [] }
    const failed = body(codeCell('a', [error]))
    expect(failed).toContain('<a href="#cell-c">Cell 4 failed</a>: RangeError: too far</p>')
    expect(failed).toContain('class="cell code failed"')
    const expected = body(codeCell('a', [error], { tags: ['raises-exception'] }))
    expect(expected).not.toContain('failed')
    expect(expected).toContain('RangeError: too far')
  })

  test('shows how long a cell took', () => {
    const execution = {
      'iopub.status.busy': '2026-01-01T00:00:00.000Z',
      'iopub.status.idle': '2026-01-01T00:01:05.000Z',
    }
    expect(body(codeCell('a', [], { execution }))).toContain('<span class="count">1 min 5 s · [4]</span>')
    expect(body(codeCell('a', [], { execution }))).toContain('1 cell executed in 1 min 5 s, 2026-01-01 00:00 UTC')
  })

  test('hides sources and cells that are tagged so', () => {
    expect(body(codeCell('secret', [], { tags: ['remove-cell'] }))).not.toContain('secret')
    expect(body(codeCell('folded', [], { tags: ['hide-input'] }))).toContain('<details><summary>Code</summary>')
  })
})

describe('pictures in markdown', () => {
  test('are put into the page from the folder and from attachments, and linked from the network', () => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-pictures-'))
    writeFileSync(join(folder, 'a b.png'), 'png')
    const markdown = new Markdown(folder)
    expect(markdown.render('![x](a%20b.png)')).toBe('<p><img src="data:image/png;base64,cG5n" alt="x"></p>\n')
    expect(markdown.render('![x](attachment:p.png)', { 'p.png': { 'image/png': 'iV\nBO' } })).toBe(
      '<p><img src="data:image/png;base64,iVBO" alt="x"></p>\n',
    )
    expect(markdown.render('![](https://a.example/x.png)')).toBe(
      '<p><a href="https://a.example/x.png">https://a.example/x.png</a></p>\n',
    )
    expect(markdown.render('![none](none.png)')).toBe('<p><em>none (not found)</em></p>\n')
    rmSync(folder, { recursive: true })
  })
})

describe('terminal text', () => {
  test('keeps colours and weights as spans', () => {
    expect(ansiToHtml('a\u001b[1;31mred\u001b[0m <b> \u001b[38;5;196mx\u001b[39m\u001b[48;2;1;2;3my')).toBe(
      'a<span class="ansi-bold" style="color:var(--ansi-1)">red</span> &lt;b&gt; ' +
        '<span style="color:rgb(255,0,0)">x</span><span style="background:rgb(1,2,3)">y</span>',
    )
  })

  test('drops what moves the cursor or sets a title', () => {
    expect(ansiToHtml('\u001b]0;title\u0007a\u001b[2K\u001b[1Gb\u001b[?25l')).toBe('ab')
  })

  test('is overwritten by carriage returns and backspaces', () => {
    expect(ansiToHtml('10 %\r100\ndone\b\b!\r\nx')).toBe('100%\ndo!\nx')
  })
})
