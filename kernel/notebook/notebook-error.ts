/**
 * A notebook, a parameter or a file that cannot be used as it stands. It is found before the first cell runs, so
 * nothing has been done yet; the text says what was found and what to do.
 */
export class NotebookError extends Error {
  override readonly name: string = 'NotebookError'
}
