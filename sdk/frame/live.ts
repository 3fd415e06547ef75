import type { Bundle, Host } from './host.ts'
import { progressLine, type Query } from './query.ts'
import { escapeHtml } from './show.ts'
import type { View } from './view.ts'

/**
 * Keeps what a cell shows of a running query up to date: each view by itself, or a small status where there is nothing
 * else to see. Updates are at most four a second, one at a time, and the last state stays. Rejects with what made the
 * query or a view fail.
 */
export async function showQuery(query: Query, host: Host): Promise<void> {
  const cell = query.cell!
  const views = query.opened.flatMap(part => part.view ?? [])
  const shown = views.length === 0 ? [statusOf(query)] : views
  const ids = new Map<View, string>()
  const put = (view: View, bundle: Bundle): void => {
    const id = ids.get(view)
    if (id === undefined) ids.set(view, host.display(bundle, { cell }))
    else host.update(id, bundle)
  }
  const draw = async (last: boolean): Promise<void> => {
    for (const view of shown) {
      const bundle = last ? await view.final(query.progress()) : await view.bundle(query.progress())
      if (bundle !== null) put(view, bundle)
    }
  }
  let ended = false
  const end = query.done.finally(() => (ended = true))
  const settled = end.then(
    () => undefined,
    () => undefined,
  )
  try {
    while (!ended) {
      await draw(false)
      await Promise.race([pause(250), settled])
    }
    await draw(true)
  } catch (error) {
    await query.stop() // what is not seen need not run
    await end // a failure of the query itself comes first
    throw error
  }
  await end
}

function pause(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms).unref())
}

/** A table of a few lines: name, state, rows, late rows, watermark. */
function statusOf(query: Query): View {
  let last = ''
  const bundle = (): Bundle => {
    const progress = query.progress()
    const text = `${query.name}: ${progress.state}, ${progressLine(progress)}, ${progress.rowsOut} rows out`
    return { 'text/plain': text, 'text/html': `<code>${escapeHtml(text)}</code>` }
  }
  return {
    bundle() {
      const now = bundle()
      if (now['text/plain'] === last) return null
      last = String(now['text/plain'])
      return now
    },
    final: bundle,
  }
}
