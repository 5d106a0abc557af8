import { describe, expect, test } from 'vitest'
import { median, quantile, quartiles } from '../../bench/support/statistics.ts'

describe('figures of several rounds', () => {
  test('the median of an odd number is the middle one, of an even number the mean of two', () => {
    expect(median([3, 1, 2])).toBe(2)
    expect(median([4, 1, 3, 2])).toBe(2.5)
  })

  test('one outlier does not move the median', () => {
    expect(median([1, 1, 1, 1, 1_000])).toBe(1)
  })

  test('numbers are ordered as numbers', () => {
    expect(median([10, 9, 100])).toBe(10)
  })

  test('quartiles are those of five values in order', () => {
    expect(quartiles([5, 4, 3, 2, 1])).toEqual([2, 4])
  })

  test('one round has no spread', () => {
    expect(quartiles([7])).toEqual([7, 7])
  })

  test('p99 lies between the two values next to it', () => {
    expect(
      quantile(
        Array.from({ length: 101 }, (_, index) => index),
        0.99,
      ),
    ).toBe(99)
    expect(quantile([0, 1], 0.99)).toBeCloseTo(0.99)
  })

  test('no rounds have no median', () => {
    expect(() => median([])).toThrow(RangeError)
  })
})
