import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, test } from 'vitest'
import { notebookToHtml } from '../../kernel/notebook/html/page.ts'
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
