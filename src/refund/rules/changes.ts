import { backoffMs } from '../backoff.ts'
import type { Context } from '../decision.ts'
import type { GatewayFields } from '../outcome.ts'
import type { Policy } from '../policy.ts'
import {
  type Attempt,
  type Claim,
  countSends,
  type HoldReason,
  isHeld,
  mayHaveLeft,
  type RefundRecord,
} from '../record.ts'

/** Small steps from one record to the next; the rules are made of these. */

/** The state and what belongs to it; a claim belongs to `sending` alone, a job to states that may be sent. */
export function toWaiting(record: RefundRecord): RefundRecord {
  return { ...withoutClaim(record), state: 'waiting' }
}

export function toUnknown(record: RefundRecord): RefundRecord {
  return { ...withoutClaim(record), state: 'unknown' }
}

/** The gateway has it. `due` alone wakes it from here on. */
export function toProcessing(record: RefundRecord, nextLook: number): RefundRecord {
  const { job: _job, ...rest } = withoutClaim(record)
  return { ...rest, state: 'processing', looks: 0, queries: 0, next_look: nextLook }
}

/** A send of unknown origin: it is asked about like any other, for the full quarantine, and not counted. */
export function unseenAttempt(now: number): Attempt {
  return { number: 0, fate: 'open', quarantine: 'full', claimed_at: now, quarantined_from: now, denials: 0 }
}

/** The gateway has spoken of a number that we never sent: somebody else did, so it is never sent by us. */
export function sentByAnother(record: RefundRecord, now: number): RefundRecord {
  return { ...toUnknown(record), attempts: [unseenAttempt(now), ...record.attempts], foreign: true }
}

/** Takes the right to send: the next attempt is `open` from now on, whatever happens. */
export function toSending(record: RefundRecord, claim: Claim, now: number): RefundRecord {
  const last = record.attempts.at(-1)
  const attempt: Attempt = {
    number: (last?.number ?? 0) + 1,
    fate: 'open',
    quarantine: 'full',
    claimed_at: now,
    denials: 0,
  }
  // one attempt that never left is remembered, for its number; a row of them would only make the record grow
  const kept = last?.fate === 'never_left' ? record.attempts.slice(0, -1) : record.attempts
  // a person let it go once, not for whatever becomes of its order later
  const { order_waived: _waived, ...rest } = record
  return {
    ...rest,
    state: 'sending',
    attempts: [...kept, attempt],
    claim,
    next_look: claim.deadline,
    quiet_since: now,
  }
}

function withoutClaim(record: RefundRecord): RefundRecord {
  const { claim: _claim, ...rest } = record
  return rest
}

/** Changes the attempt that was sent last. */
export function patchLastAttempt(record: RefundRecord, patch: Partial<Attempt>): RefundRecord {
  const last = record.attempts.at(-1)
  return last ? { ...record, attempts: [...record.attempts.slice(0, -1), { ...last, ...patch }] } : record
}

/** The gateway has shown that it knows the refund: whatever was in doubt last is accepted. */
export function acceptLastOpen(record: RefundRecord, now: number): RefundRecord {
  if (!mayHaveLeft(record)) {
    return { ...record, attempts: [{ ...unseenAttempt(now), fate: 'accepted' }, ...record.attempts] }
  }
  const index = record.attempts.findLastIndex((attempt) => attempt.fate === 'open' || attempt.fate === 'refused')
  const attempts = record.attempts.map((attempt, at): Attempt => {
    if (at !== index) return attempt
    return { ...attempt, fate: 'accepted', quarantined_from: attempt.quarantined_from ?? now }
  })
  return { ...record, attempts }
}

/**
 * Remembers what the gateway said last. A field that it leaves out keeps its former value, but for a code: a 9999 is no
 * more true once the refund is known, a 0000 is. The gateway's own number of it is kept beside another one, see
 * `refundno.ts`.
 */
export function withAnswer(record: RefundRecord, fields: GatewayFields): RefundRecord {
  const { ret_code, ret_msg, ...former } = record.answer
  const stillTrue = fields.ret_code === undefined && ret_code === '0000'
  const code = stillTrue ? { ret_code, ...(ret_msg !== undefined && { ret_msg }) } : {}
  const { oid_refundno } = former
  const beside = fields.oid_refundno !== undefined && fields.oid_refundno !== oid_refundno ? oid_refundno : undefined
  return {
    ...record,
    answer: { ...former, ...code, ...fields },
    ...(beside !== undefined && { second_refundno: beside }),
  }
}

export function addHold(
  record: RefundRecord,
  reason: HoldReason,
  { policy, moment }: Omit<Context, 'record'>,
): RefundRecord {
  const holds = record.holds.includes(reason) ? record.holds : [...record.holds, reason]
  if (record.state === 'sending') return { ...record, holds }
  const { job: _job, ...rest } = record
  const held = { ...rest, holds }
  return { ...held, next_look: moment.now + heldLookMs(held, policy) }
}

/** The wait before look number `looks` (from 1). Chance never brings two looks closer than the backoff's base. */
export function retryMs({ retry }: Policy, looks: number, random: number): number {
  return Math.max(Math.min(retry.baseMs, retry.capMs), backoffMs(retry, looks, random))
}

/** A look that brought nothing: the next comes after the backoff, or slowly for one that is held. */
export function lookLater(record: RefundRecord, { policy, moment }: Context): RefundRecord {
  const looks = record.looks + 1
  const delay = isHeld(record) ? heldLookMs(record, policy) : retryMs(policy, looks, moment.random)
  return { ...record, looks, next_look: moment.now + delay }
}

/** A hold that came while a request was under way goes on, with its slow look. */
export function slowIfHeld(record: RefundRecord, { policy, moment }: Context): RefundRecord {
  return isHeld(record) ? { ...record, next_look: moment.now + heldLookMs(record, policy) } : record
}

export function heldLookMs(record: RefundRecord, policy: Policy): number {
  const silentOnly = record.holds.every((reason) => reason === 'silence')
  return silentOnly ? (policy.queryDelaysMs.at(-1) ?? policy.holdLookMs) : policy.holdLookMs
}

/** The wait before status query number `queries` (from 0) of an accepted refund. */
export function queryDelayMs(policy: Policy, queries: number): number {
  return policy.queryDelaysMs[queries] ?? policy.queryDelaysMs.at(-1) ?? policy.queryDelaysMs[0]
}

/** Holds a refund of which nothing conclusive was heard for too long. */
export function holdIfSilent(record: RefundRecord, context: Context): RefundRecord {
  const { policy, moment } = context
  const silent = moment.now - record.quiet_since >= policy.queryGiveUpMs
  return silent && !record.holds.includes('silence') ? addHold(record, 'silence', context) : record
}

/** Sends that count against the policy's attempts: a merchant without balance is no fault of the refund. */
export function countAttempts(record: RefundRecord): number {
  return countSends(record) - record.attempts.filter((attempt) => attempt.no_balance).length
}

export function attemptsSpent(record: RefundRecord, policy: Policy): boolean {
  return countAttempts(record) >= policy.maxAttempts + record.granted
}

export function lastAttemptNumber(record: RefundRecord): number | undefined {
  return record.attempts.at(-1)?.number
}
