/**
 * Examples are the `ts` fences of Markdown files and docstrings. Each becomes a module in which line n is line n of
 * the file it stands in, so that an error points at the text a reader sees. A fence tagged `continues` goes on from the
 * fence before it; one tagged `no-run: reason` is type-checked only.
 */
import ts from 'typescript'

export interface Example {
  readonly path: string
  /** Of the first fence, counted from 1. */
  readonly line: number
  readonly code: string
  readonly run: boolean
}

export function examplesOf(path: string, text: string): Example[] {
  const margin = path.endsWith('.ts') ? /^\s*\* ?/ : /^(?=)/
  const out: Example[] = []
  let info: string | null = null
  let indent = ''
  let start = 0
  let body: string[] = []
  for (const [index, whole] of text.split('\n').entries()) {
    const line = whole.replace(margin, '')
    if (info === null) {
      const opening = margin.test(whole) ? /^(\s*)```ts\b(.*)$/.exec(line) : null
      if (opening === null) continue
      indent = opening[1]!
      info = opening[2]!.trim()
      start = index + 1
      body = []
    } else if (line.trim() !== '```') {
      body.push(line.startsWith(indent) ? line.slice(indent.length) : line)
    } else {
      out.push(...joined(out, { path, line: start, code: '\n'.repeat(start) + body.join('\n'), run: true }, info))
      info = null
    }
  }
  if (info !== null) throw new Error(`${path}:${start}: the fence does not end`)
  return out
}

function joined(before: Example[], example: Example, info: string): Example[] {
  const at = `${example.path}:${example.line}`
  if (info === '') return [example]
  if (info === 'continues') {
    const head = before.pop()
    if (head === undefined) throw new Error(`${at}: there is no fence to continue`)
    return [{ ...head, code: head.code + example.code.slice(head.code.split('\n').length - 1) }]
  }
  if (/^no-run: \S+ \S+/.test(info)) return [{ ...example, run: false }]
  throw new Error(`${at}: a fence is tagged \`ts\`, \`ts continues\` or \`ts no-run: reason\`, found \`ts ${info}\``)
}

/**
 * The example with every `// => text` turned into a call of `check(line, value, text)`. The comment stands behind a
 * statement or on the line under it; lines `//    more` go on. The value is what the expression statement gives, what
 * the declared name holds, or what `console.log` is given.
 */
export function checked({ path, line, code }: Example, check: string): string {
  const file = ts.createSourceFile('example.ts', code, ts.ScriptTarget.Latest, true)
  const lines = code.split('\n')
  const claimed = new Set<number>()
  const edits: { at: number; end: number; text: string }[] = []
  for (const statement of file.statements) {
    const last = file.getLineAndCharacterOfPosition(statement.getEnd()).line
    const mark = [last, last + 1].find(
      each => /\/\/ =>/.test(lines[each] ?? '') && (each === last || /^\s*\/\/ =>/.test(lines[each]!)),
    )
    if (mark === undefined || claimed.has(mark)) continue
    claimed.add(mark)
    const expected = [lines[mark]!.replace(/^.*?\/\/ => ?/, '')]
    for (let next = mark + 1; /^\s*\/\/ {4}/.test(lines[next] ?? ''); next++)
      expected.push(lines[next]!.replace(/^\s*\/\/ */, ''))
    const call = (value: string): string =>
      `await ${check}(${mark + 1}, async () => ${value}, ${JSON.stringify(expected.join('\n'))})`
    if (ts.isExpressionStatement(statement)) {
      const { expression } = statement
      const logged = ts.isCallExpression(expression) && expression.expression.getText(file) === 'console.log'
      const text = logged
        ? call(`({ logged: [${expression.arguments.map(each => each.getText(file)).join(', ')}] })`)
        : call(`({ value: await (${expression.getText(file)}) })`)
      edits.push({ at: statement.getStart(file), end: statement.getEnd(), text: `;${text};` })
    } else if (ts.isVariableStatement(statement)) {
      const name = statement.declarationList.declarations.at(-1)!.name.getText(file)
      edits.push({ at: statement.getEnd(), end: statement.getEnd(), text: `;${call(`({ value: ${name} })`)};` })
    } else {
      claimed.delete(mark)
    }
  }
  const lost = lines.findIndex((each, index) => /\/\/ =>/.test(each) && !claimed.has(index))
  if (lost >= 0) throw new Error(`${path}:${lost + 1}: \`// =>\` stands behind no expression of example ${line}`)
  return edits.reduceRight((text, { at, end, text: put }) => text.slice(0, at) + put + text.slice(end), code)
}
