import { describe, expect, test } from 'vitest'
import { checkRefunds } from '../../src/cli/refund-check.ts'
import { formatOf, readLines } from '../../src/cli/refund-lines.ts'
import { NOTIFY_URL, PARTNER, POLICY, T0 } from '../refund/builders.ts'

const UNREADABLE = 'a quote is misplaced or not closed; nothing after it was read'

describe('CSV', () => {
  test('a cell may be quoted, hold quotes, commas and lines, and be empty', () => {
    const text =
      'no_refund,money_refund,no_order,metadata.note,metadata.b\r\nR1,5.00,"o,1","say ""hi""\nthere",\r\n\r\nR2,6.00,,,x\r\n'
    expect(readLines(text, 'csv')).toEqual([
      {
        line: 2,
        data: { no_refund: 'R1', money_refund: '5.00', no_order: 'o,1', metadata: { note: 'say "hi"\nthere' } },
      },
      { line: 5, data: { no_refund: 'R2', money_refund: '6.00', metadata: { b: 'x' } } },
    ])
  })

  test('a byte order mark and a missing last line feed do no harm', () => {
    expect(readLines('\ufeffno_refund\nR1', 'csv')).toEqual([{ line: 2, data: { no_refund: 'R1' } }])
  })

  test('an unknown or repeated column is told once, and nothing is read', () => {
    expect(readLines('no_refund,amount\nR1,5', 'csv')).toEqual([{ line: 1, fault: 'unknown column: amount' }])
    expect(readLines('no_refund,no_refund\nR1,R1', 'csv')).toEqual([
      { line: 1, fault: 'column given twice: no_refund' },
    ])
  })

  test('a row of another length, and a quote that is not closed, are faults of their lines', () => {
    expect(readLines('no_refund,no_order\nR1\nR2,"o', 'csv')).toEqual([
      { line: 2, fault: '1 cells under 2 columns' },
      { line: 3, fault: UNREADABLE },
    ])
    expect(readLines('no_refund,no_order\nR2,"o"x\n', 'csv')).toMatchObject([{ line: 2, fault: UNREADABLE }])
  })
})

test('NDJSON is read line by line, and a broken line has its number', () => {
  const text = '{"no_refund":"R1"}\n\n{oops\n{"no_refund":"R2"}\n'
  expect(formatOf(text)).toBe('ndjson')
  expect(formatOf('no_refund\nR1')).toBe('csv')
  expect(readLines(text, 'ndjson')).toEqual([
    { line: 1, data: { no_refund: 'R1' } },
    { line: 3, fault: 'not JSON' },
    { line: 4, data: { no_refund: 'R2' } },
  ])
})

describe('the check before anything is added', () => {
  const check = (...refunds: object[]) =>
    checkRefunds(
      refunds.map((data, at) => ({ line: at + 1, data })),
      { merchants: new Map([[PARTNER, { notifyUrl: NOTIFY_URL }]]), policy: POLICY, now: T0 },
    )
  const good = { no_refund: 'R1', money_refund: '5.00', no_order: 'o' }

  test('tells every fault with its line', () => {
    expect(check(good, { no_refund: 'R 2', money_refund: 5, no_order: 'o' }).faults).toEqual([
      expect.stringMatching(/^line 2: no_refund: /),
      expect.stringMatching(/^line 2: money_refund: /),
    ])
    expect(check({ ...good, oid_partner: '999999999999999999' }).faults).toHaveLength(1)
  })

  test('leaves out what is told twice, and refuses one number with two contents', () => {
    const { refunds, repeated, faults } = check(good, { ...good, money_refund: '5' }, { ...good, money_refund: '6' })
    expect(refunds.map(({ line, parsed }) => [line, parsed.request.fen])).toEqual([[1, 500]])
    expect(repeated).toEqual(['line 2: the same refund as line 1'])
    expect(faults).toEqual(['line 3: no_refund R1 stands on line 1 with other content'])
  })
})
