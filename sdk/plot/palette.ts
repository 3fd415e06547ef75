/**
 * Colours that people with any common colour vision can tell apart, on white and on near-black. The eight categories
 * start from those of Okabe and Ito (2008), whose yellow is lost on white and whose grey looks like their green to many;
 * they were moved until every two differ for normal, protan, deutan and tritan vision. Amounts go from dark to bright.
 */
export const CATEGORIES: readonly string[] = [
  '#1b6ae0',
  '#dca624',
  '#6ea783',
  '#a17bbd',
  '#23baff',
  '#cb7300',
  '#9a439e',
  '#606b51',
]

/** What is not in a series of its own. */
export const OTHERS = '#8c8c8c'

/** Dash patterns that tell the rounds of the eight colours apart. */
export const DASHES: readonly string[] = ['solid', 'dash', 'dot']

/** Marker shapes that tell the rounds of the eight colours apart. */
export const SYMBOLS: readonly string[] = ['circle', 'diamond', 'square']

/** Fill patterns of bars that tell the rounds of the eight colours apart. */
export const PATTERNS: readonly string[] = ['', '/', '.']

/** The most series with a look of their own: every colour in every round. */
export const MOST_SERIES: number = CATEGORIES.length * DASHES.length

/** The colour scale of amounts, by plotly's name. */
export const AMOUNTS = 'Viridis'
