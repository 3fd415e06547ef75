/** Queries 0, 1 and 2: bids as they come, with prices in another currency, and those on some of the auctions. */
import type { Query } from './site.ts'

export const rowByRow: readonly Query[] = [
  {
    name: 'q0',
    of: ({ bids }) => bids.select('auction', 'bidder', 'price', 'dateTime', 'extra'),
    sql: 'select auction, bidder, price, dateTime, extra from bids',
  },
  {
    name: 'q1',
    of: ({ bids }) =>
      bids.derive(t => ({ price: t.price.mul(0.908) })).select('auction', 'bidder', 'price', 'dateTime', 'extra'),
    sql: 'select auction, bidder, 0.908::double * price price, dateTime, extra from bids',
  },
  {
    name: 'q2',
    of: ({ bids }) => bids.filter(t => t.auction.mod(123).eq(0)).select('auction', 'price'),
    sql: 'select auction, price from bids where auction % 123 = 0',
  },
]
