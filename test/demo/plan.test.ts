import { expect, test } from 'vitest'
import { planRefunds } from '../../src/demo/plan.ts'
import { parseRefundJob } from '../../src/refund/job-data.ts'

const merchants = new Map([['201103171000000000', { notifyUrl: 'https://example.com/' }]])
const parse = (data: object) => parseRefundJob(data, { timestamp: 0, merchants })

test('the same seed gives the same refunds, another seed others', () => {
  expect(planRefunds({ refunds: 60, seed: 3 })).toEqual(planRefunds({ refunds: 60, seed: 3 }))
  expect(planRefunds({ refunds: 60, seed: 4 })).not.toEqual(planRefunds({ refunds: 60, seed: 3 }))
})

test('there are as many numbers as were wanted, and each is asked for', () => {
  const { refunds, pushes } = planRefunds({ refunds: 130, seed: 1 })
  const numbers = new Set(refunds.map(({ no_refund }) => no_refund))
  expect(numbers.size).toBe(130)
  expect(new Set(pushes.map(({ no_refund }) => no_refund))).toEqual(numbers)
})

test('even a small run has refunds of every kind', () => {
  const { refunds, pushes } = planRefunds({ refunds: 25, seed: 5 })
  const parsed = pushes.map(({ data }) => parse(data))
  expect(parsed.some(({ ok }) => !ok)).toBe(true)
  expect(parsed.some((each) => each.ok && each.request.kind === 'exchange')).toBe(true)
  expect(parsed.some((each) => each.ok && each.metadata !== undefined)).toBe(true)
  expect(pushes.length).toBeGreaterThan(25)
  const parts = refunds.filter(({ order }) => order !== undefined)
  const asked = parts.reduce((sum, { fen = 0 }) => sum + fen, 0)
  expect(asked).toBeGreaterThan(parts[0]?.order?.fen ?? Number.POSITIVE_INFINITY)
})

test('what goes through the producer is right, and every faulty one still names its refund', () => {
  const { refunds, pushes } = planRefunds({ refunds: 1000, seed: 9 })
  const fen = new Map(refunds.map((refund) => [refund.no_refund, refund.fen]))
  for (const { via, no_refund, data } of pushes) {
    const parsed = parse(data)
    if (via === 'producer') expect(parsed.ok, no_refund).toBe(true)
    expect(parsed.identity?.no_refund).toBe(no_refund)
    expect(parsed.ok ? parsed.request.fen : undefined).toBe(fen.get(no_refund))
  }
})
