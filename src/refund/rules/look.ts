import { type Context, commit, type Decision, keep, type Told } from '../decision.ts'
import type { ObservationOf, Permit } from '../observation.ts'
import { isHeld, type RefundRecord } from '../record.ts'
import {
  addHold,
  heldLookMs,
  holdIfSilent,
  lastAttemptNumber,
  patchLastAttempt,
  sentByAnother,
  toSending,
  toUnknown,
} from './changes.ts'
import { doubtRestored, predatesSafeStart } from './restored.ts'

type Look = ObservationOf<'look'>

export function lookAtWaiting(context: Context, { permit, safeStart, breaches = [] }: Look): Decision {
  const { record, policy, moment } = context
  if (predatesSafeStart(record, safeStart)) return doubtRestored(context, safeStart)
  if (Object.keys(record.answer).length > 0) {
    // as the first version left a refund that the gateway knew and we had never sent
    const held = addHold(sentByAnother(record, moment.now), 'contradiction', context)
    return commit(context, held, 'look', { note: 'the gateway has spoken of it, and it was never sent' })
  }
  if (isHeld(record)) {
    const next_look = moment.now + heldLookMs(record, policy)
    return commit(context, { ...record, next_look }, 'look', { note: 'still held' })
  }
  if (breaches.includes('order_frozen')) return holdFrozen(context, record, 'look')
  return permit ? claimOrWait(context, record, 'look', permit, { note: 'claimed' }) : keep('may be sent')
}

export function lookAtSending(context: Context, { safeStart }: Look): Decision {
  const { record, moment } = context
  const deadline = record.claim?.deadline ?? record.updated_at
  if (moment.now < deadline) return keep('a request is under way')
  if (predatesSafeStart(record, safeStart)) return doubtRestored(context, safeStart)
  // not from the deadline: a Redis that takes over may have a clock that is ahead of the one that set it
  const expired = patchLastAttempt(toUnknown(record), { quarantined_from: moment.now })
  const next = { ...expired, next_look: moment.now }
  return commit(context, next, 'look', {
    note: 'the sender was not heard of again',
    attempt: lastAttemptNumber(record),
  })
}

/** A refund that waits for balance alone is let go when its merchant may send again; it is asked about first. */
export function lookAtUnknown(context: Context, { permit, safeStart }: Look): Decision {
  const { record, moment } = context
  if (predatesSafeStart(record, safeStart)) return doubtRestored(context, safeStart)
  if (permit && 'blocked' in permit) return blocked(context, permit)
  if (!permit || !waitsForBalance(record)) return keep('asked about first')
  const next: RefundRecord = { ...record, holds: [], looks: 0, next_look: moment.now, quiet_since: moment.now }
  return commit(context, next, 'look', { note: 'insufficient_balance lifted, to be tried again' })
}

export function lookAtProcessing(context: Context, { permit }: Look): Decision {
  return permit && 'blocked' in permit ? blocked(context, permit) : keep('asked about')
}

/** Whether only the merchant's balance holds it up: the one hold that the slow look may remove. */
export function waitsForBalance(record: RefundRecord): boolean {
  return isHeld(record) && record.holds.every((reason) => reason === 'insufficient_balance')
}

/** Money of its order has moved that nobody can explain: one more refund of it is for a person to send. */
export function holdFrozen(context: Context, changed: RefundRecord, observation: 'look' | 'query'): Decision {
  const held = addHold(changed, 'contradiction', context)
  return commit(context, held, observation, { note: 'not sent: its order is frozen by a contradiction' })
}

/** Takes the claim, or waits for the time that the permit names. */
export function claimOrWait(
  context: Context,
  changed: RefundRecord,
  observation: 'look' | 'query',
  permit: Permit,
  told: Told,
): Decision {
  if ('blocked' in permit) return blocked(context, permit, changed, observation)
  const sending = toSending(changed, permit.claim, context.moment.now)
  return commit(context, sending, observation, { ...told, attempt: lastAttemptNumber(sending) })
}

function blocked(
  context: Context,
  permit: Extract<Permit, { readonly blocked: unknown }>,
  changed: RefundRecord = context.record,
  observation: 'look' | 'query' = 'look',
): Decision {
  const next = { ...changed, next_look: permit.blocked.until }
  const asked = next.state === 'unknown' || next.state === 'processing'
  return commit(context, asked ? holdIfSilent(next, context) : next, observation, { note: permit.blocked.reason })
}
