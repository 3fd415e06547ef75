/** The package is cheap to import: what is heavy is loaded where it is used. */
import type { Bench, Side } from './harness/bench.ts'

const importing =
  (name: string): Side =>
  () =>
  async () => {
    await import(name)
  }

export const bench: Bench = {
  name: 'start',
  cases: ['millrace', 'millrace/ml', 'millrace/plot'].map(name => ({
    name: `import ${name}`,
    metric: 'cpu s',
    floor: 1,
    warmups: 0,
    ours: importing(name),
    rival: { limit: 0.25 },
  })),
}
