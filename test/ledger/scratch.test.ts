import { expect, test } from 'vitest'
import { BAD_DATA, notice, NUMBER } from '../refund/builders.ts'
import { accepted, claim, claimed, idOf, seenJob, testLedger } from './fixture.ts'

const id = idOf(NUMBER)

test('-0', async () => {
  const at = testLedger()
  await at.see(id, seenJob(BAD_DATA))
  const r = await at.see(id, seenJob())
  expect(r.record?.state).toBe('waiting')
  console.log(await at.ledger.sums())
})

test('early consumed by bad data', async () => {
  const at = testLedger()
  await at.ledger.keepUnmatched(id, notice('2').notice)
  await at.see(id, seenJob(BAD_DATA))
  const r = await at.see(id, seenJob({}, { permit: claim() }))
  expect(r.record?.state).toBe('unknown')
})

test('cap then order', async () => {
  const at = testLedger({ policy: { dailyCapFen: 100 } })
  let looks = 0
  await at.see(id, async (snapshot, breach) => {
    looks += 1
    if (breach === 'daily_cap') await accepted(at, { no_refund: 'other', money_refund: '1.00', order_amount: '200.01' })
    return seenJob({ order_amount: '200.01' })(snapshot, breach)
  })
  console.log(looks, await at.order('2013051500009'))
  expect((await at.order('2013051500009')).reserved).toBeLessThanOrEqual(20001)
})
