import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type BackoffPolicy, backoffMs } from '../../src/refund/backoff.ts'

const STEADY: BackoffPolicy = { baseMs: 2000, factor: 2, capMs: 3_600_000, jitter: 0 }

const policies: fc.Arbitrary<BackoffPolicy> = fc.record({
  baseMs: fc.integer({ min: 1, max: 60_000 }),
  factor: fc.integer({ min: 1, max: 10 }),
  capMs: fc.integer({ min: 1, max: 86_400_000 }),
  jitter: fc.double({ min: 0, max: 1, noNaN: true }),
})
const counts = fc.integer({ min: 1, max: 10_000 })
const randoms = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

/** `min(cap, base * factor^(n-1))`, by multiplying. */
function fullDelay({ baseMs, factor, capMs }: BackoffPolicy, n: number): number {
  let delay = baseMs
  for (let step = 1; step < Math.min(n, 100) && delay < capMs; step++) delay *= factor
  return Math.min(capMs, delay)
}

describe('the backoff', () => {
  test('doubles from the base to the cap', () => {
    const delays = [1, 2, 3, 4, 10, 11, 12, 13].map((n) => backoffMs(STEADY, n, 0.7))
    expect(delays).toEqual([2000, 4000, 8000, 16_000, 1_024_000, 2_048_000, 3_600_000, 3_600_000])
  })

  test('stays at the cap however often it was asked, without overflow', () => {
    expect(backoffMs(STEADY, 5000, 0)).toBe(3_600_000)
  })

  test('takes the part that jitter names from chance, downwards', () => {
    const half = { ...STEADY, jitter: 0.5 }
    expect(backoffMs(half, 1, 0)).toBe(2000)
    expect(backoffMs(half, 1, 0.5)).toBe(1500)
    expect(backoffMs(half, 1, 0.999_999)).toBe(1000)
    expect(backoffMs({ ...STEADY, jitter: 1 }, 1, 0.5)).toBe(1000)
  })

  test('is whole milliseconds between (1 - jitter) * d and d, at least one, never above the cap', () => {
    fc.assert(
      fc.property(policies, counts, randoms, (policy, n, random) => {
        const delay = backoffMs(policy, n, random)
        const full = fullDelay(policy, n)
        expect(Number.isSafeInteger(delay)).toBe(true)
        expect(delay).toBeGreaterThanOrEqual(Math.max(1, Math.floor((1 - policy.jitter) * full)))
        expect(delay).toBeLessThanOrEqual(full)
        expect(delay).toBeLessThanOrEqual(policy.capMs)
      }),
    )
  })

  test('never shrinks from one delay to the next at the same chance', () => {
    fc.assert(
      fc.property(policies, counts, randoms, (policy, n, random) => {
        expect(backoffMs(policy, n + 1, random)).toBeGreaterThanOrEqual(backoffMs(policy, n, random))
      }),
    )
  })

  test('is spread by jitter, so that refunds that failed together do not come back together', () => {
    const jittery = { ...STEADY, jitter: 1 }
    const delays = Array.from({ length: 100 }, (_, n) => backoffMs(jittery, 5, n / 100))
    expect(new Set(delays).size).toBe(100)
  })
})
