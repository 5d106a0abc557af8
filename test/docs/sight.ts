import type { Notice, Observation } from '../../src/refund/observation.ts'
import type { QueryOutcome, SubmitOutcome } from '../../src/refund/outcome.ts'
import { type HoldReason, mayHaveLeft, type RefundRecord } from '../../src/refund/record.ts'

/** Who spoke, and what it said: short enough to stand at an arrow. */
export interface Seen {
  readonly who: 'job' | 'look' | 'answer' | 'query' | 'notice' | 'operator'
  readonly said: string
}

/** Names an observation by what made it count. */
export function sightOf(observation: Observation, before: RefundRecord | undefined, after: RefundRecord): Seen {
  if (newlyHeld(before, after, 'contradiction') && isFrozen(observation)) {
    return { who: observation.type === 'query' ? 'query' : 'look', said: 'due, but its order is frozen' }
  }
  switch (observation.type) {
    case 'job':
      return { who: 'job', said: jobSaid(before, after) }
    case 'look':
      return { who: 'look', said: lookSaid(before, after) }
    case 'submit':
      return { who: 'answer', said: answerSaid(observation.outcome, after) }
    case 'query':
      return { who: 'query', said: querySaid(observation.outcome, before, after) }
    case 'notice':
      return { who: 'notice', said: noticeSaid(observation.notice, before) }
    case 'resolve':
      return {
        who: 'operator',
        said: `${before?.contradiction ? 'the contradiction ' : ''}resolved as ${observation.outcome}`,
      }
    default:
      return { who: 'operator', said: OPERATORS[observation.type] }
  }
}

const OPERATORS = {
  hold: 'held',
  release: 'released',
  requery: 'asked for a query',
  cancel: 'cancelled',
  replay: 'replayed',
  erase: 'erased whom it was for',
  import: 'brought in from another system',
} as const
const SILENT = 'nothing conclusive for too long'

const newlyHeld = (before: RefundRecord | undefined, after: RefundRecord, reason: HoldReason) =>
  after.holds.includes(reason) && !before?.holds.includes(reason)

function isFrozen(observation: Observation): boolean {
  const { type } = observation
  return (type === 'look' || type === 'query') && observation.breaches?.includes('order_frozen') === true
}

function status(sta_refund: string | undefined): string {
  if (sta_refund === '2') return 'sta_refund 2'
  if (sta_refund === '3') return 'sta_refund 3'
  return 'sta_refund 0, 1, other or none'
}

function jobSaid(before: RefundRecord | undefined, { state, holds }: RefundRecord): string {
  if (before) return 'another refund of the number'
  if (state === 'rejected') return 'refused for its data or its order'
  if (state === 'unknown') return 'perhaps sent before'
  if (state === 'sending') return 'accepted and claimed'
  return holds.length > 0 ? 'accepted and held' : 'accepted'
}

function lookSaid(before: RefundRecord | undefined, after: RefundRecord): string {
  if (after.state === 'sending') return 'claimed'
  if (after.safe_start !== before?.safe_start) return 'restored from a backup'
  if (newlyHeld(before, after, 'silence')) return SILENT
  return before?.state === 'sending' ? 'the claim ran out' : 'the merchant may send again'
}

function answerSaid(outcome: SubmitOutcome, { state }: RefundRecord): string {
  switch (outcome.kind) {
    case 'accepted':
      return status(outcome.fields.sta_refund)
    case 'already_known':
      return 'already known'
    case 'refused':
      return state === 'failed' ? 'definite refusal' : 'refusal with a doubt'
    case 'needs_operator':
      return outcome.hold === 'insufficient_balance' ? 'no balance' : 'needs an operator'
    case 'unclear':
      return 'fate not known'
    case 'never_left':
      return state === 'waiting' ? 'never left' : 'never left, but an earlier send may have'
  }
}

function querySaid(outcome: QueryOutcome, before: RefundRecord | undefined, after: RefundRecord): string {
  if (newlyHeld(before, after, 'silence')) return SILENT
  switch (outcome.kind) {
    case 'found':
      if (!before || !mayHaveLeft(before)) return 'known, but never sent'
      return outcome.fen === before.request?.fen ? status(outcome.fields.sta_refund) : 'another amount'
    case 'denied':
      return deniedSaid(before, after)
    case 'needs_operator':
      return 'needs an operator'
    case 'inconclusive':
      return 'no answer'
  }
}

function deniedSaid(before: RefundRecord | undefined, after: RefundRecord): string {
  if (after.state === 'failed') return 'refused once, and denied long enough'
  if (newlyHeld(before, after, 'attempts_spent')) return 'denied long enough, but no send is left'
  if (newlyHeld(before, after, 'contradiction')) return 'denied long enough, though it was told of'
  return 'denied long enough'
}

function noticeSaid({ fen, dt_refund, fields }: Notice, before: RefundRecord | undefined): string {
  if (!before || !mayHaveLeft(before)) return 'known, but never sent'
  const differs = (fen ?? before.request?.fen) !== before.request?.fen
  const redated = (dt_refund ?? before.request?.dt_refund) !== before.request?.dt_refund
  return differs || redated ? 'another amount or dt_refund' : status(fields.sta_refund)
}
