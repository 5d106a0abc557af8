import { expect, test } from 'vitest'
import { percentile } from '../../src/demo/percentile.ts'

const hundred = Array.from({ length: 100 }, (_, index) => 100 - index)

test('a percentile is the value at its rank, in whatever order the values come', () => {
  expect([0, 0.01, 0.5, 0.99, 1].map((part) => percentile(hundred, part))).toEqual([1, 1, 50, 99, 100])
  expect(percentile([3, 1, 2], 0.5)).toBe(2)
  expect(percentile([10, 9], 0.5)).toBe(9)
})

test('few values are their own percentiles, none have none', () => {
  expect(percentile([7], 0.99)).toBe(7)
  expect(percentile([], 0.5)).toBeUndefined()
})

test('the values are left in their order', () => {
  const values = [2, 1]
  percentile(values, 0.5)
  expect(values).toEqual([2, 1])
})
