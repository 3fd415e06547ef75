/** The queries of the Nexmark benchmark that are written with our verbs, by name. */
import { byDay } from './by-day.ts'
import { firstRows } from './first-rows.ts'
import { joins } from './joins.ts'
import { rowByRow } from './row-by-row.ts'
import type { Query } from './site.ts'
import { windows } from './windows.ts'

export const queries: readonly Query[] = [...rowByRow, ...windows, ...joins, ...byDay, ...firstRows]
