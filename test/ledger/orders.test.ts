import { describe, expect, test } from 'vitest'
import { parseRefundJob } from '../../src/refund/job-data.ts'
import { DATA, FEN, NOTIFY_URL, NUMBER, notice, operator, PARTNER, submit, submits } from '../refund/builders.ts'
import { accepted, claimed, idOf, seenJob, type TestLedger, testLedger } from './fixture.ts'

const id = idOf(NUMBER)
const ORDER = DATA.no_order

describe('the sums of an order', () => {
  test('reserve what is open', async () => {
    const at = testLedger()
    await accepted(at, { order_amount: '500.00' })
    await claimed(at, { no_refund: 'second', money_refund: '1.00' })
    expect(await at.order(ORDER)).toEqual({ amount: 50_000, reserved: FEN + 100 })
  })

  test('settle what succeeded', async () => {
    const at = testLedger()
    await claimed(at, { order_amount: '500.00' })
    await at.see(id, submit(submits.accepted('0')))
    expect(await at.order(ORDER)).toEqual({ amount: 50_000, reserved: FEN })
    await at.see(id, await noticeOf(at, '2'))
    expect(await at.order(ORDER)).toEqual({ amount: 50_000, reserved: 0, settled: FEN })
  })

  test('release what failed, and what was cancelled', async () => {
    const at = testLedger()
    await claimed(at)
    await accepted(at, { no_refund: 'second' })
    await at.see(id, submit(submits.refused))
    await at.see(idOf('second'), operator.cancel)
    expect(await at.order(ORDER)).toEqual({ reserved: 0 })
  })

  test('keep what is held', async () => {
    const at = testLedger()
    await accepted(at)
    await at.see(id, operator.hold)
    expect(await at.order(ORDER)).toEqual({ reserved: FEN })
  })

  test('are kept under both names of the order', async () => {
    const at = testLedger()
    await claimed(at, { oid_paybill: 'bill', order_amount: '500.00' })
    await at.see(id, submit(submits.accepted('2')))
    const other = await at.redis.hgetall(`${at.prefix}:o:${PARTNER}:p:bill`)
    expect(other).toEqual({ amount: '50000', reserved: '0', settled: String(FEN) })
    expect(await at.order(ORDER)).toEqual({ amount: 50_000, reserved: 0, settled: FEN })
  })

  test('outlive the record', async () => {
    const at = testLedger()
    await claimed(at, { order_amount: '500.00' })
    await at.see(id, submit(submits.accepted('2')))
    await at.ledger.retire(-60_000, 10)
    expect(await at.order(ORDER)).toEqual({ amount: 50_000, reserved: 0, settled: FEN })
  })
})

describe('a refund beyond its order', () => {
  test('is rejected, leaves the sums alone, and says so in an event', async () => {
    const at = testLedger()
    await accepted(at, { order_amount: '200.01' })
    const { record } = await at.see(idOf('second'), seenJob({ no_refund: 'second', money_refund: '0.01' }))
    expect(record).toMatchObject({ state: 'rejected', settled_by: 'validation' })
    expect(record?.reasons.join()).toContain('over_refund')
    expect(await at.order(ORDER)).toEqual({ amount: FEN, reserved: FEN })
    expect((await at.events()).map(({ type, subject }) => [type, subject])).toEqual([['refund.rejected', 'second']])
  })

  test('is measured against what succeeded as well', async () => {
    const at = testLedger()
    await claimed(at, { order_amount: '200.01' })
    await at.see(id, submit(submits.accepted('2')))
    const { record } = await at.see(idOf('second'), seenJob({ no_refund: 'second', money_refund: '0.01' }))
    expect(record?.state).toBe('rejected')
  })

  test('is found by the other name of the order', async () => {
    const at = testLedger()
    await accepted(at, { oid_paybill: 'bill', order_amount: '200.01' })
    const byBill = { no_refund: 'second', no_order: undefined, oid_paybill: 'bill', money_refund: '0.01' }
    expect((await at.see(idOf('second'), seenJob(byBill))).record?.state).toBe('rejected')
    const byOrder = { no_refund: 'third', money_refund: '0.01' }
    expect((await at.see(idOf('third'), seenJob(byOrder))).record?.state).toBe('rejected')
  })

  test('counts refunds that came before the amount was known', async () => {
    const at = testLedger()
    await accepted(at)
    const { record } = await at.see(
      idOf('second'),
      seenJob({ no_refund: 'second', money_refund: '0.01', order_amount: '200.01' }),
    )
    expect(record?.state).toBe('rejected')
  })

  test('may come again when another has failed', async () => {
    const at = testLedger()
    await claimed(at, { order_amount: '200.01' })
    await at.see(id, submit(submits.refused))
    expect((await accepted(at, { no_refund: 'second' })).state).toBe('waiting')
  })

  test('of a hundred at once, only as many are accepted as the order pays for', async () => {
    const at = testLedger()
    const numbers = Array.from({ length: 100 }, (_, index) => `part-${index}`)
    const results = await Promise.all(
      numbers.map((no_refund) =>
        at.see(idOf(no_refund), seenJob({ no_refund, money_refund: '7.00', order_amount: '200.00' })),
      ),
    )
    const states = results.map(({ record }) => record?.state)
    expect(states.filter((state) => state === 'waiting')).toHaveLength(28)
    expect(states.filter((state) => state === 'rejected')).toHaveLength(72)
    expect(await at.order(ORDER)).toEqual({ amount: 20_000, reserved: 19_600 })
  })
})

test('orders of two merchants never mix, though they have the same number', async () => {
  const at = testLedger()
  const other = '201103171000000001'
  await claimed(at, { order_amount: '200.01', oid_paybill: 'bill' })
  const timestamp = Date.now()
  const merchants = new Map([[other, { notifyUrl: NOTIFY_URL }]])
  const data = { ...DATA, oid_partner: other, oid_paybill: 'bill', order_amount: '300.00' }
  const parsed = parseRefundJob(data, { timestamp, merchants })
  const { record } = await at.see(
    { oid_partner: other, no_refund: NUMBER },
    ({ record: _record, now: _now, ...known }, breaches) => ({
      type: 'job',
      job: 'job-2',
      at: timestamp,
      parsed,
      ...known,
      breaches,
    }),
  )
  expect(record?.state).toBe('waiting')
  expect(await at.order(ORDER)).toEqual({ amount: FEN, reserved: FEN })
  expect(await at.redis.hgetall(`${at.prefix}:o:${other}:n:${ORDER}`)).toEqual({
    amount: '30000',
    reserved: String(FEN),
  })
})

describe('the amount of an order', () => {
  test('is the first one given; a refund with another is rejected', async () => {
    const at = testLedger()
    await accepted(at, { order_amount: '500.00' })
    const { record } = await at.see(idOf('second'), seenJob({ no_refund: 'second', order_amount: '900.00' }))
    expect(record).toMatchObject({ state: 'rejected' })
    expect(record?.reasons.join()).toContain('order_amount')
    expect(await at.order(ORDER)).toEqual({ amount: 50_000, reserved: FEN })
  })

  test('is not taken from a refund that was rejected', async () => {
    const at = testLedger()
    await at.see(id, seenJob({ order_amount: '1.00' }))
    expect(await at.order(ORDER)).toEqual({})
    expect((await accepted(at, { no_refund: 'second', order_amount: '500.00' })).state).toBe('waiting')
  })
})

describe('an order with a contradiction', () => {
  test('takes no further refund but holds it, until a person has resolved the contradiction', async () => {
    const at = testLedger()
    await contradicted(at)
    expect(await at.order(ORDER)).toEqual({ reserved: 0, settled: FEN, contradictions: 1 })
    const frozen = await accepted(at, { no_refund: 'second' })
    expect(frozen).toMatchObject({ state: 'waiting', holds: ['contradiction'] })

    await at.see(id, operator.resolve('failed'))
    expect(await at.order(ORDER)).toMatchObject({ settled: 0, contradictions: 0 })
    expect((await accepted(at, { no_refund: 'third' })).holds).toEqual([])
  })

  test('does not let the other name of the order be overdrawn', async () => {
    const at = testLedger()
    await contradicted(at)
    const full = { no_refund: 'full', no_order: undefined, oid_paybill: 'bill', order_amount: '200.01' }
    await accepted(at, full)
    await at.see(idOf('second'), seenJob({ no_refund: 'second', oid_paybill: 'bill', money_refund: '0.01' }))
    expect(await at.redis.hget(`${at.prefix}:o:${PARTNER}:p:bill`, 'reserved')).toBe(String(FEN))
  })
})

/** The refund of `NUMBER` failed, and is then reported paid. */
async function contradicted(at: TestLedger): Promise<void> {
  await claimed(at)
  await at.see(id, submit(submits.refused))
  await at.see(id, await noticeOf(at, '2'))
  expect((await at.record(id)).contradiction).toBe(true)
}

async function noticeOf(at: TestLedger, sta_refund: string): Promise<ReturnType<typeof notice>> {
  const { request } = await at.record(id)
  return notice(sta_refund, { dt_refund: request?.dt_refund })
}
