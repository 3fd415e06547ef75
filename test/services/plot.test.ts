/** What a plot writes in a script, in a real browser: drawn, readable in light and dark, and without a network. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Output } from '../../sdk/frame/output.ts'
import { bar, figure, heatmap, histogram, line, scatter } from '../../sdk/plot/index.ts'
import { writePage } from '../../sdk/plot/page.ts'
import { draw, frameOf, type Drawn } from '../sdk/plot/draw.ts'

const flights = Array.from({ length: 480 }, (_, i) => ({
  at: new Date(Date.UTC(2001, 3, 1, i)),
  hour: i % 24,
  origin: ['ATL', '<img src="https://example.com/x.png">', 'SEA 🛩', ''][i % 4]!,
  delayMinutes: i % 50 === 0 ? null : 10 + 8 * Math.sin(i / 12) + (i % 4),
  flights: (i * 7919) % 1000,
}))
const frame = frameOf(
  { at: 'timestamp', hour: 'int32', origin: 'utf8', delayMinutes: 'float64?', flights: 'int64' },
  flights,
)

const plots: readonly Output[] = [
  line(frame, { x: 'at', y: 'delayMinutes', color: 'origin', title: '<i>Delays</i>' }),
  line(frame, { x: 'at', y: ['delayMinutes', 'flights'], hover: ['origin'] }),
  bar(frame, { x: 'origin', y: 'flights', color: 'hour', stacked: true }),
  scatter(frame, { x: 'hour', y: 'delayMinutes', color: 'delayMinutes', size: 'flights' }),
  scatter(frame, { x: 'at', y: 'delayMinutes', color: 'at' }),
  histogram(frame, { x: 'delayMinutes' }),
  histogram(frame, { x: 'at' }),
  heatmap(frame, { x: 'hour', y: 'origin', value: 'delayMinutes' }),
  line(frameOf({ t: 'int32', v: 'float64' }, []), { x: 't', y: 'v' }),
]

const folder = mkdtempSync(join(tmpdir(), 'millrace-plot-'))
let browser: Browser
let context: BrowserContext
let page: Page
let faults: string[]
let requests: string[]

beforeAll(async () => {
  const figures: Drawn[] = []
  for (const plot of plots) figures.push((await draw(plot)).figure)
  const pie = figure([{ type: 'pie', labels: ['late', 'on time'], values: [18, 82] }], { title: { text: 'Arrivals' } })
  await writePage(join(folder, 'page.html'), [...figures, pie], 'page')
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

describe.each(['light', 'dark'] as const)('the page of a script on a %s system', colorScheme => {
  beforeEach(async () => {
    faults = []
    requests = []
    context = await browser.newContext({ colorScheme, viewport: { width: 1000, height: 900 } })
    page = await context.newPage()
    page.on('console', message => ['error', 'warning'].includes(message.type()) && faults.push(message.text()))
    page.on('pageerror', error => faults.push(error.message))
    page.on('request', request => requests.push(request.url()))
    await page.goto(pathToFileURL(join(folder, 'page.html')).href)
    await page.waitForSelector('html[data-drawn]')
  })
  afterEach(() => context.close())

  test('draws every figure, asks the network for nothing and reports no error', async () => {
    const target = process.env['SCREENSHOTS']
    if (target !== undefined) await page.screenshot({ path: join(target, `plot-${colorScheme}.png`), fullPage: true })
    expect(await page.getAttribute('html', 'data-drawn')).toBe(String(plots.length + 1))
    const drawn = (selector: string): Promise<number> => page.locator(selector).count()
    expect(await drawn('#figure-0 .scatterlayer .trace')).toBe(4)
    expect(await drawn('#figure-2 .barlayer .trace')).toBe(24)
    expect(await drawn('#figure-3 .scatterlayer .point')).toBe(flights.filter(row => row.delayMinutes !== null).length)
    expect(await drawn('#figure-5 .barlayer .point')).toBeGreaterThan(10)
    expect(await drawn('#figure-7 .heatmaplayer image')).toBe(1)
    expect(await page.locator('#figure-8 .annotation-text').textContent()).toBe('no rows')
    expect(await drawn('#figure-9 .pielayer .slice')).toBe(2)
    expect(requests.filter(url => !url.startsWith('file:') && !/^(data|blob):/.test(url))).toEqual([])
    expect(faults).toEqual([])
  })

  test('titles and axes take the ink of the theme', async () => {
    const fills = await page
      .locator('.gtitle, .xtitle, .ytick text')
      .evaluateAll(all => [...new Set(all.map(each => getComputedStyle(each).fill))])
    expect(fills).toEqual([colorScheme === 'light' ? 'rgb(36, 41, 47)' : 'rgb(215, 218, 224)'])
  })

  test('names stand as they are written', async () => {
    expect(await page.locator('#figure-0 .gtitle').textContent()).toBe('<i>Delays</i>')
    expect(await page.locator('#figure-0 .legendtext').allTextContents()).toEqual([
      '(empty)',
      '<img src="https://example.com/x.png">',
      'ATL',
      'SEA 🛩',
    ])
  })

  test('the pointer on a point says what it is', async () => {
    await page.locator('#figure-5 .barlayer .point').first().hover({ force: true })
    expect(await page.locator('#figure-5 .hoverlayer').textContent()).toMatch(/delay \(min\): \S+ – \S+rows: \d+/)
  })
})
