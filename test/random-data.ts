/**
 * How tests draw random data. The seed is the same in every run, so that a change is judged by its own faults;
 * `MILLRACE_SEED=random` draws a new one, which a failure prints, and `MILLRACE_SEED=N` repeats it. Arrays and texts are
 * as long as a test allows: by itself fast-check stops at ten items, whatever `maxLength`.
 */
import fc from 'fast-check'

const asked = process.env['MILLRACE_SEED'] ?? '20260101'

fc.configureGlobal({
  defaultSizeToMaxWhenMaxSpecified: true,
  ...(asked === 'random' ? {} : { seed: Number(asked) }),
})
