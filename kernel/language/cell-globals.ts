/** Declarations of what the user process puts on `globalThis`, as a script that every cell sees. */
export const CELL_GLOBALS = `
interface CellDisplayOptions {
  /** A name by which a later \`display\` of the same id replaces this one. */
  id?: string
  metadata?: object
}
interface CellDisplay {
  /** Shows a value, or a bundle of MIME types, in the cell. Gives the display id. */
  (value: unknown, options?: CellDisplayOptions): string
  /** Shows HTML. */
  html(text: string, options?: CellDisplayOptions): string
  /** Shows Markdown. */
  markdown(text: string, options?: CellDisplayOptions): string
  /** Shows an SVG image from its text. */
  svg(text: string, options?: CellDisplayOptions): string
  /** Shows LaTeX. */
  latex(text: string, options?: CellDisplayOptions): string
  /** Shows a JSON tree. */
  json(value: unknown, options?: CellDisplayOptions): string
  /** Replaces what was shown under an id, in whatever cell it stands. */
  update(id: string, value: unknown): void
  /** Clears the output of the cell, at once or when the next output comes. */
  clear(wait?: boolean): void
}
/** Shows a value, or a bundle of MIME types, in the cell. */
declare const display: CellDisplay
/** Asks the reader of the notebook for a line of text. Blocks until it is there. */
declare function prompt(text?: string, options?: { password?: boolean }): string
/** Asks the reader of the notebook for a line of text. */
declare function input(text?: string, options?: { password?: boolean }): Promise<string>
`
