/** Query 7: the highest bid of each ten seconds. Of equal ones it gives the first. */
import { tumble } from 'millrace'
import type { Query } from './site.ts'

const WINDOW = `time_bucket(interval '10 seconds', dateTime, timestamp '1970-01-01')`

export const windows: readonly Query[] = [
  {
    name: 'q7',
    of: ({ bids }) =>
      bids.window(tumble('10 seconds')).aggregate(t => ({
        price: t.price.max(),
        auction: t.auction.argMax(t.price),
        bidder: t.bidder.argMax(t.price),
      })),
    sql: `select ${WINDOW} windowStart, ${WINDOW} + interval '10 seconds' windowEnd, max(price) price,
  arg_max(auction, price) auction, arg_max(bidder, price) bidder from bids group by all`,
  },
]
