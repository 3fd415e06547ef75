/**
 * Colours that people with any common colour vision can tell apart: the eight of Okabe and Ito (2008) for categories,
 * and the viridis and cividis scales for amounts. The black of Okabe and Ito is a grey here, seen on light and dark.
 */
export const CATEGORIES: readonly string[] = [
  '#0072B2',
  '#E69F00',
  '#009E73',
  '#CC79A7',
  '#56B4E9',
  '#D55E00',
  '#F0E442',
  '#8C8C8C',
]

/** Dash patterns that tell a second round of the eight colours apart. */
export const DASHES: readonly string[] = ['solid', 'dash', 'dot', 'dashdot']

/** Line shapes of scatter markers, in the order of the colours' rounds. */
export const SYMBOLS: readonly string[] = ['circle', 'diamond', 'square', 'triangle-up']

/** A colour scale for amounts, by plotly's name. */
export const AMOUNTS = 'Viridis'
