import { describe, expect, test } from 'vitest'
import { readNotebook } from '../../../kernel/notebook/read.ts'
import { writeNotebook } from '../../../kernel/notebook/write.ts'

const file = (cells: readonly unknown[], rest: object = {}): string =>
  JSON.stringify({ nbformat: 4, nbformat_minor: 2, metadata: {}, cells, ...rest })

const read = (cells: readonly unknown[], rest: object = {}): ReturnType<typeof readNotebook> =>
  readNotebook(file(cells, rest), 'in.ipynb')

describe('reading a notebook', () => {
  test('joins lines, in sources, streams and bundles, and leaves JSON types alone', () => {
    const outputs = [
      { output_type: 'stream', name: 'stdout', text: ['a\n', 'b'] },
      {
        output_type: 'execute_result',
        execution_count: 3,
        metadata: {},
        data: { 'text/plain': ['x\n', 'y'], 'application/json': ['x', 'y'] },
      },
      { output_type: 'error', ename: 'Error', evalue: 'no', traceback: ['one', 'two'] },
    ]
    const source = ['let a = 1\n', 'a']
    expect(read([{ cell_type: 'code', id: 'q', metadata: {}, execution_count: 3, source, outputs }]).cells).toEqual([
      {
        kind: 'code',
        id: 'q',
        source: 'let a = 1\na',
        metadata: {},
        executionCount: 3,
        outputs: [
          { kind: 'stream', name: 'stdout', text: 'a\nb' },
          {
            kind: 'result',
            data: { 'text/plain': 'x\ny', 'application/json': ['x', 'y'] },
            metadata: {},
            executionCount: 3,
          },
          { kind: 'error', ename: 'Error', evalue: 'no', traceback: ['one', 'two'] },
        ],
      },
    ])
  })

  test('gives ids where they are missing or doubled', () => {
    const cell = { cell_type: 'markdown', metadata: {}, source: '' }
    const cells = [cell, { ...cell, id: 'cell-3' }, cell, { ...cell, id: 'cell-3' }]
    expect(read(cells).cells.map(one => one.id)).toEqual(['cell-1', 'cell-3', 'cell-3-2', 'cell-3-3'])
  })

  test.each([
    ['{', 'in.ipynb is not a notebook: it does not hold JSON'],
    ['{"a":1}', 'in.ipynb is not a notebook: its JSON has no "nbformat" number'],
    ['[]', 'in.ipynb must be an object, found a list'],
    ['{"nbformat":3}', 'in.ipynb has notebook format 3; this version reads format 4. Open and save it in Jupyter'],
    ['{"nbformat":4}', 'in.ipynb: cells must be a list of cells, found nothing'],
    [
      file([{ cell_type: 'sql', source: '' }]),
      'in.ipynb: cell 1, cell_type must be "code", "markdown" or "raw", found "sql"',
    ],
    [file([{ cell_type: 'code', source: 7 }]), 'in.ipynb: cell 1, source must be text or a list of lines, found 7'],
    [
      file([{ cell_type: 'code', source: '', outputs: [{ output_type: 'pyout' }] }]),
      'in.ipynb: cell 1, output 1, output_type must be "stream", "display_data", "execute_result" or "error", found "pyout"',
    ],
    [
      file([], { metadata: { kernelspec: { language: 'python' } } }),
      'in.ipynb is written in python; millrace runs notebooks in TypeScript',
    ],
  ])('refuses %s with the place', (text, message) => {
    expect(() => readNotebook(text, 'in.ipynb')).toThrow(message)
  })
})

describe('writing a notebook', () => {
  test('gives nbformat 4.5 with text as lines', () => {
    const text = writeNotebook({
      metadata: { kernelspec: { name: 'millrace' } },
      cells: [
        { kind: 'markdown', id: 'a', source: '# One\n\ntwo', metadata: {}, attachments: null },
        {
          kind: 'code',
          id: 'b',
          source: 'x\n',
          metadata: { tags: [] },
          executionCount: 2,
          outputs: [
            { kind: 'stream', name: 'stdout', text: '1\n2\n' },
            { kind: 'display', data: { 'text/plain': 'p\nq', 'image/png': 'iVBO\nRw' }, metadata: {} },
            { kind: 'error', ename: 'E', evalue: 'v', traceback: ['t\nu'] },
          ],
        },
      ],
    })
    expect(text.endsWith('}\n')).toBe(true)
    expect(JSON.parse(text)).toEqual({
      cells: [
        { cell_type: 'markdown', id: 'a', metadata: {}, source: ['# One\n', '\n', 'two'] },
        {
          cell_type: 'code',
          execution_count: 2,
          id: 'b',
          metadata: { tags: [] },
          outputs: [
            { name: 'stdout', output_type: 'stream', text: ['1\n', '2\n'] },
            {
              data: { 'text/plain': ['p\n', 'q'], 'image/png': 'iVBO\nRw' },
              metadata: {},
              output_type: 'display_data',
            },
            { ename: 'E', evalue: 'v', output_type: 'error', traceback: ['t\nu'] },
          ],
          source: ['x\n'],
        },
      ],
      metadata: {
        kernelspec: { name: 'millrace' },
        language_info: { file_extension: '.ts', mimetype: 'text/typescript', name: 'typescript' },
      },
      nbformat: 4,
      nbformat_minor: 5,
    })
  })

  test('and reading it again gives the same notebook', () => {
    const notebook = read(
      [
        { cell_type: 'raw', id: 'r', metadata: { format: 'text/x-rst' }, source: 'raw\r\ntext' },
        {
          cell_type: 'markdown',
          id: 'm',
          metadata: {},
          source: '![a](attachment:a.png)',
          attachments: { 'a.png': { 'image/png': 'iVBO' } },
        },
        { cell_type: 'code', id: 'c', metadata: {}, execution_count: null, outputs: [], source: '' },
      ],
      { metadata: { language_info: { name: 'typescript' } } },
    )
    expect(readNotebook(writeNotebook(notebook), 'out.ipynb')).toEqual(notebook)
  })
})
