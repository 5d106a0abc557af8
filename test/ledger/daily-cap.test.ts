import { expect, test } from 'vitest'
import { DATA, FEN, NUMBER, operator, PARTNER } from '../refund/builders.ts'
import { accepted, idOf, seenJob, testLedger } from './fixture.ts'

const id = idOf(NUMBER)

test('what is beyond the sum of the day is held, and does not use the day up', async () => {
  const at = testLedger({ policy: { dailyCapFen: 30_000 } })
  expect((await accepted(at)).holds).toEqual([])
  expect(await accepted(at, { no_refund: 'second' })).toMatchObject({ state: 'waiting', holds: ['cap'] })
  expect((await accepted(at, { no_refund: 'third', money_refund: '99.99' })).holds).toEqual([])
  expect((await accepted(at, { no_refund: 'fourth', money_refund: '0.01' })).holds).toEqual(['cap'])
})

test('a refund that a person released is not stopped by the cap again', async () => {
  const at = testLedger({ policy: { dailyCapFen: 1 } })
  await accepted(at)
  await at.see(id, operator.release)
  expect(await at.record(id)).toMatchObject({ state: 'waiting', holds: [] })
})

test('the sum of the day is kept without a cap as well, for two days', async () => {
  const at = testLedger()
  await accepted(at)
  const [day, ...others] = await at.redis.keys(`${at.prefix}:day:*`)
  expect(others).toEqual([])
  expect(day).toMatch(new RegExp(`:day:${PARTNER}:\\d{8}$`))
  expect(await at.redis.get(day ?? '')).toBe(String(FEN))
  expect(await at.redis.ttl(day ?? '')).toBeGreaterThan(86_400)
})

test('a refund that the cap holds is still measured against its order', async () => {
  const at = testLedger({ policy: { dailyCapFen: 100 } })
  const job = seenJob({ order_amount: '200.01' })
  await at.see(id, async (snapshot, breaches) => {
    // another refund of the order comes between the breach of the cap and the commit that holds this one
    if (breaches.includes('daily_cap')) {
      await accepted(at, { no_refund: 'second', money_refund: '1.00', order_amount: '200.01' })
    }
    return job(snapshot, breaches)
  })
  expect(await at.order(DATA.no_order)).toEqual({ amount: FEN, reserved: 100 })
  expect((await at.record(id)).state).toBe('rejected')
})
