import { tmpdir } from 'node:os'
import { systemClock, type Clock } from '../../data/clock.ts'
import { inputsOf, readsRightFirst } from '../../plan/build.ts'
import type { Filter, Join as JoinNode, Node, Project, Read } from '../../plan/node.ts'
import type { Sink } from '../../plan/port.ts'
import { pathOf } from '../../plan/refusal.ts'
import { Aggregate } from '../operator/aggregate.ts'
import { AsyncMap } from '../operator/async-map.ts'
import { ChangelogJoin } from '../operator/changelog-join.ts'
import { ChangelogTop } from '../operator/changelog-top.ts'
import { Changes } from '../operator/changes.ts'
import { Distinct } from '../operator/distinct.ts'
import { ExternalAggregate } from '../operator/external-aggregate.ts'
import { ExternalDistinct } from '../operator/external-distinct.ts'
import { ExternalSort } from '../operator/external-sort.ts'
import { Final } from '../operator/final.ts'
import { FromChanges } from '../operator/from-changes.ts'
import { Filter as FilterRows } from '../operator/filter.ts'
import { FiredWindows } from '../operator/fired-windows.ts'
import { FilterProject } from '../operator/filter-project.ts'
import { AsOfJoin } from '../operator/as-of-join.ts'
import { IntervalJoin } from '../operator/interval-join.ts'
import { Join } from '../operator/join.ts'
import { Learn } from '../operator/learn.ts'
import { Limit } from '../operator/limit.ts'
import { MapBatches } from '../operator/map-batches.ts'
import type { Memory } from '../operator/memory.ts'
import type { Operator, PacedOperator } from '../operator/operator.ts'
import { Over } from '../operator/over.ts'
import { overGrid, OverStream } from '../operator/over-stream.ts'
import { Pass } from '../operator/pass.ts'
import { Predict } from '../operator/predict.ts'
import { Process } from '../operator/process.ts'
import { processTime } from '../operator/process-watermark.ts'
import { Project as ProjectRows } from '../operator/project.ts'
import { Replay } from '../operator/replay.ts'
import { RowIndex } from '../operator/row-index.ts'
import { SampleRows } from '../operator/sample-rows.ts'
import { Sample } from '../operator/sample.ts'
import { Skip } from '../operator/skip.ts'
import { Tail } from '../operator/tail.ts'
import { TemporalJoin } from '../operator/temporal-join.ts'
import { Unnest } from '../operator/unnest.ts'
import { Unpivot } from '../operator/unpivot.ts'
import { Top } from '../operator/top.ts'
import { Upsert } from '../operator/upsert.ts'
import { Watermark } from '../operator/watermark.ts'
import { WindowAggregate } from '../operator/window-aggregate.ts'
import { WindowJoin } from '../operator/window-join.ts'
import { SpillFolder } from '../state/spill.ts'
import { coarseGrid, commonGrid, intervalGrid, sameGrid, temporalGrid, type Grid } from '../time/grid.ts'
import { isPlain, windowGrid } from './window-grid.ts'

/**
 * The operators of a job and the edges between them. There is one vertex for each node, however many plans share it,
 * and one for each output. Rows flow along the edges; the side edges of a vertex carry its late or rejected rows.
 */
export interface Graph {
  readonly vertices: readonly Vertex[]
  readonly reads: readonly ReadVertex[]
  readonly paced: readonly PacedVertex[]
  readonly outputs: readonly OutputVertex[]
}

export interface Edge {
  readonly to: Vertex
  readonly input: number
  /** Of a side edge: which of the side outputs it carries. */
  readonly side: number
}

interface AnyVertex {
  /** `read › filter`, for errors. */
  readonly path: string
  readonly inputs: readonly Vertex[]
  readonly edges: Edge[]
  readonly sideEdges: Edge[]
  /** By input: its watermark. The vertex's own is the smallest. */
  readonly marks: Float64Array
  watermark: number
  /** By input: 1 while it gives no rows and holds back no watermark; and whether all that have not ended are so. */
  readonly idles: Uint8Array
  idle: boolean
  /** Inputs that have not ended. */
  open: number
  /** Nothing goes in or out any more. */
  done: boolean
  /** Rows that came in and rows that went to the side. */
  rows: number
  sideRows: number
}

export interface ReadVertex extends AnyVertex {
  readonly role: 'read'
  readonly node: Read
}

export interface OperatorVertex extends AnyVertex {
  readonly role: 'operator'
  readonly node: Node
  readonly operator: Operator
}

export interface PacedVertex extends AnyVertex {
  readonly role: 'paced'
  readonly node: Node
  readonly operator: PacedOperator
}

export interface OutputVertex extends AnyVertex {
  readonly role: 'output'
  readonly node: Node
  readonly sink: Sink
  /** The last watermark before the end. */
  lastMark: number
}

export type Vertex = ReadVertex | OperatorVertex | PacedVertex | OutputVertex

export function graphOf(
  outputs: readonly { readonly plan: Node; readonly sink: Sink }[],
  memory: Memory,
  clock: Clock,
): Graph {
  const vertices = new Map<Node, Vertex>()
  const plans = outputs.map(({ plan }) => plan)
  const grids = gridsOf(plans)
  const users = usersOf(plans)
  const add = (node: Node): Vertex => {
    const known = vertices.get(node)
    if (known !== undefined) return known
    const filter = fused(node, users)
    const inputs = (filter === null ? inputsOf(node) : [filter.input]).map(add)
    const vertex =
      filter === null
        ? vertexOf(node, inputs, grids.get(node) ?? null, memory, clock)
        : filteredVertex(node as Project, filter, inputs)
    vertices.set(node, vertex)
    const isSide = node.kind === 'late' || node.kind === 'rejected' || node.kind === 'process-side'
    const side = node.kind === 'process-side' ? node.side : 0
    for (const [input, from] of inputs.entries()) {
      const edges = isSide ? from.sideEdges : from.edges
      edges.push({ to: vertex, input, side })
    }
    return vertex
  }
  const ends = outputs.map(({ plan, sink }): OutputVertex => {
    const from = add(plan)
    const vertex: OutputVertex = {
      ...blank(pathOf(plan), [from]),
      role: 'output',
      node: plan,
      sink,
      lastMark: -Infinity,
    }
    from.edges.push({ to: vertex, input: 0, side: 0 })
    return vertex
  })
  const all = [...vertices.values(), ...ends]
  return {
    vertices: all,
    reads: all.filter(vertex => vertex.role === 'read'),
    paced: all.filter(vertex => vertex.role === 'paced'),
    outputs: ends,
  }
}

/** How many nodes and outputs read each node. */
function usersOf(plans: readonly Node[]): ReadonlyMap<Node, number> {
  const users = new Map<Node, number>()
  const visit = (node: Node): void => {
    const known = users.get(node) ?? 0
    users.set(node, known + 1)
    if (known === 0) inputsOf(node).forEach(visit)
  }
  plans.forEach(visit)
  return users
}

/** The filter that a projection does in the same step, for nothing else reads it; or null. */
function fused(node: Node, users: ReadonlyMap<Node, number>): Filter | null {
  return node.kind === 'project' && node.input.kind === 'filter' && users.get(node.input) === 1 ? node.input : null
}

function filteredVertex(node: Project, filter: Filter, inputs: readonly Vertex[]): OperatorVertex {
  return { ...blank(pathOf(node), inputs), role: 'operator', node, operator: new FilterProject(filter, node) }
}

function vertexOf(node: Node, inputs: readonly Vertex[], grid: Grid | null, memory: Memory, clock: Clock): Vertex {
  const base = blank(pathOf(node), inputs)
  if (node.kind === 'process') base.marks.fill(Infinity, 1) // what is broadcast holds no time back
  if (node.kind === 'read') return { ...base, role: 'read', node }
  if (node.kind === 'replay') return { ...base, role: 'paced', node, operator: new Replay(node, grid) }
  return { ...base, role: 'operator', node, operator: operatorOf(node, grid, memory, clock) }
}

function blank(path: string, inputs: readonly Vertex[]): AnyVertex {
  return {
    path,
    inputs,
    edges: [],
    sideEdges: [],
    marks: new Float64Array(inputs.length).fill(-Infinity),
    watermark: -Infinity,
    idles: new Uint8Array(inputs.length),
    idle: false,
    open: inputs.length,
    done: false,
    rows: 0,
    sideRows: 0,
  }
}

/** What an operator has that is driven without a job. */
const UNLIMITED: Memory = { budgetBytes: Infinity, spill: new SpillFolder(tmpdir()) }

/** The operator of a node that is fed by others and has no pace of its own. */
export function operatorOf(
  node: Exclude<Node, { kind: 'read' | 'replay' }>,
  grid: Grid | null,
  memory: Memory = UNLIMITED,
  clock: Clock = systemClock,
): Operator {
  switch (node.kind) {
    case 'project':
      return new ProjectRows(node)
    case 'filter':
      return new FilterRows(node)
    case 'aggregate':
      return node.input.frameKind === 'batch' ? new ExternalAggregate(node, memory) : new Aggregate(node)
    case 'window-aggregate':
      return isPlain(node) ? new WindowAggregate(node) : new FiredWindows(node)
    case 'order-by':
      return new ExternalSort(node, memory)
    case 'window-top':
      return new FiredWindows(node)
    case 'top':
      return node.input.frameKind === 'updating' ? new ChangelogTop(node) : new Top(node)
    case 'over':
      return node.frameKind === 'batch' ? new Over(node) : new OverStream(node)
    case 'limit':
      return new Limit(node.count)
    case 'skip':
      return new Skip(node.count)
    case 'tail':
      return new Tail(node.schema, node.count)
    case 'row-index':
      return new RowIndex(node.schema)
    case 'distinct':
      return node.frameKind === 'batch' ? new ExternalDistinct(node, memory) : new Distinct(node)
    case 'sample':
      return new Sample(node)
    case 'sample-rows':
      return new SampleRows(node)
    case 'unnest':
      return new Unnest(node)
    case 'unpivot':
      return new Unpivot(node)
    case 'join':
      return joinOf(node)
    case 'as-of-join':
      return readsRightFirst(node) ? new AsOfJoin(node) : new TemporalJoin(node)
    case 'watermark':
      return node.frameKind === 'batch' ? new Pass(node.schema, node.input.schema) : new Watermark(node, grid)
    case 'map-batches':
      return new MapBatches(node)
    case 'async-map':
      return new AsyncMap(node)
    case 'predict':
      return new Predict(node)
    case 'learn':
      return new Learn(node)
    case 'process':
      return new Process(node, clock)
    case 'union':
    case 'process-side':
      return new Pass(node.schema, node.schema)
    case 'upsert':
      return new Upsert(node)
    case 'changes':
      return new Changes(node)
    case 'from-changes':
      return new FromChanges(node)
    case 'final':
      return new Final(node)
    case 'late':
      return new Pass(node.schema, node.of.input.schema)
    case 'rejected':
      return new Pass(node.schema, node.schema)
  }
}

function joinOf(node: JoinNode): Operator {
  const { meets } = node
  switch (meets.kind) {
    case 'whole':
      return new Join(node)
    case 'interval':
      return new IntervalJoin({ ...node, meets })
    case 'window':
      return new WindowJoin({ ...node, meets })
    case 'changes':
      return new ChangelogJoin({ ...node, meets })
  }
}

/** For each node that makes watermarks: the times at which what is behind it waits for one. */
function gridsOf(plans: readonly Node[]): ReadonlyMap<Node, Grid> {
  const grids = new Map<Node, Grid>()
  const visit = (node: Node, above: Grid | null): void => {
    let grid = node.kind === 'process' ? commonGrid(above, processTime(node.input).grid) : above
    if (node.kind === 'window-aggregate' || node.kind === 'window-top') {
      // sessions give no other watermarks than those of their own grid
      grid = node.window.kind === 'session' ? windowGrid(node) : commonGrid(above, windowGrid(node))
    }
    if (node.kind === 'as-of-join' && !readsRightFirst(node)) {
      grid = temporalGrid(node.left.time!.boundMicros, node.right.time!.boundMicros)
    }
    if (node.kind === 'over' && node.frameKind !== 'batch') grid = overGrid(node)
    if (node.kind === 'join') {
      // an interval join gives no other watermarks than those of its own grid
      const own = joinGrid(node)
      grid = node.meets.kind === 'interval' ? own : commonGrid(above, own)
    }
    const known = grids.get(node) ?? null
    const both = commonGrid(known, grid)
    if (seen.has(node) && sameGrid(known, both)) return
    seen.add(node)
    if (both !== null) grids.set(node, both)
    const ends =
      node.kind === 'replay' || node.kind === 'final' || (node.kind === 'watermark' && node.frameKind !== 'batch')
    for (const input of inputsOf(node)) visit(input, ends ? null : both)
  }
  const seen = new Set<Node>()
  for (const plan of plans) visit(plan, null)
  return grids
}

function joinGrid({ meets }: JoinNode): Grid | null {
  switch (meets.kind) {
    case 'whole':
      return null
    case 'interval':
      return intervalGrid(meets.lowerMicros, meets.upperMicros)
    case 'window':
      return { stepMicros: meets.sizeMicros, originMicros: meets.offsetMicros }
    case 'changes':
      return meets.ttlMicros === null ? null : coarseGrid(meets.ttlMicros)
  }
}
