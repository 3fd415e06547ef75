/**
 * A cell as a TypeScript module: one line that brings in the names of earlier cells, the cell's own text, one line
 * that exports what it declares. The text is never changed, so a position in the module is a position in the cell
 * after a constant is taken off. Values and types of one name come from the cells that declared them last, each.
 */
import type { DeclaredNames, ValueKind } from './declared-names.ts'

export interface CellModule {
  readonly text: string
  /** Where the cell's own text begins. */
  readonly offset: number
}

interface ValueEntry {
  readonly cell: number
  readonly kind: ValueKind
  /** A type text that the value itself gave after its cell had run. */
  readonly type?: string
}

export const cellFile = (cell: number): string => `__cell_${cell}`

/** Which cell declared each name last. */
export class NameTable {
  readonly #values = new Map<string, ValueEntry>()
  readonly #types = new Map<string, number>()

  declare(cell: number, names: DeclaredNames, typeTexts: Readonly<Record<string, string>>): void {
    for (const [name, kind] of names.values) {
      const type = typeTexts[name]
      this.#values.set(name, type === undefined ? { cell, kind } : { cell, kind, type })
    }
    for (const name of names.types) this.#types.set(name, cell)
  }

  clear(): void {
    this.#values.clear()
    this.#types.clear()
  }

  /** The module of a cell. Only names that `mentioned` admits are brought in. */
  module(code: string, own: DeclaredNames, mentioned: (name: string) => boolean): CellModule {
    const imports = new Map<number, string[]>()
    const bring = (cell: number, word: string): void => {
      const words = imports.get(cell)
      if (words) words.push(word)
      else imports.set(cell, [word])
    }
    let prelude = 'export {};'
    for (const [name, entry] of this.#values) {
      if (own.values.has(name) || own.exported.has(name) || !mentioned(name)) continue
      const alone = !own.types.has(name) && (this.#types.get(name) ?? entry.cell) === entry.cell
      if (entry.kind === 'fixed' && alone && entry.type === undefined) bring(entry.cell, name)
      else {
        const keyword = entry.kind === 'fixed' ? 'const' : 'let'
        prelude += `declare ${keyword} ${name}: ${entry.type ?? `typeof import("./${cellFile(entry.cell)}").${name}`};`
      }
    }
    for (const [name, cell] of this.#types) {
      if (own.types.has(name) || own.exported.has(name) || !mentioned(name)) continue
      if (imports.get(cell)?.includes(name)) continue
      bring(cell, `type ${name}`)
    }
    for (const [cell, words] of imports) prelude += `import {${words.join(',')}} from "./${cellFile(cell)}";`
    return { text: `${prelude}\n${code}\n${exportLine(own)}`, offset: prelude.length + 1 }
  }
}

function exportLine(own: DeclaredNames): string {
  const words: string[] = []
  for (const name of own.values.keys()) if (!own.exported.has(name)) words.push(name)
  for (const name of own.types) if (!own.exported.has(name) && !own.values.has(name)) words.push(`type ${name}`)
  return words.length ? `export {${words.join(',')}};` : ''
}

/** Admits the names that occur in a text, which keeps a cell's module small after hundreds of cells. */
export function wordsOf(code: string): (name: string) => boolean {
  const words = new Set(code.match(/[\p{ID_Start}$_][\p{ID_Continue}$]*/gu))
  return name => words.has(name)
}
