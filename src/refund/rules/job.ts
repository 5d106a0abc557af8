import { commit, keep, refuse, type Decision, type Moment } from '../decision.ts'
import { epochOfGatewayTime } from '../gateway-time.ts'
import type { ParsedRefund } from '../job-data.ts'
import type { JobSeen } from '../observation.ts'
import type { Policy } from '../policy.ts'
import type { RefundRecord } from '../record.ts'
import { addHold, toSending } from './changes.ts'

type Readable = Extract<ParsedRefund, { ok: true }>

export interface JobContext {
  readonly policy: Policy
  readonly moment: Moment
}

/** A job whose number has no record. */
export function firstJob(seen: JobSeen, context: JobContext): Decision {
  const { parsed, tombstone } = seen
  if (!tombstone) return open(undefined, seen, context)
  if (!parsed.ok) return refuse(...parsed.faults)
  return tombstone.content === parsed.content ? keep('settled long ago') : conflict(parsed.request.no_refund)
}

/** A job whose number has an open or settled record. */
export function repeatedJob(record: RefundRecord, seen: JobSeen): Decision {
  const { parsed } = seen
  if (!parsed.ok) return refuse(...parsed.faults)
  return isSame(record, parsed) ? keep('the same refund') : conflict(record.no_refund)
}

/** Nothing was sent for a rejected number, so other content opens it again; the same content changes nothing. */
export function jobAfterRejection(record: RefundRecord, seen: JobSeen, context: JobContext): Decision {
  const { parsed } = seen
  const same = parsed.ok ? isSame(record, parsed) : record.content === parsed.content
  if (same) return record.settled_by === 'validation' ? refuse(...record.reasons) : keep('rejected already')
  if (record.contradiction) return conflict(record.no_refund)
  return open(record, seen, context)
}

function isSame(record: RefundRecord, parsed: Readable): boolean {
  if (record.content !== parsed.content) return false
  return !parsed.dated || record.request?.dt_refund === parsed.request.dt_refund
}

function conflict(no_refund: string): Decision {
  return refuse(`no_refund_conflict: ${no_refund} was already used for a refund with other content`)
}

function open(before: RefundRecord | undefined, seen: JobSeen, context: JobContext): Decision {
  const { parsed, breach } = seen
  if (!parsed.ok) return reject(before, seen, parsed.faults, context)
  const origin = unknownOrigin(seen, parsed, context)
  if (origin) return openInDoubt(before, seen, parsed, context, origin)
  if (breach === 'over_refund') {
    return reject(before, seen, ['over_refund: the refunds of this order would exceed its order_amount'], context)
  }
  if (breach === 'order_amount_differs') {
    return reject(before, seen, ['order_amount: another amount was given for this order before'], context)
  }

  const fresh = newRecord(before, seen, parsed, context.moment.now)
  const inner = { ...context, record: fresh }
  const note = (text: string) => ({ note: text })
  if (breach === 'order_frozen') {
    return commit(before, addHold(fresh, 'contradiction', inner), 'job', context, note('the sums of its order are frozen'))
  }
  if (exceedsCap(parsed, seen, context)) {
    return commit(before, addHold(fresh, 'cap', inner), 'job', context, note('above the cap'))
  }
  if (seen.permit && 'claim' in seen.permit) {
    const sending = toSending(fresh, seen.permit.claim, context.moment.now)
    return commit(before, sending, 'job', context, { note: 'accepted and claimed', attempt: 1 })
  }
  const blocked = seen.permit?.blocked
  const next_look = blocked?.until ?? context.moment.now
  return commit(before, { ...fresh, next_look }, 'job', context, note(`accepted; ${blocked?.reason ?? 'not sent yet'}`))
}

/** It may have been sent by somebody else: asked about first, and never rejected, as that would say it was not sent. */
function openInDoubt(
  before: RefundRecord | undefined,
  seen: JobSeen,
  parsed: Readable,
  context: JobContext,
  origin: string,
): Decision {
  const { now } = context.moment
  const fresh: RefundRecord = {
    ...newRecord(before, seen, parsed, now),
    request: { ...parsed.request, dt_refund: seen.unmatched?.dt_refund ?? parsed.request.dt_refund },
    state: 'unknown',
    attempts: [{ number: 0, fate: 'open', quarantine: 'full', claimed_at: now, quarantined_from: now, denials: 0 }],
    foreign: seen.unmatched !== undefined,
  }
  const breaksOrder = seen.breach !== undefined && seen.breach !== 'daily_cap'
  const reason = breaksOrder ? 'contradiction' : exceedsCap(parsed, seen, context) ? 'cap' : undefined
  const next = reason ? addHold(fresh, reason, { ...context, record: fresh }) : fresh
  const held = reason ? `, and held: ${seen.breach ?? 'above the cap'}` : ''
  return commit(before, next, 'job', context, { note: `accepted; asked first, ${origin}${held}`, attempt: 0 })
}

function newRecord(before: RefundRecord | undefined, seen: JobSeen, parsed: Readable, now: number): RefundRecord {
  return {
    version: before?.version ?? 0,
    ...parsed.identity,
    state: 'waiting',
    holds: [],
    content: parsed.content,
    request: parsed.request,
    ...(parsed.order_amount !== undefined && { order_amount: parsed.order_amount }),
    ...(parsed.metadata && { metadata: parsed.metadata }),
    attempts: [],
    looks: 0,
    queries: 0,
    next_look: now,
    job: seen.job,
    answer: {},
    reasons: [],
    contradiction: false,
    foreign: false,
    granted: 0,
    events: before?.events ?? 0,
    held_events: before?.held_events ?? 0,
    requested_at: seen.at,
    created_at: before?.created_at ?? now,
    updated_at: now,
    quiet_since: now,
  }
}

function reject(
  before: RefundRecord | undefined,
  seen: JobSeen,
  reasons: readonly string[],
  context: JobContext,
): Decision {
  const { parsed } = seen
  if (!parsed.identity) return refuse(...reasons)
  const { now } = context.moment
  const rejected: RefundRecord = {
    version: before?.version ?? 0,
    ...parsed.identity,
    state: 'rejected',
    holds: [],
    content: parsed.content,
    ...(parsed.ok && { request: parsed.request }),
    ...(parsed.ok && parsed.metadata && { metadata: parsed.metadata }),
    attempts: [],
    looks: 0,
    queries: 0,
    answer: {},
    reasons,
    settled_by: 'validation',
    contradiction: false,
    foreign: false,
    granted: 0,
    events: before?.events ?? 0,
    held_events: before?.held_events ?? 0,
    requested_at: seen.at,
    created_at: before?.created_at ?? now,
    updated_at: now,
    quiet_since: now,
  }
  // a number that was rejected before may be rejected anew: its content differs, so this is another answer
  return commit(before, rejected, 'job', context, { note: reasons.join('; ') }, 'refund.rejected')
}

function unknownOrigin(seen: JobSeen, parsed: Readable, { policy, moment }: JobContext): string | undefined {
  if (seen.unmatched) return 'since a notification came before the job'
  const given = parsed.dated ? epochOfGatewayTime(parsed.request.dt_refund) : undefined
  const oldest = Math.min(seen.at, given ?? seen.at)
  if (oldest < moment.now - policy.maxJobAgeMs) return 'since the job is older than the ledger may remember'
  if (seen.safeStart !== undefined && oldest < seen.safeStart) return 'since the job is older than the safe start'
  return undefined
}

function exceedsCap(parsed: Readable, seen: JobSeen, { policy }: JobContext): boolean {
  const above = policy.maxRefundFen !== undefined && parsed.request.fen > policy.maxRefundFen
  return above || seen.breach === 'daily_cap'
}
