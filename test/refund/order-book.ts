import type { LimitBreach, Observation } from '../../src/refund/observation.ts'
import { orderShare } from '../../src/refund/order-sums.ts'
import { isFinal, type RefundRecord } from '../../src/refund/record.ts'
import { transition } from '../../src/refund/transition.ts'
import type { Story } from './story.ts'

/** The sums of one order as the ledger keeps them: checked when a refund opens; whether it is frozen, before a send too. */
export class OrderBook {
  amount: number | undefined
  reserved = 0
  settled = 0
  private contradictions = 0

  get sum(): number {
    return this.reserved + this.settled
  }

  /** Shows one refund of the order what was seen; a breach is decided upon anew, as the flows do. */
  shows(story: Story, observation: Observation): void {
    const before = story.stored
    const breaches: LimitBreach[] = []
    while (true) {
      const { type } = observation
      const asked = type === 'job' || type === 'look' || type === 'query'
      const seen: Observation = asked ? { ...observation, breaches } : observation
      const moment = { now: story.now, random: story.random }
      const decision = transition(before, seen, story.policy, moment)
      const breach = decision.kind === 'commit' ? this.breachOf(before, decision.record, breaches) : undefined
      if (breach === undefined) {
        story.see(seen)
        if (decision.kind === 'commit') this.write(before, decision.record)
        return
      }
      breaches.push(breach)
    }
  }

  private breachOf(
    before: RefundRecord | undefined,
    after: RefundRecord,
    known: readonly LimitBreach[],
  ): LimitBreach | undefined {
    const opens = !isFinal(after) && !(before && !isFinal(before))
    const claims = after.state === 'sending' && before?.state !== 'sending'
    const asks = opens && !known.includes('over_refund') && !known.includes('order_amount_differs')
    const over = asks ? this.overAmount(after) : undefined
    if (over !== undefined) return over
    const waived = known.includes('order_frozen') || before?.order_waived === true
    return (asks || claims) && this.contradictions > 0 && !waived ? 'order_frozen' : undefined
  }

  private overAmount({ order_amount, request }: RefundRecord): LimitBreach | undefined {
    const amount = this.amount ?? order_amount
    if (amount !== undefined && order_amount !== undefined && amount !== order_amount) return 'order_amount_differs'
    return amount !== undefined && this.sum + (request?.fen ?? 0) > amount ? 'over_refund' : undefined
  }

  private write(before: RefundRecord | undefined, after: RefundRecord): void {
    const [was, is] = [orderShare(before), orderShare(after)]
    this.amount ??= after.order_amount
    this.reserved += is.reserved - was.reserved
    this.settled += is.settled - was.settled
    this.contradictions += Number(after.contradiction) - Number(before?.contradiction ?? false)
  }
}
