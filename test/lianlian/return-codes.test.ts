import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { RETURN_CODE_TABLE } from '../../src/lianlian/return-code-table.ts'
import { returnCode } from '../../src/lianlian/return-codes.ts'

describe('the return code table', () => {
  test('has each of the 150 documented codes once, in order', () => {
    const codes = RETURN_CODE_TABLE.map(([code]) => code)
    expect(codes).toHaveLength(150)
    expect(codes).toEqual([...new Set(codes)].toSorted())
    expect(codes.every((code) => /^\d{4}$/.test(code))).toBe(true)
  })

  test('has the classes and quarantines it was reviewed with', () => {
    const counts: Record<string, number> = {}
    for (const [, , submit, query, quarantine] of RETURN_CODE_TABLE) {
      const kind = `${submit} ${query} ${quarantine}`
      counts[kind] = (counts[kind] ?? 0) + 1
    }
    expect(counts).toEqual({
      'success success full': 1,
      'already-known-query already-known-query full': 5,
      'already-known-query ambiguous-query-first full': 5,
      'ambiguous-query-first ambiguous-query-first full': 93,
      'ambiguous-query-first ambiguous-query-first short': 1,
      'ambiguous-query-first needs-operator full': 2,
      'ambiguous-query-first not-found full': 1,
      'ambiguous-query-first retry-same-request full': 8,
      'ambiguous-query-first retry-same-request short': 3,
      'needs-operator ambiguous-query-first full': 7,
      'needs-operator ambiguous-query-first short': 3,
      'needs-operator needs-operator full': 3,
      'needs-operator needs-operator short': 10,
      'retry-same-request ambiguous-query-first short': 1,
      'terminal-failure ambiguous-query-first full': 5,
      'terminal-failure not-found full': 2,
    })
    // Over `code submit query quarantine` of every row: a changed class must be a decision, never a slip.
    const text = RETURN_CODE_TABLE.map(([code, , ...classes]) => [code, ...classes].join(' ')).join('\n')
    expect(createHash('sha256').update(text).digest('hex')).toBe(
      '72e6b16fe65d03612520785c8d554178aec90dc71d729f5dbfe528e1d01464f5',
    )
  })

  test('holds for the balance at 5006 and 9104 alone', () => {
    const codes = RETURN_CODE_TABLE.map(([code]) => returnCode(code))
    const balance = codes.filter(({ hold }) => hold === 'insufficient_balance')
    expect(balance.map(({ ret_code, submit }) => [ret_code, submit])).toEqual([
      ['5006', 'needs-operator'],
      ['9104', 'needs-operator'],
    ])
  })

  test('lets every definite refusal but 5007 end a refund', () => {
    const refusals = RETURN_CODE_TABLE.map(([code]) => returnCode(code)).filter(
      (code) => code.submit === 'terminal-failure',
    )
    expect(refusals.map(({ ret_code, conclusive }) => [ret_code, conclusive])).toEqual([
      ['5002', true],
      ['5003', true],
      ['5007', false],
      ['5008', true],
      ['7017', true],
      ['9092', true],
      ['9093', true],
    ])
  })

  test.each(['4711', '', '0', '00000', '__proto__'])('takes the unlisted code %j as unknown', (code) => {
    expect(returnCode(code)).toMatchObject({
      ret_code: code,
      submit: 'ambiguous-query-first',
      query: 'ambiguous-query-first',
      quarantine: 'full',
      conclusive: false,
    })
  })
})
