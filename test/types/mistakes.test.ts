import { expect, test } from 'vitest'
import { check } from './program.ts'

/** What an editor says of common mistakes. The texts are literals, so that a change of wording is seen and judged. */

const head = `import { count, rank, read, state, to, tumble, type Frame, type PredictorOf } from 'millrace'
import { KMeans, LogisticRegression } from 'millrace/ml'
import { line } from 'millrace/plot'
declare const flights: Frame<{ date: 'timestamp'; delay: 'float64?'; origin: 'utf8' }, 'batch'>
declare const clicks: Frame<{ page: 'utf8'; at: 'timestamp'; ms: 'int32' }, 'stream'>
declare const marked: Frame<{ date: 'timestamp'; origin: 'utf8'; hour: 'int32'; late: 'bool' }, 'batch'>
declare const orders: Frame<{ price: 'decimal(9,2)'; tags: 'utf8[]'; to: { city: 'utf8'; zip: 'int32?' }; counts: 'map(utf8,int32)'; vector: 'vector(2)' }, 'batch'>
declare const model: PredictorOf<{ hour: 'int32' }, { prediction: 'bool'; probability: 'float64' }>
`

const mistakes: readonly (readonly [what: string, line: string, message: string])[] = [
  [
    'a state that is misspelt',
    `clicks.groupBy('page').process({ state: { total: state.value('int32', 0) }, output: { page: 'utf8' }, onRow: (row, ctx) => ctx.state.totl.set(1) })`,
    `Property 'totl' does not exist on type 'Handles<{ readonly total: StateOf<ValueState<number, never>>; }>'. Did you mean 'total'?`,
  ],
  [
    'a value of another type for a state',
    `clicks.groupBy('page').process({ state: { total: state.value('int32', 0) }, output: { page: 'utf8' }, onRow: (row, ctx) => ctx.state.total.set(row.page) })`,
    `Argument of type 'string' is not assignable to parameter of type 'number'.`,
  ],
  [
    'a state without an initial value taken for one that has it',
    `clicks.groupBy('page').process({ state: { last: state.value('int32') }, output: { ms: 'int32' }, onRow: (row, ctx) => ctx.emit({ ms: ctx.state.last.get() }) })`,
    `Type 'number | null' is not assignable to type 'number'.
  Type 'null' is not assignable to type 'number'.`,
  ],
  [
    'a column that is not declared, emitted',
    `clicks.groupBy('page').process({ output: { page: 'utf8' }, onRow: (row, ctx) => ctx.emit({ page: row.page, mss: 1 }) })`,
    `Object literal may only specify known properties, and 'mss' does not exist in type '{ readonly page: string; } & {}'.`,
  ],
  [
    'a column of another type, emitted aside',
    `clicks.groupBy('page').process({ output: { page: 'utf8' }, side: { slow: { ms: 'int32' } }, onRow: (row, ctx) => ctx.side.slow.emit({ ms: row.page }) })`,
    `Type 'string' is not assignable to type 'number'.`,
  ],
  [
    'a process of rows that are corrected',
    `clicks.groupBy('page').aggregate(t => ({ n: count() })).groupBy('page').process({ output: { n: 'int64' }, onRow: (row, ctx) => ctx.emit({ n: row.n }) })`,
    `The 'this' context of type 'Grouped<{ page: "utf8"; n: "int64"; }, "updating", { page: "utf8"; }>' is not assignable to method's 'this' of type 'NotUpdatingGroups<"process needs rows that stay: aggregate in a window before it">'.
  Types of property 'kind' are incompatible.
    Type '"updating"' is not assignable to type '"batch" | "stream"'.`,
  ],
  [
    'a column that is misspelt',
    `flights.filter(t => t.dealy.gt(1))`,
    `Property 'dealy' does not exist on type '{ readonly date: TimeCol<"timestamp", "row">; readonly delay: NumCol<"float64?", "row">; readonly origin: TextCol<"utf8", "row">; }'. Did you mean 'delay'?`,
  ],
  [
    'text where a number is due',
    `flights.derive(t => ({ x: t.origin.mul(2) }))`,
    `Property 'mul' does not exist on type 'TextCol<"utf8", "row">'.`,
  ],
  [
    'a literal of another type',
    `flights.filter(t => t.delay.gt('a'))`,
    `Argument of type 'string' is not assignable to parameter of type 'number | Expr<AnyNum, "row">'.`,
  ],
  [
    'an unknown key',
    `clicks.groupBy('pgae')`,
    `Argument of type '"pgae"' is not assignable to parameter of type '"page" | "at" | "ms" | ((t: { readonly page: TextCol<"utf8", "row">; readonly at: TimeCol<"timestamp", "row">; readonly ms: NumCol<"int32", "row">; }) => RowExprs)'.`,
  ],
  [
    'join keys of two types',
    `flights.join(read.rows([], { schema: { origin: 'int32' } }), { on: 'origin' })`,
    `Type '"origin"' is not assignable to type '("origin" | readonly "origin"[]) & (Refused<"join key 'origin' is utf8 on the left and int32 on the right: cast one side"> | readonly Refused<"join key 'origin' is utf8 on the left and int32 on the right: cast one side">[])'.`,
  ],
  [
    'a row value where an aggregate is due',
    `flights.groupBy('origin').aggregate(t => ({ p: t.delay }))`,
    `Type 'NumCol<"float64?", "row">' is not assignable to type 'Expr<ColumnType, "agg">'.
  Types of property '[GRAIN]' are incompatible.
    Type '"row"' is not assignable to type '"agg"'.`,
  ],
  [
    'an aggregate where a row value is due',
    `flights.derive(t => ({ s: t.delay.sum() }))`,
    `Type 'NumCol<"float64?", "agg">' is not assignable to type 'Expr<ColumnType, "row">'.
  Types of property '[GRAIN]' are incompatible.
    Type '"agg"' is not assignable to type '"row"'.`,
  ],
  [
    'a condition that is none',
    `flights.filter(t => t.delay)`,
    `Type 'NumCol<"float64?", "row">' is not assignable to type 'Expr<"bool" | "bool?", "row">'.
  Types of property '[TYPE]' are incompatible.
    Type '"float64?"' is not assignable to type '"bool" | "bool?"'.`,
  ],
  [
    'a null that is forgotten',
    `const delays: number[] = (await flights.collect()).column('delay')`,
    `Type '(number | null)[]' is not assignable to type 'number[]'.
  Type 'number | null' is not assignable to type 'number'.
    Type 'null' is not assignable to type 'number'.`,
  ],
  [
    'a row value beside an aggregate',
    `flights.aggregate(t => ({ d: t.delay.mean().sub(t.delay) }))`,
    `Argument of type 'NumCol<"float64?", "row">' is not assignable to parameter of type 'number | bigint | Expr<AnyNum, "agg">'.
  Type 'NumCol<"float64?", "row">' is not assignable to type 'Expr<AnyNum, "agg">'.
    Types of property '[GRAIN]' are incompatible.
      Type '"row"' is not assignable to type '"agg"'.`,
  ],
  [
    'collect on a stream',
    `clicks.collect()`,
    `The 'this' context of type 'Frame<{ page: "utf8"; at: "timestamp"; ms: "int32"; }, "stream">' is not assignable to method's 'this' of type 'OnlyBatch<"collect needs the end of the rows: on a stream use for await, or write(…).start()">'.
  Types of property 'kind' are incompatible.
    Type '"stream"' is not assignable to type '"batch"'.`,
  ],
  [
    'an order of a stream',
    `clicks.orderBy('ms')`,
    `The 'this' context of type 'Frame<{ page: "utf8"; at: "timestamp"; ms: "int32"; }, "stream">' is not assignable to method's 'this' of type 'OnlyBatch<"orderBy needs all rows, and a stream has no end: aggregate in windows instead">'.
  Types of property 'kind' are incompatible.
    Type '"stream"' is not assignable to type '"batch"'.`,
  ],
  [
    'rows around those that are corrected',
    `clicks.groupBy('page').aggregate(t => ({ n: count() })).over(t => ({ all: count() }))`,
    `The 'this' context of type 'Frame<{ page: "utf8"; n: "int64"; }, "updating">' is not assignable to method's 'this' of type 'NotUpdating<"over needs rows that stay: aggregate in a window">'.
  Types of property 'kind' are incompatible.
    Type '"updating"' is not assignable to type '"batch" | "stream"'.`,
  ],
  [
    'a row before where no order is',
    `flights.orderBy(t => t.delay.lag(1).asc())`,
    `The 'this' context of type 'NumCol<"float64?", "row">' is not assignable to method's 'this' of type 'OnlyInOver<"float64?", "lag looks at the rows around: it stands in over(t => …)">'.
  Types of property '[GRAIN]' are incompatible.
    Type '"row"' is not assignable to type 'Placed'.
      Type 'string' is not assignable to type 'InOver'.`,
  ],
  [
    'a place where no order is',
    `flights.derive(t => ({ place: rank() }))`,
    `Type 'NumCol<"int64", "over">' is not assignable to type 'Expr<ColumnType, "row">'.
  Types of property '[GRAIN]' are incompatible.
    Type '"over"' is not assignable to type '"row"'.`,
  ],
  [
    'a place within an aggregate',
    `flights.over(t => ({ x: rank().sum() }))`,
    `The 'this' context of type 'NumCol<"int64", "over">' is not assignable to method's 'this' of type 'Expr<"int64", "row">'.
  Types of property '[GRAIN]' are incompatible.
    Type '"over"' is not assignable to type '"row"'.`,
  ],
  [
    'a join within a time of rows that are corrected',
    `flights.join(clicks.groupBy('page').aggregate(() => ({ n: count() })).rename({ page: 'origin' }), { on: 'origin', within: '1 hour' })`,
    `Type '"origin"' is not assignable to type '("origin" | readonly "origin"[]) & Refused<"within and window need rows that stay as they are, and a frame here corrects rows it has given: leave them out">'.`,
  ],
  [
    'a duration that is misspelt',
    `clicks.window(tumble('1 minuts'))`,
    `Argument of type '"1 minuts"' is not assignable to parameter of type 'Duration'.`,
  ],
  [
    'an aggregate with the name of a window bound',
    `clicks.window(tumble('1 minute')).aggregate(t => ({ windowStart: count() }))`,
    `Type 'NumCol<"int64", "agg">' is not assignable to type 'NumCol<"int64", "agg"> & "'windowStart' is already a group key or window bound: choose another name"'.
  Type 'NumCol<"int64", "agg">' is not assignable to type '"'windowStart' is already a group key or window bound: choose another name"'.`,
  ],
  [
    'an aggregate with the name of a key',
    `clicks.groupBy('page').aggregate(t => ({ page: count() }))`,
    `Type 'NumCol<"int64", "agg">' is not assignable to type 'NumCol<"int64", "agg"> & "'page' is already a group key: choose another name"'.
  Type 'NumCol<"int64", "agg">' is not assignable to type '"'page' is already a group key: choose another name"'.`,
  ],
  [
    'an updating frame into a sink that only appends',
    `clicks.groupBy('page').aggregate(t => ({ n: count() })).write(to.csv('pages.csv'))`,
    `The 'this' context of type 'Frame<{ page: "utf8"; n: "int64"; }, "updating">' is not assignable to method's 'this' of type 'Writable<"append", "this sink only appends, and the frame corrects rows it has given: aggregate in a window">'.
  Types of property 'kind' are incompatible.
    Type '"updating"' is not assignable to type '"batch" | "stream"'.`,
  ],
  [
    'a window over an updating frame',
    `clicks.groupBy('page').aggregate(t => ({ n: count() })).window(tumble('1 day'))`,
    `The 'this' context of type 'Frame<{ page: "utf8"; n: "int64"; }, "updating">' is not assignable to method's 'this' of type 'NotUpdating<"a window needs rows that stay: aggregate after the window, not before it">'.
  Types of property 'kind' are incompatible.
    Type '"updating"' is not assignable to type '"batch" | "stream"'.`,
  ],
  [
    'a column of kinds that is no text',
    `clicks.fromChanges({ kind: 'ms' })`,
    `Type '"ms"' is not assignable to type '"page"'.`,
  ],
  [
    'changes of a frame that corrects its rows',
    `clicks.groupBy('page').aggregate(t => ({ n: count() })).fromChanges({ kind: 'page' })`,
    `The 'this' context of type 'Frame<{ page: "utf8"; n: "int64"; }, "updating">' is not assignable to method's 'this' of type 'NotUpdating<"fromChanges reads rows that stay, each with its kind in a column">'.
  Types of property 'kind' are incompatible.
    Type '"updating"' is not assignable to type '"batch" | "stream"'.`,
  ],
  [
    'the latest rows of a frame that corrects its rows',
    `clicks.groupBy('page').aggregate(t => ({ n: count() })).upsert('page')`,
    `The 'this' context of type 'Frame<{ page: "utf8"; n: "int64"; }, "updating">' is not assignable to method's 'this' of type 'NotUpdating<"upsert keeps the latest of rows that stay, and these are corrected later">'.
  Types of property 'kind' are incompatible.
    Type '"updating"' is not assignable to type '"batch" | "stream"'.`,
  ],
  [
    'a key of the latest rows that is misspelt',
    `clicks.upsert('pgae')`,
    `Argument of type '"pgae"' is not assignable to parameter of type '"page" | "at" | "ms" | readonly ("page" | "at" | "ms")[]'.`,
  ],
  [
    'a model that needs another column',
    `flights.predict(model)`,
    `Argument of type 'PredictorOf<{ hour: "int32"; }, { prediction: "bool"; probability: "float64"; }>' is not assignable to parameter of type 'PredictorOf<{ hour: "int32"; }, { prediction: "bool"; probability: "float64"; }> & { readonly needs: "the model needs column 'hour', which this frame lacks"; }'.
  Type 'PredictorOf<{ hour: "int32"; }, { prediction: "bool"; probability: "float64"; }>' is not assignable to type '{ readonly needs: "the model needs column 'hour', which this frame lacks"; }'.
    Types of property 'needs' are incompatible.
      Type '{ hour: "int32"; }' is not assignable to type '"the model needs column 'hour', which this frame lacks"'.`,
  ],
  [
    'a selected column that is misspelt',
    `flights.select('origin', 'dely')`,
    `Argument of type '"dely"' is not assignable to parameter of type '"date" | "delay" | "origin"'.`,
  ],
  [
    'a watermark on what is no time',
    `clicks.watermark('ms', '5 seconds')`,
    `Argument of type '"ms"' is not assignable to parameter of type '"at"'.`,
  ],
  [
    'a fitted model on a frame that lacks its column',
    `marked.drop('hour').predict(await new LogisticRegression().fit(marked, { features: ['hour'], label: 'late' }))`,
    `Argument of type 'ClassifierModel<{ hour: "int32"; }, "late">' is not assignable to parameter of type 'PredictorOf<{ hour: "int32"; }, ClassifierColumns> & { readonly needs: "the model needs column 'hour', which this frame lacks"; }'.
  Type 'ClassifierModel<{ hour: "int32"; }, "late">' is not assignable to type '{ readonly needs: "the model needs column 'hour', which this frame lacks"; }'.
    Types of property 'needs' are incompatible.
      Type '{ hour: "int32"; }' is not assignable to type '"the model needs column 'hour', which this frame lacks"'.`,
  ],
  [
    'a feature that is misspelt',
    `await new LogisticRegression().fit(marked, { features: ['hourr'], label: 'late' })`,
    `Type '"hourr"' is not assignable to type '"hour" | "late"'. Did you mean '"hour"'?`,
  ],
  [
    'a label that is no truth value',
    `await new LogisticRegression().fit(marked, { features: ['hour'], label: 'origin' })`,
    `Type '"origin"' is not assignable to type '"late"'.`,
  ],
  [
    'a watermark where no column is a timestamp',
    `flights.derive(t => ({ date: t.date.cast('date') })).watermark('date', '1 day')`,
    `Argument of type '"date"' is not assignable to parameter of type '"watermark needs a timestamp column, and there is none: derive one by .cast(\\"timestamp\\")"'.`,
  ],
  [
    'a label where no column is a truth value',
    `await new LogisticRegression().fit(flights, { features: ['delay'], label: 'origin' })`,
    `Type '"origin"' is not assignable to type '"the label is a bool, and no column is: derive one by .gt(…) or .eq(…)"'.`,
  ],
  [
    'text features where no column is a number',
    `await new KMeans({ k: 2 }).fit(flights.select('origin'), { features: ['origin'] })`,
    `Type '"origin"' is not assignable to type '"no column is a number or bool: for text write t => [oneHot(t.name)]"'.`,
  ],
  [
    'an unknown key before an aggregate',
    `clicks.groupBy('pgae').aggregate(t => ({ n: count() }))`,
    `Argument of type '"pgae"' is not assignable to parameter of type '"page" | "at" | "ms" | ((t: { readonly page: TextCol<"utf8", "row">; readonly at: TimeCol<"timestamp", "row">; readonly ms: NumCol<"int32", "row">; }) => RowExprs)'.`,
  ],
  [
    'text on the axis of numbers',
    `line(marked, { x: 'date', y: 'origin' })`,
    `Type '"origin"' is not assignable to type '"hour" | readonly "hour"[]'.`,
  ],
  [
    'a union of frames with other columns',
    `flights.union(flights.drop('delay'))`,
    `Argument of type 'Frame<{ date: "timestamp"; origin: "utf8"; }, "batch">' is not assignable to parameter of type 'Frame<{ date: "timestamp"; origin: "utf8"; }, "batch"> & { readonly schema: "column 'delay' is in one frame only: select the same columns of both"; }'.
  Type 'Frame<{ date: "timestamp"; origin: "utf8"; }, "batch">' is not assignable to type '{ readonly schema: "column 'delay' is in one frame only: select the same columns of both"; }'.
    Types of property 'schema' are incompatible.
      Type '{ date: "timestamp"; origin: "utf8"; }' is not assignable to type '"column 'delay' is in one frame only: select the same columns of both"'.`,
  ],
  [
    'a union of columns of two types',
    `marked.select('hour').union(marked.derive(t => ({ hour: t.origin })).select('hour'))`,
    `Argument of type 'Frame<{ hour: "utf8"; }, "batch">' is not assignable to parameter of type 'Frame<{ hour: "utf8"; }, "batch"> & { readonly schema: "column 'hour' is int32 in one frame and utf8 in the other: cast one"; }'.
  Type 'Frame<{ hour: "utf8"; }, "batch">' is not assignable to type '{ readonly schema: "column 'hour' is int32 in one frame and utf8 in the other: cast one"; }'.
    Types of property 'schema' are incompatible.
      Type '{ hour: "utf8"; }' is not assignable to type '"column 'hour' is int32 in one frame and utf8 in the other: cast one"'.`,
  ],
  [
    'a limit of rows that are corrected',
    `clicks.aggregate(t => ({ n: count() })).limit(3)`,
    `The 'this' context of type 'Frame<{ n: "int64"; }, "updating">' is not assignable to method's 'this' of type 'NotUpdating<"limit cannot choose among rows that are corrected later: aggregate in a window">'.
  Types of property 'kind' are incompatible.
    Type '"updating"' is not assignable to type '"batch" | "stream"'.`,
  ],
  [
    'a dropped column that is misspelt',
    `flights.drop('dely')`,
    `Argument of type '"dely"' is not assignable to parameter of type '"date" | "delay" | "origin"'.`,
  ],
  [
    'a renamed column that is misspelt',
    `flights.rename({ dely: 'late' })`,
    `Object literal may only specify known properties, and 'dely' does not exist in type '((name: string) => string) | { readonly date?: string; readonly delay?: string; readonly origin?: string; }'.`,
  ],
  [
    'a fill of another type',
    `flights.fillNull({ delay: 'none' })`,
    `Type '"none"' is not assignable to type '"none" & Refused<"column 'delay' is float64?: fill it with a value of that type">'.
  Type 'string' is not assignable to type 'Refused<"column 'delay' is float64?: fill it with a value of that type">'.`,
  ],
  [
    'a fill of a column that is not there',
    `flights.fillNull({ dely: 0 })`,
    `Type '0' is not assignable to type '0 & Refused<"there is no column 'dely'">'.
  Type 'number' is not assignable to type 'Refused<"there is no column 'dely'">'.`,
  ],
  [
    'a cast to a type that there is not',
    `flights.cast({ delay: 'int' })`,
    `Type '"int"' is not assignable to type 'BareText'.`,
  ],
  [
    'a list where a number is due',
    `orders.derive(t => ({ x: t.tags.mul(2) }))`,
    `Property 'mul' does not exist on type 'ListCol<"utf8[]", "row">'.`,
  ],
  [
    'an item of another type',
    `orders.filter(t => t.tags.contains(5))`,
    `Argument of type 'number' is not assignable to parameter of type 'AnItem<"utf8[]", "row">'.`,
  ],
  [
    'a field of a struct that is misspelt',
    `orders.select('to').derive(t => ({ c: t.to.field('ctiy') }))`,
    `Argument of type '"ctiy"' is not assignable to parameter of type '"city" | "zip"'.`,
  ],
  [
    'a key of a map of another type',
    `orders.derive(t => ({ x: t.counts.get(5) }))`,
    `Argument of type 'number' is not assignable to parameter of type 'AKey<"map(utf8,int32)", "row">'.`,
  ],
  [
    'an unnest of what is no list',
    `orders.unnest('price')`,
    `Argument of type '"price"' is not assignable to parameter of type '"tags" | "to" | "counts" | readonly ("tags" | "to" | "counts")[]'.`,
  ],
  [
    'a semi join on a key of one side',
    `flights.semiJoin(marked.drop('origin'), { on: 'origin' })`,
    `Type '"origin"' is not assignable to type '"date" | KeyPair<"date" | "delay" | "origin", "date" | "hour" | "late"> | readonly ("date" | KeyPair<"date" | "delay" | "origin", "date" | "hour" | "late">)[]'.`,
  ],
  [
    'a right key of a join that is misspelt',
    `flights.join(marked, { on: { left: 'origin', right: 'orgin' } })`,
    `Type '{ left: "origin"; right: "orgin"; }' is not assignable to type '"date" | "origin" | KeyPair<"date" | "delay" | "origin", "date" | "origin" | "hour" | "late"> | readonly ("date" | "origin" | KeyPair<"date" | "delay" | "origin", "date" | "origin" | "hour" | "late">)[]'.
  Types of property 'right' are incompatible.
    Type '"orgin"' is not assignable to type '"date" | "origin" | "hour" | "late" | undefined'. Did you mean '"origin"'?`,
  ],
  [
    'a key of a list of differing names that is misspelt',
    `flights.leftJoin(marked, { on: ['date', { left: 'origin', right: 'orgin' }] })`,
    `Type '"orgin"' is not assignable to type '"date" | "origin" | "hour" | "late"'. Did you mean '"origin"'?`,
  ],
  [
    'join keys of two names and types',
    `flights.fullJoin(marked, { on: { left: 'origin', right: 'hour' } })`,
    `Type '{ left: "origin"; right: "hour"; }' is not assignable to type '({ readonly left: "origin"; readonly right: "hour"; } | readonly { readonly left: "origin"; readonly right: "hour"; }[]) & (Refused<"join key 'origin = hour' is utf8 on the left and int32 on the right: cast one side"> | readonly Refused<...>[])'.
  Type '{ left: "origin"; right: "hour"; }' is not assignable to type '{ readonly left: "origin"; readonly right: "hour"; } & Refused<"join key 'origin = hour' is utf8 on the left and int32 on the right: cast one side">'.
    Property 'refused' is missing in type '{ left: "origin"; right: "hour"; }' but required in type 'Refused<"join key 'origin = hour' is utf8 on the left and int32 on the right: cast one side">'.`,
  ],
  [
    'join keys of two names and types in a list',
    `flights.asOfJoin(marked, { on: [{ left: 'origin', right: 'hour' }] })`,
    `Type '{ left: "origin"; right: "hour"; }' is not assignable to type '{ readonly left: "origin"; readonly right: "hour"; } & Refused<"join key 'origin = hour' is utf8 on the left and int32 on the right: cast one side">'.
  Property 'refused' is missing in type '{ left: "origin"; right: "hour"; }' but required in type 'Refused<"join key 'origin = hour' is utf8 on the left and int32 on the right: cast one side">'.`,
  ],
  [
    'an as-of join by a column that is not there',
    `flights.asOfJoin(marked.drop('date'), { on: 'origin', time: { left: 'dely', right: 'hour' } })`,
    `Type '"dely"' is not assignable to type '"date" | "delay" | "origin"'. Did you mean '"delay"'?`,
  ],
  [
    'a part of a number',
    `orders.derive(t => ({ m: t.price.month() }))`,
    `Property 'month' does not exist on type 'NumCol<"decimal(9,2)", "row">'.`,
  ],
  [
    'a time against a number',
    `flights.filter(t => t.date.gt(5))`,
    `Argument of type 'number' is not assignable to parameter of type 'string | Date | Expr<AnyTime, "row">'.`,
  ],
  [
    'a duration in a unit that there is not',
    `flights.derive(t => ({ d: t.date.truncate('forthnight') }))`,
    `Argument of type '"forthnight"' is not assignable to parameter of type 'CalendarStep'.`,
  ],
  [
    'a pattern that is a number',
    `flights.filter(t => t.origin.matches(5))`,
    `Argument of type 'number' is not assignable to parameter of type 'RegExp'.`,
  ],
  [
    'a quantile of text',
    `flights.aggregate(t => ({ q: t.origin.quantile(0.5) }))`,
    `Property 'quantile' does not exist on type 'TextCol<"utf8", "row">'.`,
  ],
  [
    'a correlation with text',
    `flights.aggregate(t => ({ q: t.delay.corr(t.origin) }))`,
    `Argument of type 'TextCol<"utf8", "row">' is not assignable to parameter of type 'Expr<AnyNum, "row">'.
  Types of property '[TYPE]' are incompatible.
    Type '"utf8"' is not assignable to type 'AnyNum'.`,
  ],
  [
    'grouping sets by what is no key',
    `flights.groupBy('origin').sets([['origin'], ['delay']])`,
    `Type '"delay"' is not assignable to type '"origin"'.`,
  ],
  [
    'a condition of an aggregate that is none',
    `flights.aggregate(t => ({ n: t.delay.sum().where(t.delay) }))`,
    `Argument of type 'NumCol<"float64?", "row">' is not assignable to parameter of type 'Expr<AnyBool, "row">'.
  Types of property '[TYPE]' are incompatible.
    Type '"float64?"' is not assignable to type 'AnyBool'.`,
  ],
  [
    'a query that is awaited itself',
    `const rows: number = (await flights.write(to.csv('x.csv')).start()).rowsIn`,
    `Property 'rowsIn' does not exist on type 'Query'.`,
  ],
]

const found = check(head + mistakes.map(([, line]) => line).join('\n'))
const firstLine = head.split('\n').length

for (const [i, [what, , message]] of mistakes.entries()) {
  test(`${what} is refused in the editor`, () => {
    expect(found.filter(({ line }) => line === firstLine + i).map(mistake => mistake.message)).toEqual([message])
  })
}

test('nothing else is refused', () => {
  expect(found.length).toBe(mistakes.length)
})

test('text among the features of a model is refused in the editor', () => {
  const program = `${head}await new LogisticRegression().fit(marked, { features: t => [t.hour, t.origin], label: 'late' })`
  const [mistake, ...others] = check(program)
  expect(others).toEqual([])
  expect(mistake?.message.split('\n').slice(-3)).toEqual([
    `        Type 'TextCol<"utf8", "row">' is not assignable to type 'Expr<FeatureType, "row" | "learnt">'.`,
    `          Types of property '[TYPE]' are incompatible.`,
    `            Type '"utf8"' is not assignable to type 'FeatureType'.`,
  ])
})
