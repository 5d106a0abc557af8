import { expect, test } from 'vitest'
import { epochOfMoment, shownMoment, shownZone } from '../../src/cli/moment.ts'

const NOW = Date.UTC(2026, 10, 22, 8)

test.each([
  ['now', NOW],
  ['2h', NOW - 7_200_000],
  ['2026-11-22T07:00:00Z', NOW - 3_600_000],
  ['2026-11-22 07:00:00.5Z', NOW - 3_599_500],
  ['2026-11-22T15:00:00+08:00', NOW - 3_600_000],
  ['20261122150000', NOW - 3_600_000],
  ['2026-11-22T07:00', new Date(2026, 10, 22, 7).getTime()],
  ['2026-11-22', new Date(2026, 10, 22).getTime()],
])('%s is a moment', (text, epochMs) => {
  expect(epochOfMoment(text, NOW)).toBe(epochMs)
})

test.each(['', 'yesterday', '2026', '1763800000000', '2026-13-01', '20261322150000', '22/11/2026'])(
  '%j is none',
  (text) => {
    expect(epochOfMoment(text, NOW)).toBeUndefined()
  },
)

test('a moment is shown to the second or the millisecond, in UTC where that is asked', () => {
  expect(shownMoment(NOW + 123, { utc: true })).toBe('2026-11-22 08:00:00')
  expect(shownMoment(NOW + 123, { utc: true, ms: true })).toBe('2026-11-22 08:00:00.123')
  expect(shownZone(NOW, true)).toBe('UTC')
})
