/** Queries 18 and 19: the last bid of each bidder on each auction, and the ten highest bids on each auction. */
import type { Query } from './site.ts'

const ranked = (keys: string, by: string, most: number): string =>
  `from bids qualify row_number() over (partition by ${keys} order by ${by}) <= ${most}`

export const firstRows: readonly Query[] = [
  {
    name: 'q18',
    of: ({ bids }) => bids.groupBy('bidder', 'auction').top(1, t => t.dateTime.desc()),
    sql: ranked('bidder, auction', 'dateTime desc', 1),
  },
  {
    name: 'q19',
    of: ({ bids }) => bids.groupBy('auction').top(10, t => t.price.desc(), 'dateTime'),
    sql: ranked('auction', 'price desc, dateTime', 10),
  },
]
