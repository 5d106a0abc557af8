import { expect, test } from 'vitest'
import { shown, shownName } from '../../config/shown.ts'
import { faultsOf, withConfigFile } from './environment.ts'

test.each([
  ['a\u202eb', '"a\\u202eb"'],
  ['\u001b[31m', '"\\u001b[31m"'],
  ['\u0085\u2028\ufeff\u00ad', '"\\u0085\\u2028\\ufeff\\u00ad"'],
  ['\u{e0041}', '"\\udb40\\udc41"'],
  ['商户', '"商户"'],
  ['x'.repeat(11), `"${'x'.repeat(10)}..."`],
  [`${'x'.repeat(9)}💸`, `"${'x'.repeat(9)}\\ud83d..."`],
])('shows %j with nothing in it that is not seen, and short', (given, expected) => {
  expect(shown(given, 10)).toBe(expected)
})

test('shows a name as it is where it could be one of ours', () => {
  expect(shownName('MAX_REFUND', 40)).toBe('MAX_REFUND')
  expect(shownName('MAX REFUND', 40)).toBe('"MAX REFUND"')
  expect(shownName('x'.repeat(39), 30)).toBe('x'.repeat(30))
})

test('a fault has no character that is not seen, and is no longer for what was given', () => {
  const unseen = withConfigFile({ 'MAX\u202eREFUND': '1', [`K${'0'.repeat(5000)}`]: '1' })
  const faults = [...faultsOf({ CONFIG_FILE: 'settings.json' }, unseen), ...faultsOf({ MAX_REFUND: '5\u200b0' })]
  expect(faults).toHaveLength(3)
  for (const fault of faults) expect(fault).toMatch(/^[\x20-\x7e]{1,200}$/)
})
