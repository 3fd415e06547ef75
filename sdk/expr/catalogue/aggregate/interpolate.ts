/** What a quantile is that lies between two values. */

export const INTERPOLATIONS = ['linear', 'lower', 'higher', 'nearest', 'midpoint'] as const
export type Interpolation = (typeof INTERPOLATIONS)[number]

/** A value at a share of the way between two neighbours; half of it is nearer to the lower one. */
export function interpolated(low: number, high: number, share: number, interpolation: Interpolation): number {
  if (low === high || share === 0) return low
  switch (interpolation) {
    case 'lower':
      return low
    case 'higher':
      return high
    case 'nearest':
      return share > 0.5 ? high : low
    default: {
      const part = interpolation === 'midpoint' ? 0.5 : share
      const step = high - low
      return Number.isFinite(step) ? low + step * part : low * (1 - part) + high * part
    }
  }
}
