import { expect, test } from 'vitest'
import { Progress } from '../../../kernel/notebook/progress.ts'

const work = { cell: 'a', name: 'hourly', bounded: true, progress: '1.2 M rows, 340 k/s' }

const during = (isTTY: boolean, steps: (progress: Progress) => void): string => {
  let text = ''
  const progress = new Progress({ isTTY, columns: 70, write: chunk => (text += chunk) })
  progress.open(2)
  steps(progress)
  progress.close()
  return text.replace(/\d+\.\d s/g, 'N s')
}

test('elsewhere than on a terminal each cell leaves one line', () => {
  const text = during(false, progress => {
    progress.cell(1)
    progress.cellEnded(true)
    progress.cell(2)
    progress.works('a', [work])
    progress.cellEnded(false)
    progress.waiting([work])
    progress.waiting([work])
  })
  expect(text).toBe('cell 1 of 2: N s\ncell 2 of 2: failed after N s\nwaiting for hourly\nwaited N s\n')
})

test('on a terminal one line is drawn again, cut to its width, and cleared at the end', () => {
  const text = during(true, progress => {
    progress.cell(1)
    progress.cellEnded(true)
    progress.works('a', [work])
    progress.cell(2)
  })
  const lines = text.split('\r\u001b[K').slice(1)
  expect(lines).toEqual([
    '──────────────────── cell 1 of 2 · N s',
    '━━━━━━━━━━────────── cell 2 of 2 · N s · hourly: 1.2 M rows, 340 k…',
    '',
  ])
})
