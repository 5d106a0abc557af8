import { accepted, claim, claimed, idOf, type TestLedger, testLedger } from '../ledger/fixture.ts'
import { PARTNER, queries, submit, submits } from '../refund/builders.ts'
import { operatorSettings, refundctl } from './refundctl.ts'

/** One refund of each kind that operators meet, in a ledger of the test's own. */
export async function preparedMix() {
  const at = testLedger()
  const env = operatorSettings(at.prefix)
  await accepted(at, { no_refund: 'waits', money_refund: '5.00', no_order: 'o-1' })
  await sent(at, 'poor-1', submits.noBalance, { money_refund: '1000.00' })
  await sent(at, 'poor-2', submits.noBalance, { money_refund: '200.50' })
  await sent(at, 'wrong', submits.misconfigured)
  await sent(at, 'lost', submits.timeout)
  await sent(at, 'taken', submits.accepted('0'))
  await sent(at, 'paid', submits.accepted('2'))
  await sent(at, 'refused', submits.refused)
  await sent(at, 'disputed', submits.accepted('2'))
  await at.see(idOf('disputed'), ({ record }) => ({
    type: 'notice',
    notice: { fen: 20_001, dt_refund: record?.request?.dt_refund ?? '', fields: { sta_refund: '3' } },
  }))
  for (let times = 0; times < 3; times++) {
    await at.see(idOf('lost'), { type: 'query', askedAt: Date.now(), outcome: queries.silent })
  }
  return { at, env, ctl: refundctl(env), partner: PARTNER }
}

/** A refund that was sent and answered. */
export async function sent(
  at: TestLedger,
  no_refund: string,
  outcome: Parameters<typeof submit>[0],
  data: object = {},
): Promise<void> {
  await claimed(at, { no_refund, no_order: `order-${no_refund}`, ...data }, claim())
  await at.see(idOf(no_refund), submit(outcome))
}
