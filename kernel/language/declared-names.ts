/**
 * The names that a cell declares at its top level, in the two spaces that TypeScript keeps apart: an interface and a
 * const of one name are two entries. Later cells know earlier ones by these names only.
 */
import ts from 'typescript'

/** `variable` may be assigned by a later cell; `fixed` may not. */
export type ValueKind = 'variable' | 'fixed'

export interface DeclaredNames {
  readonly values: ReadonlyMap<string, ValueKind>
  readonly types: ReadonlySet<string>
  /** Names that the cell exports by its own words. */
  readonly exported: ReadonlySet<string>
}

export function declaredNames(source: ts.SourceFile): DeclaredNames {
  const values = new Map<string, ValueKind>()
  const types = new Set<string>()
  const exported = new Set<string>()

  const both = (name: string): void => {
    values.set(name, 'fixed')
    types.add(name)
  }
  const bind = (name: ts.BindingName, kind: ValueKind, isExported: boolean): void => {
    if (ts.isIdentifier(name)) {
      values.set(name.text, kind)
      if (isExported) exported.add(name.text)
      return
    }
    for (const element of name.elements) if (!ts.isOmittedExpression(element)) bind(element.name, kind, isExported)
  }

  for (const statement of source.statements) {
    const isExported = hasModifier(statement, ts.SyntaxKind.ExportKeyword)
    const isDefault = hasModifier(statement, ts.SyntaxKind.DefaultKeyword)
    if (ts.isVariableStatement(statement)) {
      const kind = statement.declarationList.flags & ts.NodeFlags.Constant ? 'fixed' : 'variable'
      for (const declaration of statement.declarationList.declarations) bind(declaration.name, kind, isExported)
    } else if (ts.isFunctionDeclaration(statement)) {
      if (statement.name) values.set(statement.name.text, 'fixed')
    } else if (ts.isClassDeclaration(statement) || ts.isEnumDeclaration(statement)) {
      if (statement.name) both(statement.name.text)
    } else if (ts.isModuleDeclaration(statement)) {
      if (ts.isIdentifier(statement.name) && statement.name.text !== 'global') both(statement.name.text)
    } else if (ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)) {
      types.add(statement.name.text)
    } else if (ts.isImportDeclaration(statement)) {
      importedNames(statement, both, name => types.add(name))
    } else if (
      ts.isExportDeclaration(statement) &&
      statement.exportClause &&
      ts.isNamedExports(statement.exportClause)
    ) {
      for (const element of statement.exportClause.elements) exported.add(element.name.text)
    }
    if (isExported && !isDefault && isNamedDeclaration(statement)) exported.add(statement.name.text)
  }
  return { values, types, exported }
}

function importedNames(
  statement: ts.ImportDeclaration,
  both: (name: string) => void,
  type: (name: string) => void,
): void {
  const clause = statement.importClause
  if (!clause) return
  const add = clause.phaseModifier === ts.SyntaxKind.TypeKeyword ? type : both
  if (clause.name) add(clause.name.text)
  if (!clause.namedBindings) return
  if (ts.isNamespaceImport(clause.namedBindings)) return add(clause.namedBindings.name.text)
  for (const element of clause.namedBindings.elements) {
    if (element.isTypeOnly) type(element.name.text)
    else add(element.name.text)
  }
}

function isNamedDeclaration(statement: ts.Statement): statement is ts.Statement & { readonly name: ts.Identifier } {
  return 'name' in statement && ts.isIdentifier(statement.name as ts.Node)
}

function hasModifier(node: ts.Node, kind: ts.SyntaxKind): boolean {
  return ts.canHaveModifiers(node) && (node.modifiers ?? []).some(modifier => modifier.kind === kind)
}
