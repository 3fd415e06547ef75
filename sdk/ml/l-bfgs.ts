/**
 * Minimises a smooth convex function by limited-memory BFGS (Nocedal & Wright, Numerical Optimization, algorithm 7.5)
 * with a diagonal estimate of the inverse Hessian under the two loops and a backtracking line search. The function may
 * answer by a promise, so that a long pass over data lets others run.
 */
export interface Objective {
  /** The value at `point`; writes the gradient. */
  (point: Float64Array, gradient: Float64Array): Promise<number>
}

export interface LbfgsOptions {
  /** The inverse of the Hessian's diagonal, about. */
  readonly preconditioner: Float64Array
  /** Converged when no component of the gradient is larger. */
  readonly tolerance: number
  readonly maxIterations: number
  readonly onIteration?: ((iteration: number, value: number, gradient: number) => void) | undefined
}

export interface Minimum {
  readonly point: Float64Array
  readonly value: number
  readonly iterations: number
  readonly converged: boolean
}

const MEMORY = 10
const MAX_HALVINGS = 40

export async function minimise(objective: Objective, start: Float64Array, options: LbfgsOptions): Promise<Minimum> {
  const { preconditioner, tolerance, maxIterations, onIteration } = options
  const history: Step[] = []
  let point = Float64Array.from(start)
  let gradient = new Float64Array(point.length)
  let value = await objective(point, gradient)
  for (let iteration = 0; ; iteration++) {
    const largest = maxAbs(gradient)
    onIteration?.(iteration, value, largest)
    if (largest <= tolerance) return { point, value, iterations: iteration, converged: true }
    if (iteration === maxIterations) return { point, value, iterations: iteration, converged: false }

    const direction = descent(gradient, history, preconditioner)
    const slope = dot(direction, gradient)
    let length = 1
    let moved = new Float64Array(point.length)
    let movedGradient = new Float64Array(point.length)
    let movedValue = value
    for (let halving = 0; ; halving++) {
      for (let i = 0; i < point.length; i++) moved[i] = point[i]! + length * direction[i]!
      movedValue = await objective(moved, movedGradient)
      if (movedValue <= value + 1e-4 * length * slope) break
      // Near the minimum the value no longer changes in float64: what is left is rounding.
      if (halving === MAX_HALVINGS || -length * slope <= 1e-15 * Math.abs(value)) {
        return { point, value, iterations: iteration, converged: largest <= Math.sqrt(tolerance) }
      }
      length /= 2
    }
    remember(history, point, moved, gradient, movedGradient)
    ;[point, moved] = [moved, point]
    ;[gradient, movedGradient] = [movedGradient, gradient]
    value = movedValue
  }
}

interface Step {
  readonly moved: Float64Array
  readonly turned: Float64Array
  readonly curvature: number
}

function remember(
  history: Step[],
  from: Float64Array,
  to: Float64Array,
  gradient: Float64Array,
  toGradient: Float64Array,
): void {
  const moved = to.map((x, i) => x - from[i]!)
  const turned = toGradient.map((x, i) => x - gradient[i]!)
  const curvature = dot(moved, turned)
  if (curvature <= 1e-14 * dot(turned, turned)) return
  history.push({ moved, turned, curvature })
  if (history.length > MEMORY) history.shift()
}

function descent(gradient: Float64Array, history: readonly Step[], preconditioner: Float64Array): Float64Array {
  const out = gradient.map(x => -x)
  const factors = new Float64Array(history.length)
  for (let k = history.length - 1; k >= 0; k--) {
    const { moved, turned, curvature } = history[k]!
    factors[k] = dot(moved, out) / curvature
    add(out, turned, -factors[k]!)
  }
  const last = history.at(-1)
  const scale = last === undefined ? 1 : last.curvature / weightedSquare(last.turned, preconditioner)
  for (let i = 0; i < out.length; i++) out[i]! *= scale * preconditioner[i]!
  for (const [k, { moved, turned, curvature }] of history.entries()) {
    add(out, moved, factors[k]! - dot(turned, out) / curvature)
  }
  return out
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}

function weightedSquare(a: Float64Array, weights: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * a[i]! * weights[i]!
  return sum
}

function add(to: Float64Array, what: Float64Array, factor: number): void {
  for (let i = 0; i < to.length; i++) to[i]! += factor * what[i]!
}

function maxAbs(a: Float64Array): number {
  let out = 0
  for (let i = 0; i < a.length; i++) out = Math.max(out, Math.abs(a[i]!))
  return out
}
