import { Batch } from '../../data/batch.ts'
import { columnOf } from '../../data/builder.ts'
import type { Value } from '../../data/column.ts'
import { DataError } from '../../data/errors.ts'
import { Schema } from '../../data/schema.ts'
import { scalar, type Nullable } from '../../data/type.ts'
import { RowFailure, type EagerFunction, type Refused } from '../function.ts'
import { infer } from '../infer.ts'
import { interpret } from '../interpret.ts'
import type { ExprNode, Typed } from '../node.ts'
import { toSql } from '../sql.ts'
import { exprText } from '../text.ts'
import { itemOf } from './list.ts'

/**
 * Functions that compute an expression for each item of a list. The item is a column of its own, by a name that no
 * other has, so that a body which reaches for anything else is refused. Bodies are interpreted.
 */

let made = 0

/** The body of a function over items, and its types by the type of the list. */
class Body {
  readonly #name = `item#${made++}`
  readonly #method: string
  readonly #node: ExprNode

  constructor(method: string, of: (item: ExprNode) => ExprNode) {
    this.#method = method
    this.#node = of({ kind: 'column', name: this.#name })
  }

  /** The expression as it is written, where the item is `x`. */
  get text(): string {
    return exprText(this.#node).replaceAll(`t['${this.#name}']`, 'x')
  }

  typed(list: Nullable): Typed {
    const schema = this.#schema(list)
    return infer(this.#node, schema, `${this.#method} (the item alone is known, as ${this.#name})`)
  }

  /** A list of what the body gives for each item. */
  over(list: Nullable): (items: readonly Value[]) => Value[] {
    const typed = this.typed(list)
    const schema = this.#schema(list)
    return items => {
      const batch = new Batch(schema, items.length, [columnOf(itemOf(list.type).type, items)])
      return items.map((_, i) => interpret(typed, batch, i))
    }
  }

  sql(list: Nullable): { readonly name: string; readonly sql: string } | Refused {
    const found = toSql(this.typed(list), 'duckdb')
    return 'refused' in found ? found : { name: `"${this.#name}"`, sql: found.sql }
  }

  #schema(list: Nullable): Schema {
    return new Schema([{ name: this.#name, ...itemOf(list.type) }])
  }
}

/** The values of a closure; a row that fails is refused by the reason of what failed in the body. */
function rowFunction(
  name: string,
  body: Body,
  result: (typed: Typed, list: Nullable) => Nullable | string,
  make: (list: Nullable) => (items: readonly Value[]) => readonly Value[],
  sql: (list: string, name: string, body: string) => string,
): EagerFunction {
  const attempt = (compute: () => Value): Value | RowFailure => {
    try {
      return compute()
    } catch (error) {
      if (error instanceof DataError) return new RowFailure(error.message.replaceAll(/t\['item#\d+'\]/g, 'x'))
      throw error
    }
  }
  return {
    name,
    text: ([a]) => `${a}.${name}(x => ${body.text})`,
    infer: ([a]) => {
      if (a!.type.kind !== 'list') return `${name} takes a list, and $0`
      const found = result(body.typed(a!), a!)
      return typeof found === 'string' ? found : { type: found.type, nullable: a!.nullable }
    },
    nulls: 'propagate',
    js: ([a], types, _, __, js) => {
      const each = make(types[0]!)
      const found = js.local(`${js.bind((items: readonly Value[]) => attempt(() => each(items)))}(${a!.value})`)
      js.run(`if (${found} instanceof ${js.bind(RowFailure)}) ${js.fail('is what an item gave', `${found}.message`)}`)
      return { value: found, valid: null }
    },
    evaluate: ([a], types) => {
      const found = attempt(() => make(types[0]!)(a as readonly Value[]))
      if (found instanceof RowFailure) throw new RowFailure(`"${found.message}" is what an item gave`)
      return found
    },
    duckdb: ([a], types) => {
      const found = body.sql(types[0]!)
      return 'refused' in found ? found : sql(a!, found.name, found.sql)
    },
    flink: { refused: 'Flink SQL has no functions of items' },
  }
}

/** `mapItems`: a list of what the body gives for each item. */
export function mapping(of: (item: ExprNode) => ExprNode): EagerFunction {
  const body = new Body('mapItems', of)
  return rowFunction(
    'mapItems',
    body,
    ({ type, nullable }) => ({ type: { kind: 'list', item: { type, nullable } }, nullable: false }),
    list => body.over(list),
    (list, name, sql) => `list_transform(${list}, lambda ${name}: ${sql})`,
  )
}

/** `filterItems`: the items for which the body is true. */
export function filtering(of: (item: ExprNode) => ExprNode): EagerFunction {
  const body = new Body('filterItems', of)
  return rowFunction(
    'filterItems',
    body,
    ({ type }, list) => (type === scalar('bool') ? list : `filterItems takes a condition, and ${body.text} is none`),
    list => {
      const holds = body.over(list)
      return items => {
        const kept = holds(items)
        return items.filter((_, i) => kept[i] === true)
      }
    },
    (list, name, sql) => `list_filter(${list}, lambda ${name}: ${sql})`,
  )
}
