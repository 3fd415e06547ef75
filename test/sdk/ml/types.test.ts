/** What the editor knows of learning: each expected error below is one that a user sees while writing. */
import { read } from 'millrace'
import { KMeans, LogisticRegression, accuracy, oneHot, scaled } from 'millrace/ml'
import { expectTypeOf, test } from 'vitest'

const rows = [
  { distance: 1, hour: 1, origin: 'A', late: true, delay: 1, at: new Date(1) },
  { distance: 2, hour: 2, origin: 'B', late: false, delay: null, at: new Date(2) },
]
const flights = read.rows(rows, {
  schema: { distance: 'int32', hour: 'int32', origin: 'utf8', late: 'bool', delay: 'float64?', at: 'timestamp' },
})

test('a fitted model types what predict adds, under the name of as', async () => {
  const model = await new LogisticRegression().fit(flights, { features: ['hour', 'distance'], label: 'late' })
  const plain = flights.predict(model)
  expectTypeOf(plain.schema.prediction).toEqualTypeOf<'bool'>()
  expectTypeOf(plain.schema.probability).toEqualTypeOf<'float64'>()
  expectTypeOf(plain.schema.modelVersion).toEqualTypeOf<'int64'>()
  const frozen = flights.predict(model, { as: 'frozen' })
  expectTypeOf(frozen.schema.frozenProbability).toEqualTypeOf<'float64'>()
  expectTypeOf(model.needs).toEqualTypeOf<{ distance: 'int32'; hour: 'int32' }>()
  const clusters = await new KMeans({ k: 1 }).fit(flights, { features: t => [scaled(t.distance), oneHot(t.origin)] })
  expectTypeOf(flights.predict(clusters).schema.prediction).toEqualTypeOf<'int32'>()
})

test('live predictions have the columns of the stream and of the model', async () => {
  const model = await new LogisticRegression().fit(flights, { features: ['hour'], label: 'late' })
  const live = model.learn(flights.watermark('at', '1 second').replay())
  expectTypeOf(live.predictions.schema.origin).toEqualTypeOf<'utf8'>()
  expectTypeOf(live.predictions.schema.modelVersion).toEqualTypeOf<'int64'>()
  expectTypeOf(live.predictions.kind).toEqualTypeOf<'stream'>()
  expectTypeOf<ReturnType<typeof live.predictOne>['probability']>().toEqualTypeOf<number>()
})

/** Never called: what is refused here is refused by the compiler. */
export async function refused(): Promise<void> {
  const lr = new LogisticRegression()
  const model = await lr.fit(flights, { features: ['hour', 'distance'], label: 'late' })
  // @ts-expect-error the model needs column 'hour', which this frame lacks
  flights.drop('hour').predict(model)
  // @ts-expect-error there is no column 'distanc'
  await lr.fit(flights, { features: ['hour', 'distanc'], label: 'late' })
  // @ts-expect-error text needs oneHot
  await lr.fit(flights, { features: ['origin'], label: 'late' })
  // @ts-expect-error text needs oneHot
  await lr.fit(flights, { features: t => [t.hour, t.origin], label: 'late' })
  // @ts-expect-error there is no column 'orign'
  await lr.fit(flights, { features: t => [oneHot(t.orign)], label: 'late' })
  // @ts-expect-error a time is no number
  await lr.fit(flights, { features: t => [scaled(t.at)], label: 'late' })
  // @ts-expect-error an aggregate has no value for each row
  await lr.fit(flights, { features: t => [t.distance.mean()], label: 'late' })
  // @ts-expect-error the label must be bool
  await lr.fit(flights, { features: ['hour'], label: 'delay' })
  // @ts-expect-error a learnt step stands only among the features of a model
  flights.derive(t => ({ x: scaled(t.distance) }))
  // @ts-expect-error a batch has no order to learn in
  model.learn(flights)
  // @ts-expect-error the stream lacks the label
  model.learn(flights.watermark('at', '1 second').replay().drop('late'))
  // @ts-expect-error text against bool
  flights.predict(model).aggregate(t => ({ x: accuracy(t.prediction, t.origin) }))
}
