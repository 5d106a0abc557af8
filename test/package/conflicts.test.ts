import { expect, test } from 'vitest'
import { sent } from '../cli/mix.ts'
import { accepted, idOf, seenJob, tamper } from '../ledger/fixture.ts'
import { DATA, operator, submits } from '../refund/builders.ts'
import { bench } from './bench.ts'

const NUMBER = DATA.no_refund
const conflict = { code: 'refund_data', faults: [expect.stringContaining(`no_refund_conflict: ${NUMBER}`)] }

test.for([
  ['waits', undefined],
  ['is with the gateway', submits.accepted('0')],
  ['succeeded', submits.accepted('2')],
  ['failed', submits.refused],
] as const)('a number of which the ledger has a refund that %s is no other refund any more', async ([, outcome]) => {
  const { at, producer, queue } = bench()
  if (outcome === undefined) await accepted(at)
  else await sent(at, NUMBER, outcome, { no_order: DATA.no_order })
  await expect(producer.enqueueRefund({ ...DATA, money_refund: '1.00' })).rejects.toMatchObject(conflict)
  const others = [
    { ...DATA, no_refund: 'other' },
    { ...DATA, no_order: 'x' },
  ]
  await expect(producer.enqueueRefunds(others)).rejects.toMatchObject(conflict)
  expect(await queue.getWaitingCount()).toBe(0)
  await producer.enqueueRefund(DATA)
  expect(await queue.getWaitingCount()).toBe(1)
})

test('a refund with another dt_refund than the ledger has is refused', async () => {
  const { at, producer } = bench()
  const record = await accepted(at)
  const dt_refund = record.request?.dt_refund ?? ''
  await producer.enqueueRefund({ ...DATA, dt_refund })
  await expect(producer.enqueueRefund({ ...DATA, dt_refund: '20261121200001' })).rejects.toMatchObject(conflict)
})

test('the number of a rejected refund, which was never sent, may be used for another one', async () => {
  const { at, producer } = bench()
  await accepted(at)
  await at.see(idOf(NUMBER), operator.cancel)
  await producer.enqueueRefund({ ...DATA, money_refund: '1.00' })
  expect((await producer.getRefund(NUMBER))?.state).toBe('rejected')
})

test("a refund whose kind is its merchant's own, which the producer does not know, is the same refund", async () => {
  const { at, producer } = bench()
  await at.see(idOf(NUMBER), seenJob({ kind: 'exchange' }))
  await producer.enqueueRefund(DATA)
  await expect(producer.enqueueRefund({ ...DATA, kind: 'domestic' })).rejects.toMatchObject(conflict)
})

test('a refund is put on the queue although the ledger cannot be read', async () => {
  const { at, producer, queue } = bench()
  await accepted(at)
  await tamper(at, NUMBER, () => 'nonsense')
  await producer.enqueueRefund({ ...DATA, money_refund: '1.00' })
  expect(await queue.getWaitingCount()).toBe(1)
})
