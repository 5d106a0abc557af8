import { describe, expect, test } from 'vitest'
import { msOfDuration, shownDuration } from '../../src/cli/duration.ts'

describe('a length of time', () => {
  test.each([
    ['250ms', 250],
    ['90s', 90_000],
    ['2h', 7_200_000],
    ['1d12h', 129_600_000],
    ['1.5h', 5_400_000],
    ['2w', 1_209_600_000],
  ])('%s is read', (text, ms) => {
    expect(msOfDuration(text)).toBe(ms)
  })

  test.each(['', '5', 'h', '-2h', '2 h', '2h!', '2y', '1h 30m', '1e3s'])('%j is none', (text) => {
    expect(msOfDuration(text)).toBeUndefined()
  })

  test.each([
    [0, '0s'],
    [-5, '0s'],
    [59_999, '59s'],
    [61_000, '1m1s'],
    [3_600_000, '1h'],
    [3_605_000, '1h'],
    [100_800_000, '1d4h'],
    [86_400_000 * 40 + 60_000, '40d'],
  ])('%d ms are shown in two units at most: %s', (ms, text) => {
    expect(shownDuration(ms)).toBe(text)
  })
})
