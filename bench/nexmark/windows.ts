/**
 * Queries 5, 7 and 11: the auctions with the most bids of ten seconds, every two; the highest bid of each ten seconds, of
 * equal ones the first; and how many bids each bidder made without a pause of more than ten seconds.
 */
import { count, hop, session, tumble } from 'millrace'
import type { Query } from './site.ts'

const WINDOW = `time_bucket(interval '10 seconds', dateTime, timestamp '1970-01-01')`

/** A session goes on while at most ten seconds pass. */
const SESSIONS = `select bidder, dateTime, sum(begins) over (partition by bidder order by dateTime) visit from (
  select *, case when dateTime <= lag(dateTime) over (partition by bidder order by dateTime) + interval '10 seconds' then 0 else 1 end begins
  from bids)`

export const windows: readonly Query[] = [
  {
    name: 'q5',
    of: ({ bids }) => {
      const counts = bids
        .groupBy('auction')
        .window(hop('10 seconds', '2 seconds'))
        .aggregate(() => ({ num: count() }))
      // the counts of one window have one event time, which lies in the last two of its seconds
      const most = counts
        .window(tumble('2 seconds'))
        .aggregate(t => ({ most: t.num.max() }))
        .select('windowEnd', 'most')
      return counts
        .join(most, { on: 'windowEnd', within: '0 seconds' })
        .filter(t => t.num.eq(t.most))
        .select('auction', 'num', 'windowEnd')
    },
    sql: `with windows as (
  select auction, count(*) num, time_bucket(interval '2 seconds', dateTime, timestamp '1970-01-01') + interval (2 * n) seconds windowEnd
  from bids, range(1, 6) each(n) group by all)
  select auction, num, windowEnd from windows qualify num = max(num) over (partition by windowEnd)`,
  },
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
  {
    name: 'q11',
    of: ({ bids }) =>
      bids
        .groupBy('bidder')
        .window(session('10 seconds'))
        .aggregate(() => ({ bid_count: count() })),
    sql: `select bidder, min(dateTime) windowStart, max(dateTime) + interval '10 seconds' windowEnd, count(*) bid_count
  from (${SESSIONS}) group by bidder, visit`,
  },
]
