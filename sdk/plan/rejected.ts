import { Schema } from '../data/schema.ts'

/** The columns of `frame.rejected`: where a bad row stood, what was found, and why it was refused. */
export const REJECTED: Schema = Schema.of({
  source: 'utf8',
  line: 'int64?',
  column: 'utf8?',
  value: 'utf8?',
  reason: 'utf8',
  row: 'utf8?',
})
