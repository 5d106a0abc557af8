import { describe, expect, test } from 'vitest'
import { result, verdict } from '../../bench/support/results.ts'
import { markdownTable, textTable } from '../../bench/support/table.ts'

const faster = { must: 1.15, aim: 1.4, better: 'more' } as const
const smaller = { must: 10, aim: 6, better: 'less' } as const
const of = (value: number, bound: typeof faster | typeof smaller) =>
  verdict(result({ name: 'part', values: [value], bound }))

describe('a result', () => {
  test('is the median of its rounds, with the quartiles and their number', () => {
    expect(result({ name: 'part', values: [1.3, 1.1, 1.2, 9, 1.25], bound: faster })).toEqual({
      name: 'part',
      ratio: 1.25,
      unit: 'times',
      spread: [1.2, 1.3],
      must: 1.15,
      aim: 1.4,
      better: 'more',
      rounds: 5,
      detail: '',
    })
  })

  test('that should be large reaches its bounds from above', () => {
    expect([1.4, 1.39, 1.15, 1.149].map((value) => of(value, faster))).toEqual(['aim', 'must', 'must', 'missed'])
  })

  test('that should be small reaches its bounds from below', () => {
    expect([6, 6.1, 10, 10.1].map((value) => of(value, smaller))).toEqual(['aim', 'must', 'must', 'missed'])
  })

  test('without bounds misses nothing', () => {
    expect(verdict(result({ name: 'part', values: [1], unit: 'ms' }))).toBe('')
  })

  test('is not rounded into reaching what it missed', () => {
    expect(of(1.1499, faster)).toBe('missed')
    expect(verdict(result({ name: 'part', values: [1200.4], bound: { ...smaller, must: 1200 } }))).toBe('missed')
  })
})

describe('the table', () => {
  const results = [
    result({ name: 'fast', values: [1.5], bound: faster, detail: '1 against 2' }),
    result({ name: 'size', values: [2546], unit: 'bytes' }),
  ]

  test('has a line for each result, with its unit and what it had to reach', () => {
    const [, fast, size] = textTable(results).split('\n')
    expect(fast).toMatch(/^fast +1\.5 +1\.5 – 1\.5 +times +≥ 1\.15 +≥ 1\.4 +1 +aim +1 against 2$/)
    expect(size).toMatch(/^size +2,546 +2,546 – 2,546 +bytes +1$/)
  })

  test('is a table of Markdown in the page', () => {
    const lines = markdownTable(results).split('\n')
    expect(lines).toHaveLength(4)
    expect(new Set(lines.map((line) => line.split('|').length))).toEqual(new Set([11]))
  })
})
