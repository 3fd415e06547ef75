/**
 * A notebook in memory: nbformat 4 with its spelling variants removed. Text is one string, every cell has an id that
 * is unique in the notebook, and outputs are a closed union. Values are never changed in place.
 */
import type { Bundle } from '../display/bundle.ts'

export type Metadata = { readonly [key: string]: unknown }

export interface Notebook {
  readonly metadata: Metadata
  readonly cells: readonly Cell[]
}

export type Cell = CodeCell | TextCell

export interface CodeCell {
  readonly kind: 'code'
  readonly id: string
  readonly source: string
  readonly metadata: Metadata
  readonly executionCount: number | null
  readonly outputs: readonly Output[]
}

export interface TextCell {
  readonly kind: 'markdown' | 'raw'
  readonly id: string
  readonly source: string
  readonly metadata: Metadata
  /** Pictures that belong to the cell, by name. */
  readonly attachments: { readonly [name: string]: Bundle } | null
}

export type Output =
  | { readonly kind: 'stream'; readonly name: 'stdout' | 'stderr'; readonly text: string }
  | { readonly kind: 'display'; readonly data: Bundle; readonly metadata: Metadata }
  | {
      readonly kind: 'result'
      readonly data: Bundle
      readonly metadata: Metadata
      readonly executionCount: number | null
    }
  | {
      readonly kind: 'error'
      readonly ename: string
      readonly evalue: string
      readonly traceback: readonly string[]
    }

export type TagName =
  'parameters' | 'injected-parameters' | 'raises-exception' | 'skip-execution' | 'hide-input' | 'remove-cell'

/** Whether the cell carries a tag in its metadata. */
export function hasTag(cell: Cell, tag: TagName): boolean {
  const { tags } = cell.metadata
  return Array.isArray(tags) && tags.includes(tag)
}

/** `wanted`, or `wanted-2`, `wanted-3`, … where it is taken. The id is added to `taken`. */
export function freeId(wanted: string, taken: Set<string>): string {
  let id = wanted
  for (let n = 2; taken.has(id); n++) id = `${wanted}-${n}`
  taken.add(id)
  return id
}
