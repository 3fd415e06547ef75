/**
 * Every notebook runs through the command line of the built package, as a reader would run it, and says what its cells
 * promise: `metadata.millrace.expect` of a cell lists patterns its text must match. A notebook that needs `services` is
 * only parsed and type-checked here, its cells as one module. `metadata.millrace.test.parameters` shortens long ones.
 */
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { typeCheck } from './docs/type-check.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const command = join(root, 'dist/kernel/main.js')
const folder = mkdtempSync(join(tmpdir(), 'millrace-notebooks-'))

afterAll(() => rmSync(folder, { recursive: true }))

type Text = string | readonly string[]

interface Output {
  readonly output_type: 'stream' | 'display_data' | 'execute_result' | 'error'
  readonly text?: Text
  readonly data?: Readonly<Record<string, unknown>>
  readonly ename?: string
  readonly evalue?: string
}

interface Cell {
  readonly id: string
  readonly cell_type: 'code' | 'markdown' | 'raw'
  readonly source: Text
  readonly execution_count?: number | null
  readonly outputs?: readonly Output[]
  readonly metadata: { readonly tags?: readonly string[]; readonly millrace?: { readonly expect?: readonly string[] } }
}

interface Notebook {
  readonly nbformat: number
  readonly nbformat_minor: number
  readonly cells: readonly Cell[]
  readonly metadata: {
    readonly millrace?: {
      readonly services?: readonly string[]
      readonly test?: { readonly parameters?: Readonly<Record<string, string | number | boolean>> }
    }
  }
}

const read = (path: string): Notebook => JSON.parse(readFileSync(path, 'utf8')) as Notebook
const whole = (text: Text): string => (typeof text === 'string' ? text : text.join(''))
const codeOf = ({ cells }: Notebook): readonly Cell[] => cells.filter(cell => cell.cell_type === 'code')

/** What a reader of plain text sees under a cell. */
function textOf({ outputs = [] }: Cell): string {
  return outputs
    .map(({ text, data, ename, evalue }) => {
      if (ename !== undefined) return `${ename}: ${evalue}`
      const plain = text ?? data?.['text/plain'] ?? data?.['text/markdown'] ?? ''
      return whole(plain as Text)
    })
    .join('\n')
}

function runNotebook(args: readonly string[]): Promise<{ code: number; log: string }> {
  return new Promise(done => {
    execFile(process.execPath, [command, 'run', ...args], { cwd: root, maxBuffer: 1 << 26 }, (error, stdout, stderr) =>
      done({ code: error === null ? 0 : Number(error.code ?? 1), log: stdout + stderr }),
    )
  })
}

const names = existsSync(join(root, 'notebooks'))
  ? readdirSync(join(root, 'notebooks'))
      .filter(name => name.endsWith('.ipynb'))
      .sort()
  : []

test('there are notebooks, of format 4.5, each cell with an id of its own', () => {
  expect(names).not.toEqual([])
  for (const name of names) {
    const notebook = read(join(root, 'notebooks', name))
    expect([notebook.nbformat, notebook.nbformat_minor], name).toEqual([4, 5])
    expect(new Set(notebook.cells.map(({ id }) => id)).size, name).toBe(notebook.cells.length)
  }
})

describe('notebooks run and keep their promises', () => {
  for (const name of names) {
    const path = join(root, 'notebooks', name)
    const notebook = read(path)
    const { services = [], test: { parameters = {} } = {} } = notebook.metadata.millrace ?? {}

    if (services.length > 0) {
      test(`${name} passes the type check (runs where there is ${services.join(', ')})`, () => {
        const module = path.replace(/\.ipynb$/, '.ts')
        const text = codeOf(notebook)
          .map(cell => whole(cell.source))
          .join('\n')
        expect(typeCheck(root, new Map([[module, text]]))).toEqual([])
      })
      continue
    }

    test(`${name} runs`, { timeout: 180_000 }, async () => {
      expect(existsSync(command), 'the package is not built: npm run build').toBe(true)
      const out = join(folder, name)
      const html = out.replace(/ipynb$/, 'html')
      const given = Object.entries(parameters).flatMap(([key, value]) => ['-p', key, String(value)])
      const { code, log } = await runNotebook([path, '-o', out, '--html', html, ...given])
      expect(code, log).toBe(0)

      const cells = codeOf(read(out))
      const failed = cells.filter(
        ({ outputs, metadata }) =>
          outputs!.some(each => each.output_type === 'error') && !metadata.tags?.includes('raises-exception'),
      )
      expect(failed.map(textOf)).toEqual([])
      const ran = cells.filter(
        ({ source, metadata }) => whole(source).trim() !== '' && !metadata.tags?.includes('skip-execution'),
      )
      expect(ran.map(each => each.execution_count)).toEqual(ran.map((_, index) => index + 1))

      const promises = cells.flatMap(cell => (cell.metadata.millrace?.expect ?? []).map(pattern => ({ cell, pattern })))
      expect(promises.length, 'a notebook promises something').toBeGreaterThan(0)
      const broken = promises.filter(({ cell, pattern }) => !new RegExp(pattern, 's').test(textOf(cell)))
      expect(broken.map(({ cell, pattern }) => `${cell.id}: /${pattern}/ is not in\n${textOf(cell)}`)).toEqual([])

      const page = readFileSync(html, 'utf8')
      expect(page.match(/<(?:script|img|iframe)[^>]*\ssrc="(?!data:)|<link[^>]*\shref="(?!data:)/g) ?? []).toEqual([])
    })
  }
})
