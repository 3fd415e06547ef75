/**
 * The reference in `docs/reference`: every public verb, function and method with its docstring and its example, under
 * the words that a reader looks for. It is written from the sources, so that it cannot say anything else than they do.
 */
import { join, relative } from 'node:path'
import ts from 'typescript'
import { packageOptions } from './type-check.ts'

export interface Page {
  readonly file: string
  readonly text: string
}

interface Entry {
  /** What it is called in headings and in the index. */
  readonly name: string
  /** How it is called: `frame.limit(count)`. */
  readonly call: string
  /** What it takes and gives, in words; empty where the docstring says it. */
  readonly types: string
  readonly doc: string
  readonly options: readonly Option[]
}

interface Option {
  readonly name: string
  readonly type: string
  readonly doc: string
}

interface Section {
  readonly title: string
  readonly intro: string
  readonly entries: readonly Entry[]
}

/** Makes all pages from the sources under `root`. */
export function referencePages(root: string): Page[] {
  const doors = ['sdk/index.ts', 'sdk/ml/index.ts', 'sdk/plot/index.ts']
  const program = ts.createProgram(
    doors.map(path => join(root, path)),
    packageOptions(root),
  )
  const reader = new Reader(root, program)
  const pages: { readonly file: string; readonly title: string; readonly sections: readonly Section[] }[] = [
    { file: 'frames.md', title: 'Frames', sections: reader.frames() },
    { file: 'expressions.md', title: 'Expressions', sections: reader.expressions('row') },
    { file: 'aggregates.md', title: 'Aggregates', sections: reader.expressions('aggregate') },
    { file: 'reading-and-writing.md', title: 'Reading and writing', sections: reader.readersAndSinks() },
    { file: 'running.md', title: 'Running', sections: reader.running() },
    { file: 'learning.md', title: 'Learning', sections: reader.door('sdk/ml/index.ts') },
    { file: 'plots.md', title: 'Plots', sections: reader.door('sdk/plot/index.ts') },
  ]
  return [
    { file: 'README.md', text: index(pages) },
    ...pages.map(({ file, title, sections }) => ({ file, text: pageOf(title, sections) })),
  ]
}

class Reader {
  readonly #root: string
  readonly #checker: ts.TypeChecker
  readonly #program: ts.Program

  constructor(root: string, program: ts.Program) {
    this.#root = root
    this.#program = program
    this.#checker = program.getTypeChecker()
  }

  frames(): Section[] {
    const classes = FRAMES.flatMap(name => {
      const found = this.#exported('sdk/index.ts').get(name)
      return found === undefined ? [] : [this.#classSection(found, receiverOf(name))]
    })
    return [...classes, ...this.#objectSections(['state'])]
  }

  /** Methods of columns and the functions beside them: of one value a row, or of one a group. */
  expressions(grain: 'row' | 'aggregate'): Section[] {
    const sections: Section[] = []
    for (const statement of COLUMN_FILES.flatMap(path => [...this.#source(path).statements])) {
      if (!ts.isInterfaceDeclaration(statement) || !statement.name.text.endsWith('Col')) continue
      const entries = statement.members.filter(ts.isMethodSignature).flatMap(member => {
        const isAggregate = (member.type?.getText() ?? '').endsWith("'agg'>")
        return isAggregate === (grain === 'aggregate') ? this.#entry(member, 't.x') : []
      })
      if (entries.length > 0) {
        sections.push({ title: COLUMNS[statement.name.text]!, intro: docOf(statement), entries: byName(entries) })
      }
    }
    const functions = [...this.#exported('sdk/index.ts').values()].flatMap(symbol => {
      const declaration = symbol.declarations?.find(ts.isFunctionDeclaration)
      if (declaration === undefined || !declaration.getSourceFile().fileName.includes('/sdk/expr/')) return []
      const isAggregate = (declaration.type?.getText() ?? '').endsWith("'agg'>")
      return isAggregate === (grain === 'aggregate') ? this.#entry(documented(symbol), '') : []
    })
    if (functions.length > 0) sections.push({ title: 'Functions', intro: '', entries: byName(functions) })
    return sections
  }

  readersAndSinks(): Section[] {
    return this.#objectSections(['read', 'generate', 'to'])
  }

  /** Objects of functions, under their names. */
  #objectSections(names: readonly string[]): Section[] {
    return names.flatMap(name => {
      const symbol = this.#exported('sdk/index.ts').get(name)
      const declaration = symbol?.declarations?.find(ts.isVariableDeclaration)
      if (declaration?.type === undefined || !ts.isTypeLiteralNode(declaration.type)) return []
      const entries = declaration.type.members.filter(ts.isMethodSignature).flatMap(member => this.#entry(member, name))
      return [{ title: name, intro: docOf(declaration.parent.parent), entries: byName(entries) }]
    })
  }

  running(): Section[] {
    const exported = this.#exported('sdk/index.ts')
    const classes = ['Output', 'Query'].map(name => this.#classSection(exported.get(name)!, receiverOf(name)))
    const functions = [...exported.values()].flatMap(symbol => {
      const declaration = symbol.declarations?.find(ts.isFunctionDeclaration)
      const path = declaration?.getSourceFile().fileName ?? ''
      return /\/sdk\/(engine|backend|frame)\//.test(path) ? this.#entry(documented(symbol), '') : []
    })
    return [...classes, { title: 'Engines and functions', intro: '', entries: byName(functions) }]
  }

  door(path: string): Section[] {
    const sections: Section[] = []
    const functions: Entry[] = []
    for (const symbol of this.#exported(path).values()) {
      const declaration = documented(symbol)
      if (ts.isClassDeclaration(declaration)) sections.push(this.#classSection(symbol, receiverOf(symbol.name)))
      else if (ts.isInterfaceDeclaration(declaration)) {
        const entries = declaration.members
          .filter(ts.isMethodSignature)
          .flatMap(member => (docOf(member) === '' ? [] : this.#entry(member, receiverOf(symbol.name))))
        if (entries.length > 0)
          sections.push({ title: symbol.name, intro: docOf(declaration), entries: byName(entries) })
      } else if (ts.isFunctionDeclaration(declaration)) functions.push(...this.#entry(declaration, ''))
    }
    return functions.length > 0
      ? [{ title: 'Functions', intro: '', entries: byName(functions) }, ...sections]
      : sections
  }

  #classSection(symbol: ts.Symbol, receiver: string): Section {
    const declaration = symbol.declarations!.find(ts.isClassDeclaration)!
    const entries: Entry[] = []
    const made = declaration.members.find(ts.isConstructorDeclaration)
    // what a verb makes is no business of a reader's
    if (made !== undefined && !docOf(made).startsWith('Made by'))
      entries.push(...this.#entry(made, symbol.name).filter(entry => entry.options.length > 0))
    for (const member of declaration.members) {
      if (!ts.isMethodDeclaration(member) && !ts.isGetAccessorDeclaration(member) && !ts.isPropertyDeclaration(member))
        continue
      if (ts.isPrivateIdentifier(member.name) || ts.isComputedPropertyName(member.name) || docOf(member) === '')
        continue
      if (
        ts.getCombinedModifierFlags(member) &
        (ts.ModifierFlags.Private | ts.ModifierFlags.Static | ts.ModifierFlags.Override)
      )
        continue
      entries.push(...this.#entry(member, receiver))
    }
    return { title: symbol.name, intro: docOf(declaration), entries: byName(entries) }
  }

  /** None where overloads have been read already. */
  #entry(node: ts.Declaration, receiver: string): Entry[] {
    const doc = docOf(node)
    const parameters = ts.isFunctionLike(node)
      ? node.parameters.filter(each => each.name.getText() !== 'this' && each.name.getText() !== '_')
      : []
    const isNew = ts.isConstructorDeclaration(node)
    const name = isNew ? receiver : (ts.getNameOfDeclaration(node)?.getText() ?? '')
    const args = parameters
      .map(each => {
        const optional = each.questionToken !== undefined || each.initializer !== undefined
        const initial = each.initializer === undefined ? '' : ` = ${each.initializer.getText()}`
        return `${each.dotDotDotToken ? '...' : ''}${each.name.getText()}${initial === '' && optional ? '?' : initial}`
      })
      .join(', ')
    const isCall = ts.isFunctionLike(node) && !ts.isGetAccessorDeclaration(node)
    const path = isNew ? `new ${receiver}` : receiver === '' ? name : `${receiver}.${name}`
    const options = parameters.flatMap(each => this.#options(each))
    if (doc === '' && !isNew) return []
    return [{ name, call: isCall ? `${path}(${args})` : path, types: this.#types(node), doc, options }]
  }

  /** Of expressions: what a method takes and gives. The docstring says it of everything else. */
  #types(node: ts.Declaration): string {
    if (!node.getSourceFile().fileName.includes('/sdk/expr/') || !ts.isFunctionLike(node)) return ''
    const gives = node.type === undefined ? '' : givesText(node.type.getText())
    const bounds = new Map(node.typeParameters?.map(each => [each.name.text, each.constraint?.getText() ?? '']))
    const takes = node.parameters
      .filter(each => each.name.getText() !== 'this' && each.type !== undefined)
      .map(each => {
        const written = each.type!.getText()
        return `\`${each.name.getText()}\`: ${takesText(bounds.get(written) ?? written)}`
      })
    return [...takes, ...(gives === '' ? [] : [`gives ${gives}`])].join('; ')
  }

  /** The documented properties of the interface that a parameter is of. */
  #options(parameter: ts.ParameterDeclaration): Option[] {
    const { type } = parameter
    if (type === undefined || parameter.dotDotDotToken !== undefined) return []
    const parts = ts.isIntersectionTypeNode(type) ? type.types : [type]
    return parts.flatMap(part => {
      const members = ts.isTypeLiteralNode(part)
        ? [...part.members]
        : ts.isTypeReferenceNode(part)
          ? this.#members(part)
          : []
      return members.filter(ts.isPropertySignature).flatMap(member => {
        const doc = docOf(member)
        if (doc === '') return []
        return [{ name: member.name.getText(), type: member.type?.getText().replace(/\s+/g, ' ') ?? '', doc }]
      })
    })
  }

  #members(reference: ts.TypeReferenceNode): ts.TypeElement[] {
    let symbol = this.#checker.getSymbolAtLocation(reference.typeName)
    if (symbol !== undefined && symbol.flags & ts.SymbolFlags.Alias) symbol = this.#checker.getAliasedSymbol(symbol)
    const declaration = symbol?.declarations?.find(ts.isInterfaceDeclaration)
    if (declaration === undefined || !declaration.name.text.endsWith('Options')) return []
    const inherited = (declaration.heritageClauses ?? []).flatMap(clause =>
      clause.types.flatMap(each => {
        const base = this.#checker.getSymbolAtLocation(each.expression)
        const found =
          base === undefined
            ? undefined
            : base.flags & ts.SymbolFlags.Alias
              ? this.#checker.getAliasedSymbol(base)
              : base
        return [...(found?.declarations?.find(ts.isInterfaceDeclaration)?.members ?? [])]
      }),
    )
    return [...declaration.members, ...inherited]
  }

  #exported(door: string): Map<string, ts.Symbol> {
    const entry = this.#checker.getSymbolAtLocation(this.#source(door))
    if (entry === undefined) throw new Error(`${door} exports nothing`)
    const resolved = this.#checker
      .getExportsOfModule(entry)
      .map(each => (each.flags & ts.SymbolFlags.Alias ? this.#checker.getAliasedSymbol(each) : each))
    return new Map(resolved.map(each => [each.name, each]))
  }

  #source(path: string): ts.SourceFile {
    const found = this.#program.getSourceFiles().find(file => relative(this.#root, file.fileName) === path)
    if (found === undefined) throw new Error(`${path} is not in the program`)
    return found
  }
}

/** The classes of the page of frames. */
const FRAMES: readonly string[] = [
  'Frame',
  'Grouped',
  'GroupingSets',
  'Windowed',
  'WindowedFrame',
  'ProcessFrame',
  'SourceFrame',
  'Table',
]

/** What a value of a class is called in a call. */
function receiverOf(name: string): string {
  const known: Readonly<Record<string, string>> = {
    SourceFrame: 'frame',
    WindowedFrame: 'windowed',
    ProcessFrame: 'processed',
    Windowed: 'windows',
    Grouped: 'groups',
    Model: 'model',
    LiveModel: 'live',
  }
  return known[name] ?? name.charAt(0).toLowerCase() + name.slice(1)
}

const COLUMNS: Readonly<Record<string, string>> = {
  AnyCol: 'Columns of every type',
  EqCol: 'Columns whose values can be equal',
  OrdCol: 'Columns whose values have an order',
  NumCol: 'Numbers',
  TextCol: 'Text',
  BinaryCol: 'Binary',
  BoolCol: 'Bool',
  DateCol: 'Dates and timestamps',
  TimeCol: 'Timestamps',
  DurationCol: 'Durations',
  ListCol: 'Lists',
  StructCol: 'Structs',
  MapCol: 'Maps',
  VectorCol: 'Vectors',
}

/** Where the methods of columns are declared, in the order of the pages. */
const COLUMN_FILES: readonly string[] = ['column-type', 'text-column', 'time-column', 'nested-type'].map(
  name => `sdk/expr/${name}.ts`,
)

/** The declaration that has the docstring: of overloads the first one. */
function documented(symbol: ts.Symbol): ts.Declaration {
  const declarations = symbol.declarations ?? []
  return declarations.find(each => docOf(each) !== '') ?? declarations[0]!
}

/** The text of a docstring without its margin. */
function docOf(node: ts.Node): string {
  const text = node.getSourceFile().text
  const range = ts
    .getLeadingCommentRanges(text, node.getFullStart())
    ?.findLast(each => text.startsWith('/**', each.pos))
  if (range === undefined) return ''
  const lines = text.slice(range.pos + 3, range.end - 2).split('\n')
  return lines
    .map(line => line.replace(/^\s*\* ?/, ''))
    .join('\n')
    .trim()
    .replace(/\{@link (\w+)\}/g, '`$1`')
}

const byName = (entries: readonly Entry[]): Entry[] =>
  [...entries].sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1))

// ---- types in words

/** What the type of a result says, in words. */
function givesText(type: string): string {
  const text = type.replace(/\s+/g, ' ')
  const group = text.endsWith(", 'agg'>") ? ', one a group' : ''
  const literal = /^\w+Col<'([^']+)'/.exec(text)?.[1]
  if (literal !== undefined) return `\`${literal}\`${group}`
  const like = /Like<T, '([^']+)'>/.exec(text)?.[1]
  if (like !== undefined) return `\`${like}\`, nullable where the column is${group}`
  const both = /Both<T, [^,]+(?:\[number\])?, '([^']+)'>/.exec(text)?.[1]
  if (both !== undefined) return `\`${both}\`, nullable where one side is${group}`
  for (const [found, words] of GIVES) if (found.test(text)) return words + group
  return ''
}

const GIVES: readonly (readonly [RegExp, string])[] = [
  [/Filled<T/, 'the type of the column, nullable only where all may be missing'],
  [/Sum<T/, 'the wider type of both'],
  [/Product<T/, 'the wider type of both; scales of decimals add up'],
  [/Total<T/, 'the sum’s type: `int64` of integers, `float64` of floats; nullable'],
  [/OrNull<U>/, 'the type asked for, nullable'],
  [/OrNull<T>/, 'the type of the column, nullable'],
  [/Like<T, U>/, 'the type asked for, nullable where the column is'],
  [/^\w+Col<T(,|>)|^Col<T(,|>)/, 'the type of the column'],
]

/** What the type of a parameter says, in words. */
function takesText(type: string): string {
  const text = type
    .replace(/\s+/g, ' ')
    .replace(/^readonly /, '')
    .replace(/\[\]$/, '')
  for (const [found, words] of TAKES) if (found.test(text)) return words
  return `\`${text.replaceAll('|', '\\|')}\``
}

const TAKES: readonly (readonly [RegExp, string])[] = [
  [/^Literal<T> \| Expr<Comparable/, 'a value or column that can be compared with it'],
  [/SameOperand/, 'a value or column of the same type'],
  [/^\(?number \| bigint \| Expr<AnyNum/, 'a number or numeric column'],
  [/string \| Expr<AnyText/, 'a text or text column'],
  [/^Expr<AnyNum/, 'a numeric column'],
  [/^Expr<AnyBool/, 'a condition'],
  [/^Duration \| Expr<AnyDuration/, "a duration such as `'10 minutes'`, or a duration column"],
  [/^\(?Literal<T>\)?$/, 'values of its type'],
]

// ---- pages

function pageOf(title: string, sections: readonly Section[]): string {
  const parts = [`# ${title}`, `[All of the reference](README.md). Types and rules: [semantics](../semantics.md).`]
  for (const { title: name, intro, entries } of sections) {
    parts.push(`## ${name}`)
    if (intro !== '') parts.push(asMarkdown(intro))
    for (const entry of entries) {
      parts.push(`### ${entry.name}`, `\`${entry.call}\``)
      if (entry.types !== '') parts.push(sentence(entry.types))
      if (entry.doc !== '') parts.push(asMarkdown(entry.doc))
      if (entry.options.length > 0) {
        const lines = entry.options.map(each => `- \`${each.name}: ${each.type}\` — ${each.doc.replace(/\s+/g, ' ')}`)
        parts.push(lines.join('\n'))
      }
    }
  }
  return `${parts.join('\n\n')}\n`
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`

/** Docstrings are Markdown already; their examples run where they stand, not once more from here. */
const asMarkdown = (doc: string): string => doc.replace(/^```ts.*$/gm, '```typescript')

function index(
  pages: readonly { readonly file: string; readonly title: string; readonly sections: readonly Section[] }[],
): string {
  const parts = [
    '# Reference',
    'Every verb, function and method of the package, with what it takes and gives, its nulls, its errors, and an example. The pages are written from the docstrings in the sources (`npm run docs`), whose examples the tests run.',
  ]
  for (const { file, title, sections } of pages) {
    const anchors = new Anchors()
    anchors.of(title)
    const lines = sections.map(section => {
      anchors.of(section.title)
      const links = section.entries.map(entry => `[${entry.name}](${file}#${anchors.of(entry.name)})`)
      return `- **${section.title}**: ${links.join(' · ')}`
    })
    parts.push(`## [${title}](${file})`, lines.join('\n'))
  }
  return `${parts.join('\n\n')}\n`
}

/** The anchors of a page's headings in their order: of equal ones the later ones are numbered. */
class Anchors {
  readonly #seen = new Map<string, number>()

  of(heading: string): string {
    const plain = heading
      .toLowerCase()
      .replace(/[^a-z0-9 _-]/g, '')
      .replaceAll(' ', '-')
    const before = this.#seen.get(plain) ?? 0
    this.#seen.set(plain, before + 1)
    return before === 0 ? plain : `${plain}-${before}`
  }
}
