import { type Context, commit, type Decision, keep } from '../decision.ts'
import type { Observation } from '../observation.ts'
import type { GatewayFields } from '../outcome.ts'
import { isFinal, type RefundRecord, type SettledBy } from '../record.ts'
import { acceptLastOpen, lastAttemptNumber, queryDelayMs, slowIfHeld, toProcessing, withAnswer } from './changes.ts'

/** A verified statement of the gateway about this very refund: number, merchant and amount are ours. */
export interface Fact {
  readonly observation: Observation['type']
  readonly settled_by: SettledBy
  readonly fields: GatewayFields
}

/** `2` and `3` settle; every other status, or none, leaves the refund open. */
export function settledState(fields: GatewayFields): 'succeeded' | 'failed' | undefined {
  if (fields.sta_refund === '2') return 'succeeded'
  if (fields.sta_refund === '3') return 'failed'
  return undefined
}

/** Applies a fact from whatever state the record is in: settles it, moves it to `processing`, or finds a contradiction. */
export function applyFact(context: Context, fact: Fact): Decision {
  const { record, policy, moment } = context
  const settled = settledState(fact.fields)
  if (isFinal(record)) return compareWithFinal(context, fact)

  const known = withAnswer(acceptLastOpen(record, moment.now), fact.fields)
  const told = { note: says(fact), ret_code: fact.fields.ret_code, attempt: lastAttemptNumber(record) }
  if (settled) return commit(context, settle(known, settled, fact), fact.observation, told)
  if (record.state === 'processing') return keep('the gateway still works on it')
  const processing = toProcessing(known, moment.now + queryDelayMs(policy, 0))
  return commit(context, slowIfHeld(processing, context), fact.observation, told)
}

function settle(record: RefundRecord, state: 'succeeded' | 'failed', fact: Fact): RefundRecord {
  const reasons = state === 'failed' ? ['the gateway reports sta_refund 3'] : []
  const settled = { ...record, state, settled_by: fact.settled_by, reasons }
  if (!record.holds.includes('amount_mismatch')) return settled
  // the gateway has said two things of one refund: settled by what is ours, and for a person to look at
  return { ...settled, contradiction: true, contradiction_note: 'another amount or time was told before' }
}

/** A final state never changes by a message; what cannot be true beside it is recorded for a person. */
function compareWithFinal(context: Context, fact: Fact): Decision {
  const { record } = context
  const settled = settledState(fact.fields)
  // a rejected refund was never sent: whatever the gateway says of it, somebody else sent it
  if (settled === undefined && record.state !== 'rejected') return keep('stale: the refund is settled')
  if (settled === record.state) return keep('duplicate')
  return contradict(context, fact.observation, `${says(fact)} although the refund ${record.state}`, fact.fields)
}

/** Marks facts that cannot both be true: the order's sums freeze and the number never opens again. */
export function contradict(
  context: Context,
  observation: Observation['type'],
  note: string,
  fields: GatewayFields,
): Decision {
  const { record } = context
  if (record.contradiction && record.contradiction_note === note) return keep('duplicate of a recorded contradiction')
  const told = { note: `contradiction: ${note}`, ret_code: fields.ret_code }
  return commit(context, { ...record, contradiction: true, contradiction_note: note }, observation, told)
}

function says({ settled_by, fields }: Fact): string {
  return `${settled_by} says sta_refund ${fields.sta_refund ?? 'nothing'}`
}
