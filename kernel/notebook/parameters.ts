/**
 * Parameters of a notebook: values from the command line become a cell tagged `injected-parameters`, put after the
 * cell tagged `parameters`, whose declarations say which names exist and what they can hold. Without such a cell
 * the injected one comes first and takes any name.
 */
import { declarations, type Declaration } from './declarations.ts'
import { freeId, hasTag, type Cell, type CodeCell, type Notebook } from './model.ts'
import { nearest } from './nearest.ts'
import { NotebookError } from './notebook-error.ts'

/** A value as it was typed. `raw` keeps it text whatever it looks like. */
export interface Parameter {
  readonly name: string
  readonly value: string
  readonly raw: boolean
}

export function injectParameters(notebook: Notebook, parameters: readonly Parameter[]): Notebook {
  if (parameters.length === 0) return notebook
  const cells = notebook.cells.filter(cell => !hasTag(cell, 'injected-parameters'))
  const at = cells.findIndex(cell => cell.kind === 'code' && hasTag(cell, 'parameters'))
  const declared = at < 0 ? null : declarations(cells[at]?.source ?? '')
  const latest = new Map(parameters.map(parameter => [parameter.name, parameter]))
  const lines = [...latest.values()].map(parameter => assignment(parameter, declared))
  const injected: CodeCell = {
    kind: 'code',
    id: freeId('injected-parameters', new Set(cells.map(cell => cell.id))),
    source: ['// Parameters', ...lines].join('\n'),
    metadata: { tags: ['injected-parameters'] },
    executionCount: null,
    outputs: [],
  }
  return { ...notebook, cells: insert(cells, at + 1, injected) }
}

function insert(cells: readonly Cell[], at: number, cell: Cell): readonly Cell[] {
  return [...cells.slice(0, at), cell, ...cells.slice(at)]
}

function assignment(parameter: Parameter, declared: readonly Declaration[] | null): string {
  const { name } = parameter
  if (declared === null) {
    if (!/^[A-Za-z_$][\w$]*$/.test(name)) throw new NotebookError(`parameter "${name}" is not a name`)
    return `const ${name} = ${literal(parameter)}`
  }
  const declaration = declared.find(one => one.name === name)
  if (declaration === undefined) throw unknownName(name, declared)
  const type = declaration.type === null ? '' : `: ${declaration.type}`
  return `${declaration.keyword} ${name}${type} = ${fitting(parameter, declaration)}`
}

function unknownName(name: string, declared: readonly Declaration[]): NotebookError {
  const names = declared.map(one => one.name)
  const near = nearest(name, names)
  const hint = near === null ? '' : `. Did you mean "${near}"?`
  const list = names.length === 0 ? 'nothing' : names.join(', ')
  return new NotebookError(`unknown parameter "${name}"${hint} The cell tagged "parameters" declares ${list}`)
}

/** The literal for a declared name, of the kind its type, or else its present value, asks for. */
function fitting(parameter: Parameter, declaration: Declaration): string {
  const { value, raw, name } = parameter
  const kind = kindOf(declaration)
  if (kind === 'string') return JSON.stringify(raw ? value : unquoted(value))
  if (kind === null) return literal(parameter)
  const wrong = (reason: string): NotebookError =>
    new NotebookError(
      `parameter "${name}" cannot be ${JSON.stringify(value)}: ${reason}, as in \`${declaration.text}\``,
    )
  if (raw) throw wrong(`-r gives text and it is declared as ${KIND_NAMES[kind]}`)
  if (!FORMS[kind].test(value)) throw wrong(`it is declared as ${KIND_NAMES[kind]}`)
  return value
}

type Kind = 'string' | 'number' | 'boolean' | 'bigint'

const NUMBER = /^[+-]?(\d[\d_]*(\.\d*)?(e[+-]?\d+)?|\.\d+(e[+-]?\d+)?|0x[\da-f]+|0b[01]+|0o[0-7]+|Infinity)$|^NaN$/i
const FORMS = { number: NUMBER, boolean: /^(true|false)$/, bigint: /^-?\d+n$/ }
const KIND_NAMES = { number: 'a number', boolean: 'true or false', bigint: 'a bigint such as 10n' }

/** The single primitive kind that a declaration admits; null where it admits others, or cannot be told from the text. */
function kindOf(declaration: Declaration): Kind | null {
  const { type, value } = declaration
  if (type !== null) {
    if (/^(string|number|boolean|bigint)$/.test(type)) return type as Kind
    const members = type.split('|').map(member => member.trim())
    return members.every(member => /^(['"]).*\1$/.test(member) || member === 'string') ? 'string' : null
  }
  if (/^(['"`]).*\1$/s.test(value)) return 'string'
  if (FORMS.bigint.test(value)) return 'bigint'
  if (FORMS.boolean.test(value)) return 'boolean'
  return NUMBER.test(value) ? 'number' : null
}

/** The literal that a value looks like: null, true, a number, JSON, quoted text; else text. */
function literal({ value, raw }: Parameter): string {
  if (raw) return JSON.stringify(value)
  if (/^(null|undefined|true|false)$/.test(value) || NUMBER.test(value) || FORMS.bigint.test(value)) return value
  if (/^[[{]/.test(value) && isJson(value)) return value
  return JSON.stringify(unquoted(value))
}

function unquoted(value: string): string {
  if (/^".*"$/s.test(value) && isJson(value)) return String(JSON.parse(value))
  return /^'[^'\\]*'$/.test(value) ? value.slice(1, -1) : value
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch (cause) {
    if (cause instanceof SyntaxError) return false
    throw cause
  }
}
