import { type Context, commit, type Decision, keep, refuse } from '../decision.ts'
import { eventOf } from '../event.ts'
import type { ObservationOf } from '../observation.ts'
import type { GatewayFields } from '../outcome.ts'
import { isFinal, isHeld, type RefundRecord } from '../record.ts'
import { addHold, countAttempts } from './changes.ts'
import { predatesSafeStart } from './restored.ts'

export function held(context: Context, { by, reason }: ObservationOf<'hold'>): Decision {
  const { record } = context
  if (isFinal(record)) return refuse(`hold: the refund ${record.state} already`)
  if (record.holds.includes('operator')) return refuse('hold: an operator holds it already')
  return commit(context, addHold(record, 'operator', context), 'hold', { note: reason, by })
}

/**
 * Grants one more send after spent attempts. The refund goes on from the state it has; its cap is not asked again, and
 * whether its order is frozen not before its next send.
 */
export function released(context: Context, { by, reason }: ObservationOf<'release'>): Decision {
  const { record, policy, moment } = context
  if (!isHeld(record)) return refuse(`release: the refund is ${record.state}, nothing holds it`)
  const { job: _job, ...rest } = record
  const next: RefundRecord = {
    ...rest,
    holds: [],
    looks: 0,
    granted: record.holds.includes('attempts_spent')
      ? Math.max(record.granted, countAttempts(record) + 1 - policy.maxAttempts)
      : record.granted,
    quiet_since: moment.now,
    ...(record.holds.includes('contradiction') && { order_waived: true }),
    ...(record.state !== 'sending' && { next_look: moment.now }),
  }
  return commit(context, next, 'release', { note: reason, by })
}

export function requeried(context: Context, { by, reason }: ObservationOf<'requery'>): Decision {
  const { record, moment } = context
  if (isFinal(record)) return refuse(`query: the refund ${record.state} already`)
  if (record.state === 'sending') return refuse('query: a request is under way')
  const { job: _job, ...rest } = record
  return commit(context, { ...rest, next_look: moment.now }, 'requery', { note: reason, by })
}

export function cancelled(context: Context, { by, reason, safeStart }: ObservationOf<'cancel'>): Decision {
  const { record } = context
  if (record.state === 'rejected') return refuse('cancel: the refund was rejected already')
  if (isFinal(record)) return refuse(`cancel: the refund ${record.state} already`)
  if (record.state !== 'waiting') return refuse(`cancel: the refund is ${record.state}, it may have been sent`)
  if (Object.keys(record.answer).length > 0) return refuse('cancel: the gateway has spoken of this number, resolve it')
  if (predatesSafeStart(record, safeStart)) return refuse('cancel: it was restored from a backup, and not asked about')
  const reasons = [`cancelled: ${reason}`]
  const next: RefundRecord = { ...record, state: 'rejected', reasons, settled_by: 'operator' }
  return commit(context, next, 'cancel', { note: reason, by })
}

/** The event is handed out once more, and stays the same one: only the trail changes. */
export function replayed(context: Context, { by, reason }: ObservationOf<'replay'>): Decision {
  const { record } = context
  const event = eventOf(record)
  if (!event) return refuse(`replay: the refund is ${record.state}, it has no completion event`)
  return commit(context, record, 'replay', { note: `${event.id} again: ${reason}`, by })
}

/** Whom it was for is forgotten, for ever; what the books need stays. */
export function erased(context: Context, { by, reason }: ObservationOf<'erase'>): Decision {
  const { metadata, ...rest } = context.record
  if (!isFinal(rest)) return refuse('erase: the refund is open, its event still has to carry the metadata')
  if (!metadata) return keep('it has no metadata')
  return commit(context, rest, 'erase', { note: reason, by })
}

/** A person's word, with evidence, ends an open refund or settles a contradiction. */
export function resolved(context: Context, { by, outcome, evidence }: ObservationOf<'resolve'>): Decision {
  const { record } = context
  const told = { note: `${outcome}: ${evidence}`, by }
  if (record.state === 'sending') return refuse('resolve: a request is under way')
  const { contradiction_note: _note, ...undisputed } = record
  const next: RefundRecord = {
    ...undisputed,
    answer: besideOutcome(record.answer, outcome),
    state: outcome,
    contradiction: false,
    reasons: [`resolved: ${evidence}`],
    settled_by: 'operator',
  }
  if (!isFinal(record)) return commit(context, next, 'resolve', told)
  if (!record.contradiction) return refuse(`resolve: the refund ${record.state}, and nothing contradicts it`)
  return commit(context, next, 'resolve', told, 'refund.corrected')
}

/** What the gateway said of a refund that ended otherwise must not stand on its event as if it were true. */
function besideOutcome(answer: GatewayFields, outcome: 'succeeded' | 'failed'): GatewayFields {
  const { sta_refund, settle_date: _date, ...rest } = answer
  const contradicts = outcome === 'succeeded' ? sta_refund === '3' : sta_refund === '2'
  return contradicts ? rest : answer
}
