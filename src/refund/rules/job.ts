import { type Context, commit, type Decision, keep, refuse } from '../decision.ts'
import { epochOfGatewayTime } from '../gateway-time.ts'
import type { ReadableRefund, RefundIdentity } from '../job-data.ts'
import type { LimitBreach, ObservationOf } from '../observation.ts'
import { type HoldReason, NOTHING_LEARNED, type RefundRecord } from '../record.ts'
import { warningsOf } from '../warnings.ts'
import { addHold, toSending, toUnknown, unseenAttempt } from './changes.ts'

/** A refund that somebody asks for: by a job, or by bringing it in from another system. */
type Asked = ObservationOf<'job' | 'import'>

/** `record` is the rejected one that a job opens again, if any. */
export type JobContext = Omit<Context, 'record'> & { readonly record: RefundRecord | undefined }

/** Breaches that end a refund before it is sent; the others only hold it. */
const REJECTIONS: Readonly<Partial<Record<LimitBreach, string>>> = {
  over_refund: 'over_refund: the refunds of this order would exceed its order_amount',
  order_amount_differs: 'order_amount: another amount was given for this order before',
}

/** A number that has no record. */
export function firstJob(context: JobContext, seen: Asked): Decision {
  const { parsed, tombstone } = seen
  if (!tombstone) return open(context, seen)
  if (!parsed.ok) return refuse(...parsed.faults)
  return tombstone.content === parsed.content ? keep('settled long ago') : conflict(parsed.request.no_refund)
}

/** A job whose number has an open or settled record. */
export function repeatedJob({ record }: Context, seen: Asked): Decision {
  const { parsed } = seen
  if (!parsed.ok) return refuse(...parsed.faults)
  return isSame(record, parsed) ? keep('the same refund') : conflict(record.no_refund)
}

/** It waits here, and another system may have sent it meanwhile: asked about first from now on. */
export function importedWaiting(context: Context, seen: ObservationOf<'import'>): Decision {
  const { record, moment } = context
  const { now } = moment
  if (!isSame(record, seen.parsed)) return conflict(record.no_refund)
  const { job: _job, ...doubted } = toUnknown(record)
  const next: RefundRecord = {
    ...doubted,
    attempts: [unseenAttempt(now), ...record.attempts],
    foreign: seen.askOnly,
    next_look: now,
    quiet_since: now,
  }
  return commit(context, next, 'import', { note: `asked first, ${begunElsewhere(seen)}`, attempt: 0, by: seen.by })
}

const begunElsewhere = ({ reason }: ObservationOf<'import'>) => `since another system has begun it: ${reason}`

/** Nothing was sent for a rejected number, so other content opens it again; the same content changes nothing. */
export function jobAfterRejection(context: Context, seen: Asked): Decision {
  const { record } = context
  const { parsed } = seen
  const same = parsed.ok ? isSame(record, parsed) : record.content === parsed.content
  if (same) return record.settled_by === 'validation' ? refuse(...record.reasons) : keep('rejected already')
  if (record.contradiction) return conflict(record.no_refund)
  return open(context, seen)
}

function isSame(record: RefundRecord, parsed: ReadableRefund): boolean {
  if (record.content !== parsed.content) return false
  // where a notification came first, its dt_refund stands
  return !parsed.dated || record.foreign || record.request?.dt_refund === parsed.request.dt_refund
}

function conflict(no_refund: string): Decision {
  return refuse(`no_refund_conflict: ${no_refund} was already used for a refund with other content`)
}

function open(context: JobContext, seen: Asked): Decision {
  const { parsed, breaches = [] } = seen
  if (!parsed.ok) return reject(context, seen, parsed.faults)
  const origin = unknownOrigin(context, seen, parsed)
  if (origin !== undefined) return openInDoubt(context, seen, parsed, origin)
  const rejections = breaches.flatMap((breach) => REJECTIONS[breach] ?? [])
  if (rejections.length > 0) return reject(context, seen, rejections)

  const fresh = accepted(context, seen, parsed)
  const warnings = warningsOf(parsed.request, context.policy, context.moment.now)
  const reasons = reasonsToHold(context, seen, parsed)
  if (reasons.length > 0) {
    const note = `accepted and held: ${reasons.join(', ')}${because(seen)}`
    return commit(context, holdFor(fresh, reasons, context), seen.type, { note, warnings })
  }
  const permit = 'permit' in seen ? seen.permit : undefined
  if (permit && 'claim' in permit) {
    const sending = toSending(fresh, permit.claim, context.moment.now)
    return commit(context, sending, seen.type, { note: 'accepted and claimed', attempt: 1, warnings })
  }
  const blocked = permit?.blocked
  const next_look = blocked?.until ?? context.moment.now
  const note = `accepted; ${blocked?.reason ?? 'not sent yet'}`
  return commit(context, { ...fresh, next_look }, seen.type, { note, warnings })
}

/** It may have been sent by somebody else: asked about first, and never rejected, as that would say it was not sent. */
function openInDoubt(context: JobContext, seen: Asked, parsed: ReadableRefund, origin: string): Decision {
  const { now } = context.moment
  const fresh: RefundRecord = {
    ...accepted(context, seen, parsed),
    request: { ...parsed.request, dt_refund: seen.unmatched?.dt_refund ?? parsed.request.dt_refund },
    state: 'unknown',
    attempts: [unseenAttempt(now)],
    foreign: seen.unmatched !== undefined || (seen.type === 'import' && seen.askOnly),
    ...(seen.safeStart !== undefined && { safe_start: seen.safeStart }),
  }
  const reasons = reasonsToHold(context, seen, parsed)
  const held = reasons.length > 0 ? `; held: ${reasons.join(', ')}${because(seen)}` : ''
  return commit(context, holdFor(fresh, reasons, context), seen.type, {
    note: `accepted; asked first, ${origin}${held}`,
    attempt: 0,
    warnings: warningsOf(parsed.request, context.policy, now),
    by: seen.type === 'import' ? seen.by : undefined,
  })
}

/** What stands against the refund beside others of its order: it can be seen in none of its own fields. */
const AGAINST: Readonly<Record<LimitBreach, string>> = {
  order_frozen: 'a contradiction freezes its order',
  over_refund: 'the refunds of its order would exceed the order_amount',
  order_amount_differs: 'another order_amount was given before',
  daily_cap: 'the cap of the day is reached',
  stopped: 'all sending is stopped',
}

function because({ breaches = [] }: Asked): string {
  return breaches.length > 0 ? ` (${breaches.map((breach) => AGAINST[breach]).join('; ')})` : ''
}

/** Every limit that is broken has its own reason: releasing one must not wave through another unseen. */
function reasonsToHold({ policy }: JobContext, { breaches = [] }: Asked, parsed: ReadableRefund): HoldReason[] {
  const againstOrder = breaches.some((breach) => breach !== 'daily_cap' && breach !== 'stopped')
  const above = policy.maxRefundFen !== undefined && parsed.request.fen > policy.maxRefundFen
  const capped = above || breaches.includes('daily_cap')
  return [...(againstOrder ? ['contradiction' as const] : []), ...(capped ? ['cap' as const] : [])]
}

function holdFor(record: RefundRecord, reasons: readonly HoldReason[], context: JobContext): RefundRecord {
  return reasons.reduce((held, reason) => addHold(held, reason, context), record)
}

function accepted(context: JobContext, seen: Asked, parsed: ReadableRefund): RefundRecord {
  return {
    ...blank(context, seen, parsed.identity),
    state: 'waiting',
    request: parsed.request,
    ...(parsed.order_amount !== undefined && { order_amount: parsed.order_amount }),
    ...(parsed.metadata && { metadata: parsed.metadata }),
    next_look: context.moment.now,
    ...(seen.type === 'job' && { job: seen.job }),
  }
}

/** A number that was rejected before may be rejected anew: its content differs, so this is another answer. */
function reject(context: JobContext, seen: Asked, reasons: readonly string[]): Decision {
  const { parsed } = seen
  if (!parsed.identity) return refuse(...reasons)
  const rejected: RefundRecord = {
    ...blank(context, seen, parsed.identity),
    state: 'rejected',
    ...(parsed.ok ? { request: parsed.request } : { legible: parsed.legible }),
    ...(parsed.metadata && { metadata: parsed.metadata }),
    reasons,
    settled_by: 'validation',
  }
  return commit(context, rejected, seen.type, { note: reasons.join('; ') }, 'refund.rejected')
}

/** What every new record starts with; a rejected one of the same number leaves it its version and its event count. */
function blank({ record, moment }: JobContext, seen: Asked, id: RefundIdentity): Omit<RefundRecord, 'state'> {
  return {
    version: record?.version ?? 0,
    ...id,
    holds: [],
    content: seen.parsed.content,
    ...NOTHING_LEARNED,
    events: record?.events ?? 0,
    held_events: record?.held_events ?? 0,
    ...(seen.type === 'job' && seen.traceparent !== undefined && { traceparent: seen.traceparent }),
    requested_at: seen.at,
    created_at: record?.created_at ?? moment.now,
    updated_at: moment.now,
    quiet_since: moment.now,
  }
}

function unknownOrigin({ policy, moment }: JobContext, seen: Asked, parsed: ReadableRefund): string | undefined {
  if (seen.type === 'import') return begunElsewhere(seen)
  if (seen.unmatched) return 'since a notification came before the job'
  const given = parsed.dated ? epochOfGatewayTime(parsed.request.dt_refund) : undefined
  const oldest = Math.min(seen.at, given ?? seen.at)
  if (oldest < moment.now - policy.maxJobAgeMs) return 'since the job is older than the ledger may remember'
  if (seen.safeStart !== undefined && oldest < seen.safeStart) return 'since the job is older than the safe start'
  return undefined
}
