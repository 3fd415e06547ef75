import { toJs } from '../data/row.ts'
import { bareText, typeText, type Nullable } from '../data/type.ts'
import type { FunctionOptions } from './function.ts'
import type { ExprNode, Typed } from './node.ts'

/** Expressions as the user would write them, for errors and `explain`: `t.delay.gt(15)`. Casts by rule are left out. */

export function exprText(node: ExprNode | Typed): string {
  switch (node.kind) {
    case 'column':
      if ('written' in node && node.written !== undefined) return node.written
      return /^[A-Za-z_$][\w$]*$/.test(node.name) ? `t.${node.name}` : `t[${quoted(node.name)}]`
    case 'literal':
      return literalText('type' in node ? toJs(node.value, node.type, 'iso') : node.value)
    case 'cast': {
      const to = 'to' in node ? node.to : node.type
      if ('implicit' in node && node.implicit === true) return exprText(node.arg)
      if (node.arg.kind === 'literal') return `lit(${exprText(node.arg)}, '${bareText(to)}')`
      return `${receiver(node.arg)}.cast('${bareText(to)}')`
    }
    case 'udf':
      return `${node.udf.name}(${node.args.map(exprText).join(', ')})`
    case 'learnt':
      return `${node.step.name}(${[...node.args.map(exprText), ...optionTexts(node.step.options)].join(', ')})`
    case 'call':
      return node.fn.name === 'when' ? whenText(node.args) : callText(node)
    case 'window':
      return callText(node)
    case 'aggregate':
      return callText(node) + (node.filter === undefined ? '' : `.where(${exprText(node.filter)})`)
  }
}

function callText(node: Extract<ExprNode | Typed, { kind: 'call' | 'aggregate' | 'window' }>): string {
  const { fn, args } = node
  if ('text' in fn && fn.text !== undefined) return fn.text(args.map(exprText), node.options)
  const method = fn.form !== 'function' && args.length > 0
  const rest = (method ? args.slice(1) : args).map(exprText)
  const inner = fn.name === 'isIn' ? `[${rest.join(', ')}]` : [...rest, ...callOptions(node)].join(', ')
  return method ? `${receiver(args[0]!)}.${fn.name}(${inner})` : `${fn.name}(${inner})`
}

function receiver(node: ExprNode | Typed): string {
  return node.kind === 'literal' ? `lit(${exprText(node)})` : exprText(node)
}

function whenText(args: readonly (ExprNode | Typed)[]): string {
  let text = ''
  for (let i = 0; i + 1 < args.length; i += 2) {
    text += `${text === '' ? '' : '.'}when(${exprText(args[i]!)}).then(${exprText(args[i + 1]!)})`
  }
  return `${text}.otherwise(${exprText(args[args.length - 1]!)})`
}

/** Options in their places, and behind them those that go by name. */
function callOptions({
  fn,
  options,
}: Extract<ExprNode | Typed, { kind: 'call' | 'aggregate' | 'window' }>): readonly string[] {
  if ('written' in fn && fn.written !== undefined) return fn.written(options)
  const named = 'named' in fn ? (fn.named ?? []) : []
  if (named.length === 0) return optionTexts(options)
  const entries = Object.entries(options).filter(([, value]) => value !== undefined)
  const texts = entries.filter(([name]) => !named.includes(name)).map(([, value]) => literalText(value))
  const byName = entries.filter(([name]) => named.includes(name))
  if (byName.length === 0) return texts
  return [...texts, `{ ${byName.map(([name, value]) => `${name}: ${literalText(value)}`).join(', ')} }`]
}

function optionTexts(options: FunctionOptions): string[] {
  const values = Object.values(options)
  while (values.length > 0 && values[values.length - 1] === undefined) values.pop()
  return values.map(literalText)
}

function literalText(value: unknown): string {
  if (typeof value === 'string') return quoted(value.length > 60 ? `${value.slice(0, 57)}…` : value)
  if (typeof value === 'bigint') return `${value}n`
  if (value instanceof Date) return `new Date('${Number.isNaN(value.getTime()) ? 'invalid' : value.toISOString()}')`
  if (Array.isArray(value)) return `[${value.map(literalText).join(', ')}]`
  return typeof value === 'object' && value !== null ? '{…}' : Object.is(value, -0) ? '-0' : String(value)
}

function quoted(text: string): string {
  return `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll(`'`, `\\'`)}'`
}

/** What an argument is, for refusals: `"origin" is utf8`, `'a' is text`. */
export function describe(node: ExprNode, of: Nullable): string {
  if (node.kind === 'column' && node.written === undefined) return `"${node.name}" is ${typeText(of)}`
  if (node.kind === 'literal' && of.type.kind === 'utf8') return `${exprText(node)} is text`
  return `${exprText(node)} is ${typeText(of)}`
}
