import { columnOf } from '../data/builder.ts'
import { take, type Column } from '../data/column.ts'
import type { LeafValues } from './parquet-page.ts'
import type { Part } from './parquet-schema.ts'

/**
 * Puts columns together from the stored leaves and their definition and repetition levels, as the Dremel paper
 * describes, column by column: for each part of a type, `starts` says at which slot of a leaf each of its values begins.
 */
export function assemble(part: Part, leaves: ReadonlyMap<number, LeafValues>): Column {
  if (part.form === 'leaf') {
    const leaf = leaves.get(part.leaf.index)!
    if (leaf.repetitions === null && leaf.definitions === null) return leaf.values
  }
  const starts = new Map([...leaves].map(([index, leaf]) => [index, rowStarts(leaf)]))
  return build(part, leaves, starts)
}

type Starts = ReadonlyMap<number, Int32Array>

function rowStarts(leaf: LeafValues): Int32Array {
  const { slots, repetitions } = leaf
  const starts = new Int32Array(slots)
  let n = 0
  for (let i = 0; i < slots; i++) if (repetitions === null || repetitions[i] === 0) starts[n++] = i
  return starts.subarray(0, n)
}

function build(part: Part, leaves: ReadonlyMap<number, LeafValues>, starts: Starts): Column {
  const first = firstLeaf(part)
  const leaf = leaves.get(first)!
  const begins = starts.get(first)!
  const length = begins.length
  switch (part.form) {
    case 'leaf':
      return leafColumn(part, leaf, begins)
    case 'struct': {
      const children = part.parts.map(child => build(child, leaves, starts))
      return { layout: 'struct', type: part.type, length, valid: validity(part.level, leaf, begins), children }
    }
    case 'list':
    case 'map': {
      const inner = new Map<number, Int32Array>()
      let offsets = new Int32Array(1)
      for (const index of leafIndexes(part)) {
        const items = itemStarts(part.itemLevel, part.itemRepetition, leaves.get(index)!, starts.get(index)!)
        inner.set(index, items.starts)
        offsets = items.offsets
      }
      const rows = { type: part.type, length, valid: validity(part.level, leaf, begins), offsets }
      const [head, tail] = part.parts.map(child => build(child, leaves, inner))
      if (part.form === 'list') return { ...rows, layout: 'list', items: head! }
      return { ...rows, layout: 'map', keys: head!, items: tail! }
    }
  }
}

function firstLeaf(part: Part): number {
  return part.form === 'leaf' ? part.leaf.index : firstLeaf(part.parts[0]!)
}

/** The stored columns that a part is made of. */
export function leafIndexes(part: Part): number[] {
  return part.form === 'leaf' ? [part.leaf.index] : part.parts.flatMap(leafIndexes)
}

function validity(level: number, leaf: LeafValues, starts: Int32Array): Uint8Array | null {
  const { definitions } = leaf
  if (definitions === null) return null
  const valid = new Uint8Array(starts.length)
  let missing = 0
  for (let i = 0; i < starts.length; i++) {
    if (definitions[starts[i]!]! >= level) valid[i] = 1
    else missing++
  }
  return missing === 0 ? null : valid
}

function leafColumn(part: Part & { form: 'leaf' }, leaf: LeafValues, starts: Int32Array): Column {
  const { values, definitions, slots } = leaf
  const length = starts.length
  if (definitions === null && length === slots) return values
  if (values.length === 0) return columnOf(part.type, new Array<null>(length).fill(null))
  const rows = new Int32Array(length)
  for (let i = 0, slot = 0, value = -1; i < length; i++) {
    for (const start = starts[i]!; slot <= start; slot++) {
      if (definitions === null || definitions[slot] === part.leaf.definition) value++
    }
    rows[i] = Math.max(0, value) // where the value is missing, any will do
  }
  return { ...take(values, rows), valid: validity(part.level, leaf, starts) }
}

function itemStarts(
  level: number,
  repetition: number,
  leaf: LeafValues,
  starts: Int32Array,
): { starts: Int32Array; offsets: Int32Array<ArrayBuffer> } {
  const { definitions, repetitions, slots } = leaf
  const items = new Int32Array(slots)
  const offsets = new Int32Array(starts.length + 1)
  let n = 0
  for (let i = 0; i < starts.length; i++) {
    let slot = starts[i]!
    if (definitions === null || definitions[slot]! >= level) {
      items[n++] = slot
      for (slot++; slot < slots && repetitions![slot]! >= repetition; slot++) {
        if (repetitions![slot] === repetition) items[n++] = slot
      }
    }
    offsets[i + 1] = n
  }
  return { starts: items.subarray(0, n), offsets }
}
