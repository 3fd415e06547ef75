import type { Bundle, Host } from './host.ts'
import { statusLine, type Query } from './query.ts'
import { escapeHtml } from './show.ts'
import type { View } from './view.ts'

/**
 * Keeps what a cell shows of a running query up to date: each view by itself, or a small status where there is nothing
 * else to see. Rejects with what made the query or a view fail.
 */
export async function showQuery(query: Query, host: Host): Promise<void> {
  const views = query.opened.flatMap(part => part.view ?? [])
  try {
    await keepShown(views.length === 0 ? [statusOf(query)] : views, query, host, query.cell!)
  } catch (error) {
    await query.stop() // what is not seen need not run
    await query.done // a failure of the query itself comes first
    throw error
  }
  await query.done
}

/** Keeps the status of a query up to date in the cell that displays it, which need not be the one that started it. */
export async function showStatus(query: Query, host: Host): Promise<void> {
  await keepShown([statusOf(query)], query, host, host.cell())
}

/** Updates are at most four a second, one at a time, and the last state stays, also of a query that fails. */
async function keepShown(views: readonly View[], query: Query, host: Host, cell: string): Promise<void> {
  const ids = new Map<View, string>()
  const put = (view: View, bundle: Bundle): void => {
    const id = ids.get(view)
    if (id === undefined) ids.set(view, host.display(bundle, { cell }))
    else host.update(id, bundle)
  }
  const draw = async (last: boolean): Promise<void> => {
    for (const view of views) {
      const bundle = last ? await view.final(query.progress()) : await view.bundle(query.progress())
      if (bundle !== null) put(view, bundle)
    }
  }
  let ended = false
  const end = (): void => void (ended = true)
  const settled = query.done.then(end, end)
  while (!ended) {
    await draw(false)
    await Promise.race([pause(250), settled])
  }
  await draw(true)
}

function pause(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms).unref())
}

/** One line: name, state, rows, late rows, watermark. */
function statusOf(query: Query): View {
  let last = ''
  const final = (): Bundle => {
    last = statusLine(query)
    return { 'text/plain': last, 'text/html': `<code>${escapeHtml(last)}</code>` }
  }
  return { bundle: () => (statusLine(query) === last ? null : final()), final }
}
