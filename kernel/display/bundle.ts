/**
 * What a value looks like: the MIME bundle of the Jupyter protocol, and the names under which user code and the
 * kernel meet. These three symbols and the host are the only contract between a kernel and a library of any author.
 */

/** Representations of one value by MIME type. Binary types hold base64 text, JSON types hold plain objects. */
export type Bundle = { readonly [mime: string]: unknown }

/** A method on a value that gives its bundle, or a promise of one. An empty bundle publishes nothing. */
export const DISPLAY: unique symbol = Symbol.for('Jupyter.display') as never

/** On a value: a TypeScript type text, or a function giving one or undefined, by which later cells know the value. */
export const TYPE: unique symbol = Symbol.for('Jupyter.type') as never

/** The name of the host on `globalThis`. */
export const HOST: unique symbol = Symbol.for('Jupyter.host') as never
