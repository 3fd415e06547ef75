/** Names that lowered cells call and the user process defines. */

/** In place of `import()`. */
export const LOAD = '__load'
/** In place of `import.meta`. */
export const META = '__meta'
