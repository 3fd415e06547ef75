/** Queries 15, 16 and 17: statistics of each day, by channel and by auction, kept up to date with each bid. */
import { count, when, type Cols } from 'millrace'
import type { Query, Site } from './site.ts'

type Bids = Site['bids']['schema']

/** Counts of bids in three ranges of prices, and of the different bidders and auctions in each. */
const ranges = (t: Cols<Bids>) => {
  const low = t.price.lt(10_000)
  const middle = t.price.ge(10_000).and(t.price.lt(1_000_000))
  const high = t.price.ge(1_000_000)
  return {
    total_bids: count(),
    rank1_bids: low.countTrue(),
    rank2_bids: middle.countTrue(),
    rank3_bids: high.countTrue(),
    total_bidders: t.bidder.countDistinct(),
    rank1_bidders: when(low).then(t.bidder).otherwise(null).countDistinct(),
    rank2_bidders: when(middle).then(t.bidder).otherwise(null).countDistinct(),
    rank3_bidders: when(high).then(t.bidder).otherwise(null).countDistinct(),
    total_auctions: t.auction.countDistinct(),
    rank1_auctions: when(low).then(t.auction).otherwise(null).countDistinct(),
    rank2_auctions: when(middle).then(t.auction).otherwise(null).countDistinct(),
    rank3_auctions: when(high).then(t.auction).otherwise(null).countDistinct(),
  }
}

const BIDS_SQL = `count(*) total_bids,
  count(*) filter (price < 10000) rank1_bids,
  count(*) filter (price >= 10000 and price < 1000000) rank2_bids,
  count(*) filter (price >= 1000000) rank3_bids`

const RANGES_SQL = `${BIDS_SQL}, ${['bidder', 'auction']
  .map(
    id => `count(distinct ${id}) total_${id}s,
  count(distinct ${id}) filter (price < 10000) rank1_${id}s,
  count(distinct ${id}) filter (price >= 10000 and price < 1000000) rank2_${id}s,
  count(distinct ${id}) filter (price >= 1000000) rank3_${id}s`,
  )
  .join(', ')}`

export const byDay: readonly Query[] = [
  {
    name: 'q15',
    of: ({ bids }) => bids.groupBy(t => ({ day: t.dateTime.date() })).aggregate(ranges),
    sql: `select dateTime::date "day", ${RANGES_SQL} from bids group by all`,
  },
  {
    name: 'q16',
    of: ({ bids }) =>
      bids
        .groupBy('channel', t => ({ day: t.dateTime.date() }))
        .aggregate(t => ({ minute: t.dateTime.truncate('minute').max(), ...ranges(t) })),
    sql: `select channel, dateTime::date "day", max(date_trunc('minute', dateTime)) "minute", ${RANGES_SQL} from bids group by all`,
  },
  {
    name: 'q17',
    of: ({ bids }) =>
      bids
        .groupBy('auction', t => ({ day: t.dateTime.date() }))
        .aggregate(t => ({
          total_bids: count(),
          rank1_bids: t.price.lt(10_000).countTrue(),
          rank2_bids: t.price.ge(10_000).and(t.price.lt(1_000_000)).countTrue(),
          rank3_bids: t.price.ge(1_000_000).countTrue(),
          min_price: t.price.min(),
          max_price: t.price.max(),
          avg_price: t.price.mean(),
          sum_price: t.price.sum(),
        })),
    sql: `select auction, dateTime::date "day", ${BIDS_SQL},
  min(price) min_price, max(price) max_price, avg(price) avg_price, sum(price) sum_price from bids group by all`,
  },
]
