import type { Script } from '../../../src/simulator/faults.ts'
import { eventually } from '../../support/eventually.ts'
import { DENIED, dealt, mustHaveMet, PATIENT, withAndWithoutNotice } from '../dealt.ts'
import type { FaultCase } from '../fault-case.ts'

const KINDS: readonly Script[] = [
  { submit: ['pay_then_500'] },
  { submit: ['pay_then_500'], ...DENIED },
  { submit: ['pay_then_500'], ...DENIED, query: ['http_500', 'http_500'] },
  { submit: ['pay_then_500'], final: '3' },
  // what was never taken looks the same, and must be sent again
  { submit: ['http_500'] },
  { submit: ['http_500', 'http_500', 'pay_then_500'], ...DENIED },
  { submit: [{ accept_then: '9999' }], ...DENIED },
  { submit: [{ accept_then: '5005' }], ...DENIED },
  { submit: ['9999', '5005', { accept_then: '9990' }] },
  { submit: [{ accept_then: '1002' }] },
  { submit: ['http_500', { accept_then: '1002' }] },
]

export const paidAndAnswered500: FaultCase = {
  number: 22,
  title: 'the gateway pays and answers 500; the same number again',
  async play(open) {
    const stage = await open({ settings: PATIENT, simulator: { scriptFor: dealt(withAndWithoutNotice(KINDS)) } })
    await Promise.all([stage.start(), stage.start({ roles: ['submit', 'query', 'publish'] })])
    const numbers = await stage.addMany(22 * 6)
    // from another producer, at once and while many a refund is in doubt
    await Promise.all(numbers.map((no_refund) => stage.add(no_refund)))
    const { book } = stage.simulator
    const paid = await eventually(() => book.length > 20 && book.slice(0, 20), { timeoutMs: 60_000 })
    const reused = paid.map(({ no_refund }) => no_refund)
    stage.mayFail(...reused)
    for (const no_refund of reused) {
      await stage.refunds.add('refund', { no_refund, money_refund: '2.00', no_order: `order-${no_refund}` })
    }
    await Promise.all(numbers.map((no_refund) => stage.add(no_refund)))
    await stage.completed(numbers)
    // and when all is settled
    await Promise.all(numbers.map((no_refund) => stage.add(no_refund)))
    const { submits, queries } = stage.simulator.summary()
    mustHaveMet(submits, 'pay_then_500', 'http_500', 'accept_then 9999', 'accept_then 5005', 'accept_then 1002')
    mustHaveMet(queries, 'http_500')
  },
}
