import { expect, test } from 'vitest'
import { layOut } from '../../src/cli/table.ts'
import { counted, harmless, shownYuan, widthOf } from '../../src/cli/text.ts'

test.each([
  ['abc', 3],
  ['退款', 4],
  ['é', 1],
  ['e\u0301', 1],
  ['\u001b[31mred\u001b[39m', 3],
  ['ｆｕｌｌ', 8],
  ['🙂', 2],
])('%j takes %d columns', (text, width) => {
  expect(widthOf(text)).toBe(width)
})

test('columns stay aligned beside wide characters and colours', () => {
  const columns = [
    { title: 'A', text: ([a = '']: string[]) => a },
    { title: 'B', right: true, text: ([, b = '']: string[]) => b },
    { title: 'C', text: ([, , c = '']: string[]) => c },
  ]
  const { head, lines, widths } = layOut(columns, [
    ['退款', '1', 'x'],
    ['\u001b[31mr\u001b[39m', '100', 'y'],
  ])
  expect(head).toBe('A       B  C')
  expect(lines).toEqual(['退款    1  x', '\u001b[31mr\u001b[39m     100  y'])
  expect(widths).toEqual([4, 3, 1])
})

test('a later part of a table keeps the columns of the first', () => {
  const columns = [{ title: 'A', right: true, text: (text: string) => text }]
  expect(layOut(columns, ['x'], [5]).lines).toEqual(['    x'])
})

test('amounts and numbers are grouped', () => {
  expect(shownYuan(0)).toBe('0.00')
  expect(shownYuan(123_456_780)).toBe('1,234,567.80')
  expect(counted(1, 'refund')).toBe('1 refund')
  expect(counted(1200, 'entry', 'entries')).toBe('1,200 entries')
})

test('control characters and reversed text are taken out', () => {
  expect(harmless('a\u001b[2Jb\nc\u202ed\u2028e')).toBe('a [2Jb c d e')
})
