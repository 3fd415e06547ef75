/** Lets a plain Node process run the sources, whose types it blanks out. */
import { register } from 'node:module'

register('../sdk/engine/run/strip-types.mjs', import.meta.url)
