import { expect, test } from 'vitest'
import { orderShare } from '../../src/refund/order-sums.ts'
import { FEN, notice } from './builders.ts'
import { cancelled, failed, processing, rejected, sending, succeeded, unknown, waiting } from './story.ts'

const NONE = { reserved: 0, settled: 0 }

test('an open refund reserves its amount of the order', () => {
  for (const build of [waiting, sending, unknown, processing]) {
    expect(orderShare(build().record)).toEqual({ reserved: FEN, settled: 0 })
  }
})

test('a succeeded refund has used its amount', () => {
  expect(orderShare(succeeded().record)).toEqual({ reserved: 0, settled: FEN })
})

test('a failed or rejected refund, or none, takes nothing', () => {
  for (const record of [failed().record, rejected().record, cancelled().record, undefined]) {
    expect(orderShare(record)).toEqual(NONE)
  }
})

test('a refund that was closed and is then reported paid counts as used', () => {
  expect(orderShare(failed().sees(notice('2')).record)).toEqual({ reserved: 0, settled: FEN })
  expect(orderShare(succeeded().sees(notice('3')).record)).toEqual({ reserved: 0, settled: FEN })
})
