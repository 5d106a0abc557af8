import { type Context, commit, type Decision, keep } from '../decision.ts'
import type { ObservationOf } from '../observation.ts'
import type { QueryOutcome } from '../outcome.ts'
import { countDenial, deniedEnough } from '../quarantine.ts'
import { isFinal, isHeld, type RefundRecord } from '../record.ts'
import { addHold, attemptsSpent, holdIfSilent, lookLater, queryDelayMs, sentByAnother, withAnswer } from './changes.ts'
import { claimOrWait, holdFrozen } from './look.ts'
import { applyFact, contradict, settledState } from './settle.ts'

type Queried = ObservationOf<'query'>
type Found = QueryOutcome & { kind: 'found' }

/** The gateway knows a refund that no attempt of ours can explain. */
export function queriedWaiting(context: Context, { outcome }: Queried): Decision {
  if (outcome.kind !== 'found') return keep('nothing was sent')
  const { record, moment } = context
  const foreign = sentByAnother(withAnswer(record, outcome.fields), moment.now)
  const held = addHold(foreign, 'contradiction', context)
  return commit(context, held, 'query', { note: 'the gateway knows a refund that was never sent' })
}

/** While a request is under way, or when all is settled, only what the gateway has counts. */
export function queriedForFacts(context: Context, { outcome }: Queried): Decision {
  return outcome.kind === 'found' ? found(context, outcome) : keep('nothing new')
}

export function queriedUnknown(context: Context, seen: Queried): Decision {
  const { outcome } = seen
  if (outcome.kind === 'found') return found(context, outcome)
  if (outcome.kind === 'denied') return deniedUnknown(context, seen)
  return undecided(context, outcome)
}

export function queriedProcessing(context: Context, seen: Queried): Decision {
  const { record, policy, moment } = context
  const { outcome } = seen
  if (outcome.kind === 'found') {
    const open = settledState(outcome.fields) === undefined && outcome.fen === record.request?.fen
    return open ? stillOpen(context, outcome) : found(context, outcome)
  }
  if (outcome.kind !== 'denied') return undecided(context, outcome)

  const denied = { ...record, attempts: countDenial(record.attempts, seen.askedAt, moment.now) }
  const told = { note: 'the gateway denies a refund that it had', ret_code: outcome.fields.ret_code }
  const next = deniedEnough(denied, policy, seen.askedAt)
    ? addHold(lookLater(denied, context), 'contradiction', context)
    : holdIfSilent(lookLater(denied, context), context)
  return commit(context, next, 'query', told)
}

function found(context: Context, outcome: Found): Decision {
  const { record } = context
  if (outcome.fen === record.request?.fen) {
    return applyFact(context, { observation: 'query', settled_by: 'query', fields: outcome.fields })
  }
  const note = `the gateway has this number with another amount, ${outcome.fen} fen`
  if (isFinal(record)) return contradict(context, 'query', note, outcome.fields)
  return commit(context, addHold(record, 'amount_mismatch', context), 'query', { note })
}

function stillOpen(context: Context, outcome: Found): Decision {
  const { record, policy, moment } = context
  const queries = record.queries + 1
  const asked: RefundRecord = {
    ...withAnswer(record, outcome.fields),
    queries,
    looks: 0,
    next_look: moment.now + queryDelayMs(policy, queries),
  }
  const next = isHeld(asked) ? lookLater(asked, context) : holdIfSilent(asked, context)
  return commit(context, next, 'query', {
    note: `still open, sta_refund ${outcome.fields.sta_refund ?? 'missing'}`,
    ret_code: outcome.fields.ret_code,
  })
}

/** Enough denials decide in the same commit, so that every resend rests on a denial from its own look. */
function deniedUnknown(context: Context, seen: Queried): Decision {
  const { record, policy, moment } = context
  const { breaches = [] } = seen
  const { ret_code } = seen.outcome.fields
  const denied = { ...record, attempts: countDenial(record.attempts, seen.askedAt, moment.now) }
  const wait = (note: string) =>
    commit(context, holdIfSilent(lookLater(denied, context), context), 'query', { note, ret_code })

  if (!deniedEnough(denied, policy, seen.askedAt)) return wait('denied, not long enough yet')
  if (!countedNow(record, denied)) return wait('denied, but asked before the last denial was written')
  if (isHeld(record)) return wait('denied, but held')
  if (record.attempts.some((attempt) => attempt.fate === 'refused')) {
    const failed: RefundRecord = { ...denied, state: 'failed', settled_by: 'query' }
    return commit(context, failed, 'query', { note: 'refused, and denied for long enough', ret_code })
  }
  if (record.foreign) {
    const held = addHold(denied, 'contradiction', context)
    const note = 'a notification speaks of this number, the gateway denies it'
    return commit(context, held, 'query', { note, ret_code })
  }
  if (attemptsSpent(record, policy)) {
    const held = addHold(denied, 'attempts_spent', context)
    return commit(context, held, 'query', { note: 'every attempt is spent', ret_code })
  }
  if (breaches.includes('order_frozen')) return holdFrozen(context, denied, 'query')
  if (!seen.permit) return wait('denied for long enough, not sent in this look')
  return claimOrWait(context, denied, 'query', seen.permit, { note: 'denied for long enough, sent again', ret_code })
}

/** Whether this very denial counted, on every attempt that may have left. */
function countedNow(before: RefundRecord, after: RefundRecord): boolean {
  return after.attempts.every((attempt, index) => attempt.fate === 'never_left' || attempt !== before.attempts[index])
}

function undecided(context: Context, outcome: QueryOutcome & { kind: 'needs_operator' | 'inconclusive' }): Decision {
  const { record } = context
  const later = lookLater(record, context)
  const next =
    outcome.kind === 'needs_operator' ? addHold(later, 'configuration', context) : holdIfSilent(later, context)
  const note = outcome.kind === 'needs_operator' ? 'the query was stopped' : `nothing learned: ${outcome.reason}`
  return commit(context, next, 'query', { note, ret_code: outcome.fields.ret_code })
}
