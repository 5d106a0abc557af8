import { expect, test } from 'vitest'
import { age, instant, refunds, whole, yuan } from '../../src/http/admin/format.ts'
import { html } from '../../src/http/admin/html.ts'
import { table } from '../../src/http/admin/table.ts'

test('what is put into HTML is escaped, in texts, attributes and lists; HTML and nothing are left as they are', () => {
  const text = `<b title="x">'&`
  expect(String(html`<p title="${text}">${[text, html`<i>${1}</i>`]}${undefined}${false}</p>`)).toBe(
    '<p title="&lt;b title=&quot;x&quot;&gt;&#39;&amp;">&lt;b title=&quot;x&quot;&gt;&#39;&amp;<i>1</i></p>',
  )
})

test('an object that only looks like HTML is no way around', () => {
  const fake: { toString(): string } = { toString: () => '<script>' }
  expect(String(html`${String(fake)}`)).toBe('&lt;script&gt;')
})

test.for([
  [0, '¥0.00'],
  [1, '¥0.01'],
  [99_999, '¥999.99'],
  [100_000, '¥1,000.00'],
  [9_840_255_173, '¥98,402,551.73'],
] as const)('%i fen are %s', ([fen, shown]) => {
  expect(String(yuan(fen))).toContain(`>${shown}</data>`)
})

test.for([
  [0, '0 s'],
  [-5_000, '0 s'],
  [59_999, '59 s'],
  [60_000, '1 min'],
  [3_599_000, '59 min'],
  [3_600_000, '1 h'],
  [7_500_000, '2 h 5 min'],
  [86_400_000, '1 d'],
  [349_200_000, '4 d 1 h'],
] as const)('%i ms are %s', ([ms, shown]) => {
  const now = 1_764_000_000_000
  expect(String(age(now - ms, now))).toContain(`>${shown}</time>`)
})

test('moments are told in UTC, and counts in words that fit', () => {
  expect(String(instant(1_764_000_000_000))).toContain('2025-11-24 16:00:00 UTC')
  expect(whole(1_234_567)).toBe('1,234,567')
  expect(String(refunds({ count: 1, fen: 1 }))).toMatch(/^1 refund, /)
  expect(String(refunds({ count: 1_000, fen: 1 }))).toMatch(/^1,000 refunds, /)
})

test('a table without rows is a sentence', () => {
  expect(String(table({ caption: 'Holds', columns: ['A'], rows: [], empty: 'nothing is held' }))).toContain(
    '<b>Holds:</b> nothing is held.',
  )
})
