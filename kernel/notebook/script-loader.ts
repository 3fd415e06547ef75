/** Loaded into the process of a script before it: from here on Node runs local TypeScript files. */
import { register } from 'node:module'

register('../language/typescript-loader.js', import.meta.url)
