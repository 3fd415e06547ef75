import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, test } from 'vitest'
import { notebookToHtml } from '../../kernel/notebook/html/page.ts'
import { read } from 'millrace'
import type { Bundle } from '../../kernel/display/bundle.ts'
import type { Cell, CodeCell, Notebook, Output } from '../../kernel/notebook/model.ts'

let count = 0

const markdown = (source: string): Cell => ({
  kind: 'markdown',
  id: `m${++count}`,
  source,
  metadata: {},
  attachments: null,
})

const code = (source: string, ...outputs: Output[]): CodeCell => {
  const at = new Date(Date.UTC(2026, 0, 1, 0, 0, ++count)).toISOString()
  const execution = { 'iopub.status.busy': at, 'iopub.status.idle': at.replace('.000', '.700') }
  return { kind: 'code', id: `c${count}`, source, metadata: { execution }, executionCount: count, outputs }
}

const shown = (data: Bundle): Output => ({ kind: 'display', data, metadata: {} })

const figure = (text: string): Output =>
  shown({
    'text/plain': 'a figure',
    'application/vnd.plotly.v1+json': {
      data: [
        { type: 'scatter', mode: 'lines', x: [1, 2, 3, 4], y: [2, 6, 3, 5], name: '</script><b>first</b>' },
        { type: 'bar', x: [1, 2, 3, 4], y: [1, 2, 2, 1], name: 'second' },
      ],
      layout: {
        title: { text },
        paper_bgcolor: 'rgba(0,0,0,0)',
        font: { color: '#7a7a7a' },
        template: { layout: { paper_bgcolor: 'white', colorway: ['#0072B2', '#E69F00'] } },
      },
    },
  })

const TABLE = `<style>td { color: rgb(10, 120, 60) } .cell { display: none }</style>
<table><thead><tr><th>origin</th><th>delay</th></tr></thead><tbody><tr><td id="m1">Zürich</td><td>12.5</td></tr>
<tr><td>Oslo</td><td>7.25</td></tr></tbody></table>`

/** A table of ours, longer and wider than what is shown of it. */
const ours = async (): Promise<Bundle> => {
  const schema = { n: 'int32', delay: 'float64?', city: 'utf8?' } as const
  const wide = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`c${i}`, 'int32' as const]))
  const rows = Array.from({ length: 400 }, (_, n) => ({
    n,
    delay: n % 7 === 0 ? null : Math.sin(n) * 60,
    city: ['Zürich', 'Oslo', '<b>Rome</b>', null][n % 4],
    ...Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`c${i}`, n * i])),
  }))
  const table = await read.rows(rows, { schema: { ...schema, ...wide } }).collect()
  const display: unknown = Reflect.get(table, Symbol.for('Jupyter.display'))
  return (display as (this: typeof table) => Bundle).call(table)
}

const notebook: Notebook = {
  metadata: {},
  cells: [
    markdown(
      '# Delays by airport\n\nA page with **every kind** of output, and `code`.\n\n| rule | value |\n|-|-:|\n| a | 1 |\n\n```ts\nconst x: number = 1 // a comment\n```\n\n![remote](https://example.com/x.png)',
    ),
    markdown('## Tables\n\n<script>document.title = "markdown ran"</script>'),
    code(
      "import { read } from 'millrace'\nconst text = `</script><!--`\nfor (const row of rows) console.log(row.delay)",
      { kind: 'stream', name: 'stdout', text: 'one\ntwo </pre><script>document.title = "stream ran"</script>\n' },
      { kind: 'stream', name: 'stderr', text: '10 %\r50 %\rdone\nDeprecationWarning: an old name\n' },
      shown({ 'text/html': TABLE, 'text/plain': 'Table' }),
    ),
    code('flights', shown(await ours())),
    markdown('## Figures'),
    code('line(daily)', figure('Mean delay <i>per day</i>')),
    code('bar(daily)', figure('Again')),
    code('long', {
      kind: 'stream',
      name: 'stdout',
      text: Array.from({ length: 200 }, (_, i) => `line ${i} ${'wide '.repeat(i === 3 ? 60 : 1)}`).join('\n'),
    }),
    code(
      'more',
      shown({ 'image/svg+xml': '<svg width="80" height="40"><circle cx="20" cy="20" r="15" fill="teal"/></svg>' }),
      shown({ 'text/markdown': '*markdown* output' }),
      shown({ 'application/json': { a: [1, 2], b: '</script>' } }),
      shown({ 'text/latex': '$x^2$' }),
      shown({ 'text/plain': '\u001b[32mok\u001b[39m 42' }),
    ),
    markdown('### Failure'),
    code('boom()', {
      kind: 'error',
      ename: 'Error',
      evalue: 'no <such> airport',
      traceback: [
        '\u001b[31mError\u001b[0m: no <such> airport',
        'cell 9, line 1:',
        '> 1 | boom()',
        '    | \u001b[1m^\u001b[0m',
      ],
    }),
  ],
}

const folder = mkdtempSync(join(tmpdir(), 'millrace-html-'))
const address = pathToFileURL(join(folder, 'page.html')).href
let browser: Browser
let context: BrowserContext
let page: Page
let faults: string[]
let requests: string[]

beforeAll(async () => {
  writeFileSync(join(folder, 'page.html'), notebookToHtml(notebook, { name: 'page', folder }))
  browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  })
})

afterAll(async () => {
  await browser?.close()
  rmSync(folder, { recursive: true })
})

const open = async (colorScheme: 'light' | 'dark'): Promise<void> => {
  faults = []
  requests = []
  context = await browser.newContext({ colorScheme, viewport: { width: 1280, height: 900 } })
  page = await context.newPage()
  page.on('console', message => ['error', 'warning'].includes(message.type()) && faults.push(message.text()))
  page.on('pageerror', error => faults.push(error.message))
  page.on('request', request => requests.push(request.url()))
  await page.goto(address)
  await page.waitForSelector('html[data-drawn]')
}

const colors = (): Promise<{ page: string; figure: string }> =>
  page.evaluate(() => ({
    page: getComputedStyle(document.body).backgroundColor,
    figure: getComputedStyle(document.querySelector('.figure .gtitle')!).fill,
  }))

const screenshot = async (name: string): Promise<void> => {
  const target = process.env['SCREENSHOTS']
  if (target !== undefined) await page.screenshot({ path: join(target, `${name}.png`), fullPage: true })
}

describe.each(['light', 'dark'] as const)('the page on a %s system', scheme => {
  beforeEach(() => open(scheme))
  afterEach(() => context.close())

  test('draws every figure, asks the network for nothing and reports no error', async () => {
    await screenshot(scheme)
    expect(await page.getAttribute('html', 'data-drawn')).toBe('2')
    expect(await page.locator('.figure .main-svg .scatterlayer .trace').count()).toBe(2)
    for (const plot of await page.locator('.figure .cartesianlayer .plot').all()) {
      const box = await plot.boundingBox()
      expect(box?.width).toBeGreaterThan(600)
      expect(box?.height).toBeGreaterThan(200)
    }
    expect(requests).toEqual([address])
    expect(faults).toEqual([])
  })

  test('takes colours for itself and its figures from the system, and the button turns them', async () => {
    const light = { page: 'rgb(255, 255, 255)', figure: 'rgb(28, 33, 40)' }
    const dark = { page: 'rgb(22, 24, 29)', figure: 'rgb(223, 227, 234)' }
    expect(await colors()).toEqual(scheme === 'light' ? light : dark)
    await page.click('#theme')
    const turned = scheme === 'light' ? dark : light
    await expect.poll(colors).toEqual(turned)
    await screenshot(`${scheme}-turned`)
    expect(faults).toEqual([])
  })
})

describe('the page', () => {
  beforeEach(() => open('light'))
  afterEach(() => context.close())

  test('runs no text of the notebook as a script', async () => {
    expect(await page.title()).toBe('Delays by airport')
    expect(await page.locator('.stream').first().textContent()).toContain('<script>document.title = "stream ran"')
    expect(await page.locator('.figure .legendtext').first().textContent()).not.toContain('<script')
  })

  test('keeps the styles and ids of an output to that output', async () => {
    const table = page.locator('.html td').first()
    expect(await table.evaluate(cell => getComputedStyle(cell).color)).toBe('rgb(10, 120, 60)')
    expect(await page.locator('main td').first().isVisible()).toBe(true)
    expect(await page.locator('.cell').first().isVisible()).toBe(true)
  })

  test('sorts the rows of a table of ours by a click on a heading, nulls last, and back', async () => {
    const box = page.locator('.html').nth(1)
    await screenshot('table')
    const cells = (column: number): Promise<string[]> => box.locator(`tbody td:nth-child(${column})`).allTextContents()
    const given = await cells(1)
    expect([given.length, given[40], given[41]]).toEqual([51, '…', '390'])
    const sorted = async (heading: string, column: number): Promise<string[]> => {
      await box.locator('th', { hasText: heading }).click()
      return cells(column)
    }
    const up = await sorted('delay', 2)
    const numbers = up.filter(text => text !== 'null').map(Number)
    expect(up.length).toBe(50)
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b))
    expect(up.slice(numbers.length).every(text => text === 'null')).toBe(true)
    await screenshot('table-sorted')
    const down = await sorted('delay', 2)
    expect(down.slice(0, numbers.length).map(Number)).toEqual([...numbers].reverse())
    expect(down.at(-1)).toBe('null')
    expect(await box.locator('th[aria-sort="descending"]').count()).toBe(1)
    expect((await sorted('city', 3)).filter((text, i, all) => text !== all[i - 1])).toEqual([
      '<b>Rome</b>',
      'Oslo',
      'Zürich',
      'null',
    ])
    await box.locator('th', { hasText: 'n' }).first().focus()
    await page.keyboard.press('Enter')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Enter')
    expect(await cells(1)).toEqual(given)
    expect(faults).toEqual([])
  })

  test('scrolls wide and long output inside itself, at any width', async () => {
    for (const width of [1600, 1280, 400]) {
      await page.setViewportSize({ width, height: 800 })
      const overflow = (): Promise<number> =>
        page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
      await expect.poll(overflow).toBe(0)
      await screenshot(`width-${width}`)
    }
    const height = await page
      .locator('.stream')
      .last()
      .evaluate(box => box.clientHeight)
    expect(height).toBeLessThan(500)
  })

  test('leads from the banner and the contents to their places', async () => {
    await page.click('.banner a')
    expect(new URL(page.url()).hash).toMatch(/^#cell-c/)
    expect(await page.locator('section.failed').count()).toBe(1)
    await page.click('nav a >> text=Figures')
    expect(new URL(page.url()).hash).toBe('#figures')
    expect(await page.locator('#figures').count()).toBe(1)
  })

  test('prints in light colours', async () => {
    await page.emulateMedia({ colorScheme: 'dark' })
    await page.evaluate(() => window.dispatchEvent(new Event('beforeprint')))
    await expect.poll(async () => (await colors()).figure).toBe('rgb(28, 33, 40)')
    await page.evaluate(() => window.dispatchEvent(new Event('afterprint')))
    await expect.poll(async () => (await colors()).figure).toBe('rgb(223, 227, 234)')
  })
})
