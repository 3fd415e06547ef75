import { expect, test } from 'vitest'
import { count, tumble } from 'millrace'
import { line } from 'millrace/plot'
import { rows } from '../../../sdk/connector/rows.ts'
import { Frame } from '../../../sdk/frame/frame.ts'
import * as plan from '../../../sdk/plan/build.ts'
import { inNotebook } from '../frame/notebook.ts'

const schema = { at: 'timestamp', km: 'int32' } as const

test('two plots of one replay are one pass, and both are drawn to their end', async () => {
  await inNotebook(async notebook => {
    let opens = 0
    const source = rows(
      Array.from({ length: 48 }, (_, i) => ({ at: new Date(i * 1_800_000), km: i })),
      { schema },
    )
    const history = new Frame<typeof schema, 'batch'>(
      plan.read({
        ...source,
        open: request => {
          opens++
          return source.open(request)
        },
      }),
    )
    const hourly = history
      .watermark('at', '0 seconds')
      .replay({ disorder: '10 minutes', seed: 1 })
      .window(tumble('1 hour'))
      .aggregate(t => ({ trips: count(), km: t.km.sum() }))
    const end = await line(hourly, { x: 'windowStart', y: 'km' })
      .and(line(hourly, { x: 'windowStart', y: 'trips' }))
      .run()
    expect([opens, end.rowsIn, end.rowsOut]).toEqual([1, 48, 48])
    const last = [...notebook.shown.values()].map(bundles => String(bundles.at(-1)!['text/plain']).split('\n')[0])
    expect(last).toEqual(['line · km by window start · 24 rows', 'line · trips by window start · 24 rows'])
  })
})
