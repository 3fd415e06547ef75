/**
 * A type-checked cell as JavaScript for a script evaluated in REPL mode. Every top-level binding becomes a `let`, the
 * only kind that V8 lets a later cell redeclare as any other; functions move to the front, where hoisting would have
 * put them; imports become awaited dynamic imports in front of everything. Types are blanked in place; only
 * statements with an enum, a namespace or parameter properties are transpiled. The map leads back to the cell's text.
 */
import ts from 'typescript'
import { blankSourceFile } from 'ts-blank-space'
import { LOAD, META } from './loaded-names.ts'
import { decodeMappings, type PositionMap } from './position-map.ts'

export interface LoweredCell {
  readonly js: string
  readonly map: PositionMap
  /** The last statement is an expression: its value is the cell's result. */
  readonly hasResult: boolean
}

interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
  readonly map?: PositionMap
}

export function lowerCell(
  source: ts.SourceFile,
  importsValue: (declaration: ts.ImportDeclaration, name: ts.Identifier) => boolean,
): LoweredCell {
  const kept = new Set<ts.Statement>()
  const blanked = blankSourceFile(source, node => {
    const statement = source.statements.find(s => s.pos <= node.pos && node.end <= s.end)
    if (statement) kept.add(statement)
  })
  for (const statement of source.statements) if (needsCompiler(statement, true)) kept.add(statement)
  const repeated = repeatedVars(source)
  const declared = new Set<string>()
  const edits: Edit[] = []
  const hoisted: { readonly name: string; readonly start: number; readonly end: number }[] = []
  const out = new MappedText(source, blanked)
  out.raw(`'use strict';`, 0)

  for (const statement of source.statements) {
    const start = statement.getStart(source)
    const bodyStart = afterExport(statement, source)
    if (kept.has(statement)) {
      if (bodyStart > start) edits.push({ start, end: bodyStart, text: '' })
      const edit = transpiled(statement, bodyStart, source, declared)
      if (ts.isFunctionDeclaration(statement) && statement.name && /^(async\s+)?function\b/.test(edit.text)) {
        out.raw(`let ${statement.name.text} = `, bodyStart)
        out.raw(edit.text.replace(/\s*$/, ';'), bodyStart, edit.map)
        edits.push({ start: bodyStart, end: statement.end, text: ';' })
      } else edits.push(edit)
    } else if (ts.isImportDeclaration(statement)) {
      out.raw(importText(statement, importsValue), start)
      edits.push({ start, end: statement.end, text: ';' })
    } else if (ts.isExportDeclaration(statement)) {
      edits.push({ start, end: statement.end, text: ';' })
    } else if (ts.isExportAssignment(statement)) {
      edits.push({ start, end: statement.expression.getStart(source), text: '' })
    } else if (ts.isFunctionDeclaration(statement) && statement.body) {
      if (statement.name) hoisted.push({ name: statement.name.text, start: bodyStart, end: statement.end })
      edits.push({ start, end: statement.end, text: ';' })
    } else {
      if (bodyStart > start) edits.push({ start, end: bodyStart, text: '' })
      if (ts.isVariableStatement(statement) && !isAmbient(statement) && !repeated.has(statement)) {
        const keyword = statement.declarationList.getStart(source)
        const first = statement.declarationList.declarations[0]?.getStart(source)
        if (first !== undefined) edits.push({ start: keyword, end: first, text: 'let ' })
      }
    }
    if ('name' in statement && ts.isIdentifier(statement.name as ts.Node)) {
      declared.add((statement.name as ts.Identifier).text)
    }
    if (!kept.has(statement)) dynamicImports(statement, source, edits)
  }

  edits.sort((a, b) => a.start - b.start || a.end - b.end)
  for (const { name, start, end } of hoisted) {
    out.raw(`let ${name} = `, start)
    const inside = edits.filter(edit => edit.start >= start && edit.end <= end && edit.end - edit.start < end - start)
    out.copy(start, end, inside)
    out.raw(';', end)
  }
  out.raw('\n', 0)
  const outer: Edit[] = []
  for (const edit of edits) {
    const last = outer.at(-1)
    if (last && edit.start < last.end) {
      if (edit.end > last.end) outer[outer.length - 1] = edit
    } else outer.push(edit)
  }
  out.copy(0, source.text.length, outer)
  return { js: out.text, map: out.map, hasResult: endsInExpression(source) }
}

/** Text under construction that remembers where each piece came from. */
class MappedText {
  readonly #source: ts.SourceFile
  readonly #blanked: string
  readonly map: number[] = []
  text = ''
  #line = 0
  #column = 0

  constructor(source: ts.SourceFile, blanked: string) {
    this.#source = source
    this.#blanked = blanked
  }

  /** Generated text that stands for the source at `origin`. */
  raw(text: string, origin: number, map?: PositionMap): void {
    const at = this.#source.getLineAndCharacterOfPosition(origin)
    this.map.push(this.#line, this.#column, at.line, at.character)
    if (map) {
      for (let i = 0; i < map.length; i += 4) {
        const column = map[i] === 0 ? this.#column + map[i + 1]! : map[i + 1]!
        const sourceColumn = map[i + 2] === 0 ? at.character + map[i + 3]! : map[i + 3]!
        this.map.push(this.#line + map[i]!, column, at.line + map[i + 2]!, sourceColumn)
      }
    }
    this.#advance(text)
  }

  /** The blanked source from `start` to `end`, changed by edits, which are in order and do not overlap. */
  copy(start: number, end: number, edits: readonly Edit[]): void {
    let from = start
    for (const edit of edits) {
      this.#copyPlain(from, edit.start)
      this.raw(edit.text, edit.start, edit.map)
      from = edit.end
    }
    this.#copyPlain(from, end)
  }

  #copyPlain(start: number, end: number): void {
    if (start < end) this.raw(this.#blanked.slice(start, end), start)
  }

  #advance(text: string): void {
    this.text += text
    const lastBreak = text.lastIndexOf('\n')
    if (lastBreak < 0) this.#column += text.length
    else {
      for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) this.#line++
      this.#column = text.length - lastBreak - 1
    }
  }
}

function importText(
  statement: ts.ImportDeclaration,
  importsValue: (declaration: ts.ImportDeclaration, name: ts.Identifier) => boolean,
): string {
  const clause = statement.importClause
  if (clause?.phaseModifier === ts.SyntaxKind.TypeKeyword) return ''
  const attributes = statement.attributes?.elements.map(
    element => `${element.name.getText()}: ${element.value.getText()}`,
  )
  const option = attributes ? `, { with: { ${attributes.join(', ')} } }` : ''
  const load = `await ${LOAD}(${statement.moduleSpecifier.getText()}${option})`
  if (!clause) return `${load};`
  const bindings = clause.namedBindings
  if (bindings && ts.isNamespaceImport(bindings)) {
    const space = bindings.name.text
    return `let ${space} = ${load};${clause.name ? `let ${clause.name.text} = ${space}.default;` : ''}`
  }
  const named: string[] = []
  let onlyTypes = false
  if (clause.name) {
    if (importsValue(statement, clause.name)) named.push(`default: ${clause.name.text}`)
    else onlyTypes = true
  }
  for (const element of bindings?.elements ?? []) {
    if (element.isTypeOnly || !importsValue(statement, element.name)) onlyTypes = true
    else named.push(`${(element.propertyName ?? element.name).getText()}: ${element.name.text}`)
  }
  if (named.length === 0 && onlyTypes) return ''
  return `let { ${named.join(', ')} } = ${load};`
}

function transpiled(
  statement: ts.Statement,
  bodyStart: number,
  source: ts.SourceFile,
  declared: ReadonlySet<string>,
): Edit {
  const result = ts.transpileModule(source.text.slice(bodyStart, statement.end), {
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      isolatedModules: true,
      verbatimModuleSyntax: true,
      sourceMap: true,
    },
  })
  const sourceMap = JSON.parse(result.sourceMapText ?? '{}') as { mappings?: string }
  let text = result.outputText.replace(/\/\/# sourceMappingURL=.*\s*$/, '').replace(/\bimport\(/g, `${LOAD}(`)
  let map = decodeMappings(sourceMap.mappings ?? '')
  const directive = /^"use strict";\n/.exec(text)
  if (directive) {
    text = text.slice(directive[0].length)
    map = map.map((value, i) => (i % 4 === 0 ? value - 1 : value))
  }
  // A merged declaration (class and namespace, say) has its binding already.
  text = text.replace(/^var ([\p{ID_Continue}$]+);/u, (all, name: string) =>
    declared.has(name) ? ' '.repeat(all.length) : `let ${name};`,
  )
  return { start: bodyStart, end: statement.end, text, map }
}

/** Decorators, and `using` below the top level, are syntax that V8 does not know yet. */
function needsCompiler(node: ts.Node, top: boolean): boolean {
  if (ts.isDecorator(node)) return true
  if (ts.isVariableDeclarationList(node) && node.flags & ts.NodeFlags.Using && !top) return true
  const below = top && ts.isVariableStatement(node)
  return ts.forEachChild(node, child => needsCompiler(child, below) || undefined) ?? false
}

/** Where a statement begins after `export` and `default`. */
function afterExport(statement: ts.Statement, source: ts.SourceFile): number {
  const start = statement.getStart(source)
  if (!ts.canHaveModifiers(statement)) return start
  let end = start
  for (const modifier of statement.modifiers ?? []) {
    if (modifier.kind === ts.SyntaxKind.ExportKeyword || modifier.kind === ts.SyntaxKind.DefaultKeyword)
      end = modifier.end
  }
  return end
}

/** `var` statements that declare a name twice in the cell; these stay as they are. */
function repeatedVars(source: ts.SourceFile): Set<ts.Statement> {
  const first = new Map<string, ts.Statement>()
  const repeated = new Set<ts.Statement>()
  for (const statement of source.statements) {
    if (!ts.isVariableStatement(statement) || statement.declarationList.flags & ts.NodeFlags.BlockScoped) continue
    for (const { name } of statement.declarationList.declarations) {
      if (!ts.isIdentifier(name)) continue
      const earlier = first.get(name.text)
      if (earlier) repeated.add(earlier).add(statement)
      else first.set(name.text, statement)
    }
  }
  return repeated
}

function isAmbient(statement: ts.VariableStatement): boolean {
  return (statement.modifiers ?? []).some(modifier => modifier.kind === ts.SyntaxKind.DeclareKeyword)
}

function dynamicImports(node: ts.Node, source: ts.SourceFile, edits: Edit[]): void {
  if (ts.isImportDeclaration(node) || ts.isTypeNode(node)) return
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    edits.push({ start: node.expression.getStart(source), end: node.expression.end, text: LOAD })
  } else if (ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword) {
    edits.push({ start: node.getStart(source), end: node.end, text: META })
  }
  ts.forEachChild(node, child => dynamicImports(child, source, edits))
}

function endsInExpression(source: ts.SourceFile): boolean {
  for (let i = source.statements.length - 1; i >= 0; i--) {
    const statement = source.statements[i]!
    if (ts.isEmptyStatement(statement)) continue
    return ts.isExpressionStatement(statement) || ts.isExportAssignment(statement)
  }
  return false
}
