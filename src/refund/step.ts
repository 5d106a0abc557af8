import type { Moment } from './decision.ts'
import type { Observation } from './observation.ts'
import type { Policy } from './policy.ts'
import { isFinal, isHeld, type RefundRecord } from './record.ts'
import { waitsForBalance } from './rules/look.ts'
import { predatesSafeStart } from './rules/restored.ts'
import { transition } from './transition.ts'

/**
 * What a wake-up has to do about a refund.
 *
 * - `rest`: nothing now
 * - `look`: the ledger alone decides (a claim that ran out, a held refund that was never sent, a restored one)
 * - `send`: it may be sent
 * - `query`: the gateway must be asked
 * - `lift`: it waits for balance alone; the merchant may have some again
 */
export type Step = 'rest' | 'look' | 'send' | 'query' | 'lift'

export function nextStep(record: RefundRecord, now: number, safeStart?: number): Step {
  if (isFinal(record) || (record.next_look ?? 0) > now) return 'rest'
  if (predatesSafeStart(record, safeStart)) return 'look'
  switch (record.state) {
    case 'waiting':
      return isHeld(record) ? 'look' : 'send'
    case 'unknown':
      return waitsForBalance(record) ? 'lift' : 'query'
    case 'processing':
      return 'query'
    default:
      return 'look'
  }
}

/** Whether an observation would end in a send if sending were allowed; asked before a right to send is taken. */
export function leadsToSend(
  record: RefundRecord | undefined,
  observation: Extract<Observation, { type: 'job' | 'look' | 'query' }>,
  policy: Policy,
  moment: Moment,
): boolean {
  const claim = { token: '', deadline: moment.now }
  const decision = transition(record, { ...observation, permit: { claim } }, policy, moment)
  return decision.kind === 'commit' && decision.record.state === 'sending' && decision.record.claim === claim
}
