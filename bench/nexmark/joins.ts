/** Queries 3, 4, 8, 9 and 20: auctions with their sellers, their bids and the bid that won. */
import { tumble } from 'millrace'
import type { Answer, Query, Site } from './site.ts'

/** Auctions with the bids that came while they were open. */
const offers = ({ auctions, bids }: Site) =>
  auctions
    .join(bids, { on: { left: 'id', right: 'auction' } })
    .filter(t => t.dateTime_right.ge(t.dateTime).and(t.dateTime_right.le(t.expires)))

const OFFERS = 'from auctions a join bids b on a.id = b.auction and b.dateTime between a.dateTime and a.expires'

const WINDOW = (time: string): string => `time_bucket(interval '10 seconds', ${time}, timestamp '1970-01-01')`

export const joins: readonly Query[] = [
  {
    name: 'q3',
    of: ({ auctions, persons }) =>
      auctions
        .filter(t => t.category.eq(10))
        .join(
          persons.filter(t => t.state.isIn(['OR', 'ID', 'CA'])),
          { on: { left: 'seller', right: 'id' } },
        )
        .select('name', 'city', 'state', 'id'),
    sql: `select p.name, p.city, p.state, a.id from auctions a join persons p on a.seller = p.id
  where a.category = 10 and p.state in ('OR', 'ID', 'CA')`,
  },
  {
    name: 'q4',
    of: site =>
      offers(site)
        .groupBy('id', 'category')
        .aggregate(t => ({ final: t.price.max() }))
        .groupBy('category')
        .aggregate(t => ({ final: t.final.mean() })),
    sql: `select category, avg(final) final from (select a.id, a.category, max(b.price) final ${OFFERS} group by all) group by all`,
  },
  {
    name: 'q8',
    of: ({ persons, auctions }): Answer =>
      persons
        .semiJoin(auctions, { on: { left: 'id', right: 'seller' }, window: tumble('10 seconds') })
        .select('id', 'name', 'dateTime'),
    sql: `select id, name, dateTime from persons p where exists (
  from auctions a where a.seller = p.id and ${WINDOW('a.dateTime')} = ${WINDOW('p.dateTime')})`,
  },
  {
    name: 'q9',
    of: site =>
      offers(site)
        .select('id', 'seller', 'category', 'bidder', 'price', 'dateTime_right')
        .groupBy('id')
        .top(1, t => t.price.desc(), 'dateTime_right'),
    sql: `select a.id, a.seller, a.category, b.bidder, b.price, b.dateTime dateTime_right ${OFFERS}
  qualify row_number() over (partition by a.id order by b.price desc, b.dateTime) = 1`,
  },
  {
    name: 'q20',
    of: ({ bids, auctions }) =>
      bids
        .join(
          auctions.filter(t => t.category.eq(10)),
          { on: { left: 'auction', right: 'id' } },
        )
        .select('auction', 'bidder', 'price', 'dateTime', 'itemName', 'seller', 'expires'),
    sql: `select b.auction, b.bidder, b.price, b.dateTime, a.itemName, a.seller, a.expires
  from bids b join auctions a on b.auction = a.id where a.category = 10`,
  },
]
