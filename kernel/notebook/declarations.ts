/**
 * The variables that a cell declares at its top level, read from its text: keyword, name, type annotation and value.
 * It knows strings, comments and brackets and no more of the grammar; a destructuring declares nothing here.
 */
export interface Declaration {
  readonly keyword: 'const' | 'let' | 'var'
  readonly name: string
  readonly type: string | null
  readonly value: string
  /** The declaration as it stands, for messages. */
  readonly text: string
}

export function declarations(source: string): readonly Declaration[] {
  const found: Declaration[] = []
  for (const statement of statements(source)) {
    const head = /^(?:export\s+)?(const|let|var)\s+(?=[^[{])/.exec(statement)
    if (head === null) continue
    const keyword = head[1] === 'const' ? 'const' : head[1] === 'let' ? 'let' : 'var'
    for (const text of split(statement.slice(head[0].length), ',')) {
      const match = /^([A-Za-z_$][\w$]*)\s*(?::\s*(.*?))?\s*(?:=(?![=>])\s*(.*))?$/s.exec(text.trim())
      const [, name, type, value] = match ?? []
      if (name === undefined) continue
      found.push({ keyword, name, type: type ?? null, value: (value ?? '').trim(), text: `${keyword} ${text.trim()}` })
    }
  }
  return found
}

/** Statements of the top level: they end at a semicolon, or at a line end that no operator carries over. */
function statements(source: string): string[] {
  return split(withoutComments(source), ';')
    .flatMap(part => split(part, '\n'))
    .reduce<string[]>((joined, line) => {
      const text = line.trim()
      const previous = joined.at(-1)
      const goesOn = /^[,.?:=|&+*/%)\]}-]/.test(text) || (previous !== undefined && /[,=|&+*/%:?(-]$/.test(previous))
      if (previous !== undefined && text !== '' && goesOn) joined[joined.length - 1] = `${previous} ${text}`
      else if (text !== '') joined.push(text)
      return joined
    }, [])
}

const TOKEN = /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|\/\/[^\n]*|\/\*.*?\*\/|=>|[\s\S]/gs

function withoutComments(source: string): string {
  return source.replace(TOKEN, token => (token.startsWith('//') ? '' : token.startsWith('/*') ? ' ' : token))
}

/** Splits at a separator that stands outside strings and brackets of any kind. */
function split(source: string, separator: string): string[] {
  const parts = ['']
  let depth = 0
  for (const [token] of source.matchAll(TOKEN)) {
    if ('([{<'.includes(token)) depth++
    else if (')]}>'.includes(token)) depth = Math.max(0, depth - 1)
    if (token === separator && depth === 0) parts.push('')
    else parts[parts.length - 1] += token
  }
  return parts
}
