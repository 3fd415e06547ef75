/**
 * The outputs of all cells of a run, folded from the events of the session in the order they come. A display id
 * names every place it was shown at, in any cell, and an update, or showing the id again, changes all of them; a clear that waits takes effect
 * with the next output of its cell.
 */
import type { CellEvent } from '../session/contract.ts'
import type { Metadata, Output } from './model.ts'

interface Slot {
  output: Output
  readonly id: string | undefined
}

export class Outputs {
  readonly #cells = new Map<string, { slots: Slot[]; clearOnNext: boolean; count: number | null }>()
  #latest: string | null = null

  /** Empties a cell that is about to run. Output of unknown cells goes to the cell opened last. */
  open(cell: string, count: number | null): void {
    this.#cells.set(cell, { slots: [], clearOnNext: false, count })
    this.#latest = cell
  }

  of(cell: string): readonly Output[] {
    return this.#cells.get(cell)?.slots.map(slot => slot.output) ?? []
  }

  apply(event: CellEvent): void {
    const cell = this.#cells.get(event.cell) ?? this.#cells.get(this.#latest ?? '')
    if (cell === undefined) return
    const add = (output: Output, id?: string): void => {
      if (cell.clearOnNext) cell.slots = []
      cell.clearOnNext = false
      cell.slots.push({ output, id })
    }
    switch (event.kind) {
      case 'stream': {
        const last = cell.clearOnNext ? undefined : cell.slots.at(-1)
        if (last?.output.kind === 'stream' && last.output.name === event.name) {
          last.output = { ...last.output, text: last.output.text + event.text }
        } else {
          add({ kind: 'stream', name: event.name, text: event.text })
        }
        break
      }
      case 'display':
        if (event.id !== undefined) this.#update(event.id, { data: event.data, metadata: asMetadata(event.metadata) })
        add({ kind: 'display', data: event.data, metadata: asMetadata(event.metadata) }, event.id)
        break
      case 'update':
        if (event.id !== undefined) this.#update(event.id, { data: event.data, metadata: asMetadata(event.metadata) })
        break
      case 'result':
        add({ kind: 'result', data: event.data, metadata: asMetadata(event.metadata), executionCount: cell.count })
        break
      case 'clear':
        if (event.wait) cell.clearOnNext = true
        else cell.slots = []
        break
      case 'error': {
        const { ename, evalue, traceback } = event.error
        add({ kind: 'error', ename, evalue, traceback })
        break
      }
      case 'background':
        break
    }
  }

  #update(id: string, shown: Pick<Extract<Output, { kind: 'display' }>, 'data' | 'metadata'>): void {
    for (const { slots } of this.#cells.values()) {
      for (const slot of slots) {
        if (slot.id === id && slot.output.kind === 'display') slot.output = { kind: 'display', ...shown }
      }
    }
  }
}

function asMetadata(value: object): Metadata {
  return { ...value }
}
