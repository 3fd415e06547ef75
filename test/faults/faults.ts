/**
 * Faults that somebody could make in the engine, each against a rule of the semantics of streams, and the tests
 * that should notice. `run.ts` plants them. The text of a fault is in its file once.
 */
export interface Fault {
  /** The rule that the fault breaks. */
  readonly rule: string
  readonly file: string
  readonly from: string
  readonly to: string
  readonly tests: readonly string[]
}

const operator = (name: string): string => `sdk/engine/operator/${name}.ts`
const time = (name: string): string => `sdk/engine/time/${name}.ts`
const state = (name: string): string => `sdk/engine/state/${name}.ts`

const LAWS = ['test/laws/operators.test.ts']
const JOINS = ['test/laws/stream-joins.test.ts']
const JOINED = ['test/sdk/frame/stream-join.test.ts']
const PROCESS = ['test/sdk/frame/process.test.ts']
const WINDOWS = ['test/sdk/engine/operator/window-aggregate.test.ts']
const FIRED = ['test/sdk/engine/operator/fired-windows.test.ts']
const TIME = ['test/sdk/engine/time/time.test.ts']
const RUN = ['test/sdk/engine/run/run.test.ts']

export const faults: readonly Fault[] = [
  // ---- windows
  {
    rule: 'windows before the epoch align as those after it',
    file: time('panes'),
    from: 'if (zone === null) return Math.floor(',
    to: 'if (zone === null) return Math.trunc(',
    tests: WINDOWS,
  },
  {
    rule: 'the end of a window is not in it',
    file: operator('window-aggregate'),
    from: 'if (time < start || time >= end) {',
    to: 'if (time < start || time > end) {',
    tests: WINDOWS,
  },
  {
    rule: 'the end of a window that may be given again is not in it',
    file: operator('window-slots'),
    from: 'if (time < from || time >= to) {',
    to: 'if (time < from || time > to) {',
    tests: FIRED,
  },
  {
    rule: 'a row is late once the watermark has reached the end of its window',
    file: operator('window-aggregate'),
    from: 'isOut = last <= pane || last <= this.#given ? 1 : 0',
    to: 'isOut = last <= pane || last < this.#given ? 1 : 0',
    tests: WINDOWS,
  },
  {
    rule: 'a window is given when the watermark reaches its end',
    file: operator('window-aggregate'),
    from: 'const due = this.#panes.at(time)',
    to: 'const due = this.#panes.at(time - 1)',
    tests: WINDOWS,
  },
  {
    rule: 'windows are given in the order of their ends',
    file: time('open-windows'),
    from: 'return Float64Array.from(due).sort()',
    to: 'return Float64Array.from(due)',
    tests: TIME,
  },
  {
    rule: 'the time of a window is the last instant in it',
    file: 'sdk/plan/verb/window.ts',
    from: 'shiftMicros: -1',
    to: 'shiftMicros: 0',
    tests: WINDOWS,
  },
  {
    rule: 'a row is in each sliding window that holds its pane',
    file: time('panes'),
    from: 'return (Math.floor((pane - this.size) / this.every) + 1) * this.every + this.size',
    to: 'return Math.ceil(pane / this.every) * this.every + this.every',
    tests: WINDOWS,
  },
  {
    rule: 'a pane is freed with the last sliding window that holds it',
    file: operator('window-aggregate'),
    from: 'if (this.#panes.lastEnd(pane) > due) continue',
    to: 'if (this.#panes.firstEnd(pane) > due) continue',
    tests: WINDOWS,
  },
  {
    rule: 'a pane without a window to come is freed',
    file: operator('window-aggregate'),
    from: 'if (this.#panes.lastEnd(pane) > due) continue',
    to: 'if (this.#panes.lastEnd(pane) > -1) continue',
    tests: WINDOWS,
  },
  {
    rule: 'a growing window keeps its start',
    file: time('panes'),
    from: 'return this.#isGrowing ? (Math.ceil(end / this.size) - 1) * this.size : end - this.size',
    to: 'return this.#isGrowing ? Math.floor(end / this.size) * this.size : end - this.size',
    tests: WINDOWS,
  },
  {
    rule: 'rows a gap apart are one session',
    file: operator('session-slots'),
    from: 'if (slot !== but && time <= this.ends[slot]! &&',
    to: 'if (slot !== but && time < this.ends[slot]! &&',
    tests: FIRED,
  },
  {
    rule: 'a row a gap before a session begins it',
    file: operator('session-slots'),
    from: 'time + this.#gap >= this.starts[slot]!) return slot',
    to: 'time + this.#gap > this.starts[slot]!) return slot',
    tests: FIRED,
  },
  {
    rule: 'sessions that become one keep the rows of both',
    file: operator('fired-windows'),
    from: 'this.#contents.merge(from, into)',
    to: '',
    tests: FIRED,
  },
  {
    rule: 'sessions that become one have the bounds of both',
    file: operator('session-slots'),
    from: 'this.ends[into] = Math.max(this.ends[into]!, this.ends[from]!)',
    to: '',
    tests: FIRED,
  },
  {
    rule: 'a session that became part of another takes back what it gave',
    file: operator('fired-windows'),
    from: 'if (given.length > 0) {',
    to: 'if (given.length > 1) {',
    tests: FIRED,
  },
  {
    rule: 'a window may be corrected until its lateness is over',
    file: operator('fired-windows'),
    from: 'const gone = this.#where(slot => ends[slot]! + this.#lateness <= time)',
    to: 'const gone = this.#where(slot => ends[slot]! <= time)',
    tests: FIRED,
  },
  {
    rule: 'a window that is given again takes back the row before the new one',
    file: operator('fired-windows'),
    from: `      for (let k = 0; k < old; k++) {
        kinds[n] = isSame ? UPDATE_BEFORE : DELETE
        order[n++] = i++
      }
      for (let k = 0; k < next; k++) {
        kinds[n] = isSame ? UPDATE_AFTER : INSERT
        order[n++] = j++
      }`,
    to: `      for (let k = 0; k < next; k++) {
        kinds[n] = isSame ? UPDATE_AFTER : INSERT
        order[n++] = j++
      }
      for (let k = 0; k < old; k++) {
        kinds[n] = isSame ? UPDATE_BEFORE : DELETE
        order[n++] = i++
      }`,
    tests: FIRED,
  },
  {
    rule: 'a purged window gives what came since',
    file: operator('fired-windows'),
    from: 'if (this.#node.firing.purge) this.#contents.clear(slots)',
    to: '',
    tests: FIRED,
  },

  // ---- watermarks
  {
    rule: 'the watermark of several inputs is the least of theirs',
    file: time('least-mark'),
    from: 'if (idle[i] === 0) least = Math.min(least, mark)',
    to: 'if (idle[i] === 0) least = i === 0 ? mark : Math.max(least, mark)',
    tests: RUN,
  },
  {
    rule: 'the watermark lies the bound behind the largest time',
    file: time('watermark'),
    from: 'return this.#largest - this.#bound',
    to: 'return this.#largest',
    tests: TIME,
  },
  {
    rule: 'a watermark never falls',
    file: time('watermark'),
    from: 'if (time <= largest) continue',
    to: '',
    tests: TIME,
  },
  {
    rule: 'a watermark is told between two rows where it reaches the grid',
    file: time('watermark'),
    from: 'if (time < limit) continue',
    to: 'if (time <= limit) continue',
    tests: TIME,
  },
  {
    rule: 'a grid has the ends of all windows behind it',
    file: time('grid'),
    from: 'gcd(gcd(a.stepMicros, b.stepMicros), apart)',
    to: 'Math.max(a.stepMicros, b.stepMicros)',
    tests: TIME,
  },
  {
    rule: 'the grid of sliding windows has the end of each',
    file: time('panes'),
    from: 'stepMicros: everyMicros, originMicros: offsetMicros +',
    to: 'stepMicros: sizeMicros, originMicros: offsetMicros +',
    tests: TIME,
  },
  {
    rule: 'what is broadcast holds no time back',
    file: 'sdk/engine/run/graph.ts',
    from: `if (node.kind === 'process') base.marks.fill(Infinity, 1)`,
    to: `if (node.kind === 'process') base.marks.fill(-Infinity, 1)`,
    tests: ['test/sdk/engine/operator/process.test.ts'],
  },

  // ---- changes
  {
    rule: 'a change takes back the old row before it gives the new one',
    file: operator('aggregate'),
    from: `      if (this.#given[slot] === 1) {
        kinds[n] = stays ? UPDATE_BEFORE : DELETE
        order[n++] = i++
      }
      if (stays) {
        kinds[n] = this.#given[slot] === 1 ? UPDATE_AFTER : INSERT
        order[n++] = j++
      }`,
    to: `      if (stays) {
        kinds[n] = this.#given[slot] === 1 ? UPDATE_AFTER : INSERT
        order[n++] = j++
      }
      if (this.#given[slot] === 1) {
        kinds[n] = stays ? UPDATE_BEFORE : DELETE
        order[n++] = i++
      }`,
    tests: LAWS,
  },
  {
    rule: 'a group without rows is deleted',
    file: operator('aggregate'),
    from: 'rows[slots[row]!]! += back ? -1 : 1',
    to: 'rows[slots[row]!]! += 1',
    tests: LAWS,
  },
  {
    rule: 'a row that is taken back leaves an aggregate',
    file: 'sdk/engine/vector/accumulate.ts',
    from: `js.scope(NOTHING).run('const back = (kinds[i] & 1) === 1')`,
    to: `js.scope(NOTHING).run('const back = false')`,
    tests: LAWS,
  },
  {
    rule: 'a union keeps the kinds of rows',
    file: operator('pass'),
    from: 'return [new Batch(this.#schema, batch.length, columns, batch.kinds)]',
    to: 'return [new Batch(this.#schema, batch.length, columns)]',
    tests: LAWS,
  },
  {
    rule: 'the first rows of a stream take back what leaves them',
    file: operator('top'),
    from: 'if (stayed[row] === 0) left.push(row)',
    to: 'if (stayed[row] === 1) left.push(row)',
    tests: LAWS,
  },
  {
    rule: 'a sink that only appends takes no corrections',
    file: 'sdk/engine/run/run.ts',
    from: `if (sink.accepts === 'append' && plan.frameKind === 'updating') {`,
    to: `if (sink.accepts === 'append' && plan.frameKind === 'batch' && plan.kind === 'aggregate') {`,
    tests: RUN,
  },

  // ---- keys
  {
    rule: 'null keys are one group, apart from that of every value',
    file: state('key-table'),
    from: 'if (part.marksNull && column.valid !== null) {',
    to: 'if (part.marksNull && column.valid === null) {',
    tests: ['test/sdk/engine/state/key-table.test.ts'],
  },
  {
    rule: 'null keys join nothing',
    file: state('join-keys'),
    from: 'if (valid !== null) for (let row = 0; row < length; row++) if (valid[row] === 0) out[row] = -1',
    to: '',
    tests: JOINED,
  },

  // ---- joins of streams
  {
    rule: 'the later end of an interval is in it',
    file: operator('interval-join'),
    from: 'partners.times[partner]! <= last',
    to: 'partners.times[partner]! < last',
    tests: JOINED,
  },
  {
    rule: 'the earlier end of an interval is in it',
    file: state('keyed-rows'),
    from: 'if (slot < 0 || times[slot]! < time) return -1',
    to: 'if (slot < 0 || times[slot]! <= time) return -1',
    tests: JOINS,
  },
  {
    rule: 'a row without a partner waits until none can come',
    file: operator('interval-join'),
    from: 'open.due(reached - this.#step)',
    to: 'open.due(reached)',
    tests: JOINS,
  },
  {
    rule: 'a row of an interval join is kept for the last partner that may come',
    file: operator('interval-join'),
    from: 'ends.push(this.#floor(time + side.upper))',
    to: 'ends.push(this.#floor(time))',
    tests: JOINS,
  },
  {
    rule: 'the watermark of a join lies behind the rows that it may still give',
    file: operator('interval-join'),
    from: 'yield reached - this.#behind',
    to: 'yield reached',
    tests: JOINED,
  },
  {
    rule: 'a version holds from its own time on',
    file: state('keyed-rows'),
    from: 'while (slot >= 0 && this.times[slot]! > time) slot',
    to: 'while (slot >= 0 && this.times[slot]! >= time) slot',
    tests: JOINED,
  },
  {
    rule: 'of right rows of one time the last that came is taken',
    file: operator('as-of-join'),
    from: 'if (times[middle]! <= time) low = middle + 1',
    to: 'if (times[middle]! < time) low = middle + 1',
    tests: ['test/sdk/frame/as-of-join.test.ts'],
  },
  {
    rule: 'a row without a partner is taken back with its first partner alone',
    file: operator('changelog-join'),
    from: 'kind === INSERT ? count === 1 : count === 0',
    to: 'kind === INSERT ? count >= 1 : count === 0',
    tests: JOINS,
  },

  // ---- state and timers
  {
    rule: 'a key has one timer for a time',
    file: time('timers'),
    from: 'if (this.#index[place] !== 0) return false',
    to: '',
    tests: PROCESS,
  },
  {
    rule: 'a value is gone at its ttl',
    file: state('value-state'),
    from: 'if (until > now) return until',
    to: 'if (until >= now) return until',
    tests: PROCESS,
  },
]
