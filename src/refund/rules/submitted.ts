import { type Context, commit, type Decision, type Told } from '../decision.ts'
import type { ObservationOf } from '../observation.ts'
import type { SubmitOutcome } from '../outcome.ts'
import { mayHaveLeft } from '../record.ts'
import {
  addHold,
  lastAttemptNumber,
  lookLater,
  patchLastAttempt,
  retryMs,
  slowIfHeld,
  toProcessing,
  toUnknown,
  toWaiting,
  withAnswer,
} from './changes.ts'
import { applyFact } from './settle.ts'

type Submitted = ObservationOf<'submit'>

/** The result of the send that the record waits for. */
export function submitted(context: Context, { token, outcome }: Submitted): Decision {
  const { record } = context
  if (record.claim?.token !== token) return submittedLate(context, outcome)
  const told: Told = {
    note: describe(outcome),
    attempt: lastAttemptNumber(record),
    ...('fields' in outcome && { ret_code: outcome.fields.ret_code }),
  }
  switch (outcome.kind) {
    case 'accepted':
      return applyFact(context, { observation: 'submit', settled_by: 'response', fields: outcome.fields })
    case 'already_known':
      return alreadyKnown(context, outcome, told)
    case 'refused':
      return refused(context, outcome, told)
    case 'needs_operator':
    case 'unclear':
      return inDoubt(context, outcome, told)
    case 'never_left':
      return neverLeft(context, told)
  }
}

/** The result of a send that was given up meanwhile: 0000 is a fact whenever it comes, all else is only told. */
export function submittedLate(context: Context, outcome: SubmitOutcome): Decision {
  if (outcome.kind === 'accepted') {
    return applyFact(context, { observation: 'submit', settled_by: 'response', fields: outcome.fields })
  }
  return commit(context, context.record, 'submit', {
    note: `too late to decide anything: ${describe(outcome)}`,
    ...('fields' in outcome && { ret_code: outcome.fields.ret_code }),
  })
}

/** The amount behind the known number is compared by the query that comes soon. */
function alreadyKnown(context: Context, outcome: SubmitOutcome & { kind: 'already_known' }, told: Told): Decision {
  const { record, policy, moment } = context
  const accepted = patchLastAttempt(withAnswer(record, outcome.fields), {
    fate: 'accepted',
    quarantined_from: moment.now,
    ...codeOf(outcome),
  })
  const soon = moment.now + retryMs(policy, 1, moment.random)
  return commit(context, slowIfHeld(toProcessing(accepted, soon), context), 'submit', told)
}

function refused(context: Context, outcome: SubmitOutcome & { kind: 'refused' }, told: Told): Decision {
  const { record, moment } = context
  const othersOpen = record.attempts.slice(0, -1).some((attempt) => attempt.fate === 'open')
  const reasons = [`${outcome.fields.ret_code ?? 'no code'}: ${outcome.fields.ret_msg ?? 'refused'}`]
  const noted = patchLastAttempt(withAnswer({ ...record, reasons }, outcome.fields), {
    fate: 'refused',
    quarantine: outcome.quarantine,
    quarantined_from: moment.now,
    ...codeOf(outcome),
  })
  if (outcome.conclusive && !othersOpen) {
    return commit(context, { ...noted, state: 'failed', settled_by: 'response' }, 'submit', told)
  }
  return commit(context, lookLater(toUnknown(noted), context), 'submit', told)
}

function inDoubt(
  context: Context,
  outcome: SubmitOutcome & { kind: 'needs_operator' | 'unclear' },
  told: Told,
): Decision {
  const { record, moment } = context
  const noBalance = outcome.kind === 'needs_operator' && outcome.hold === 'insufficient_balance'
  const open = patchLastAttempt(withAnswer(record, outcome.fields), {
    ...(noBalance && { no_balance: true }),
    quarantine: outcome.quarantine,
    quarantined_from: moment.now,
    ...codeOf(outcome),
  })
  const unknown = lookLater(toUnknown(open), context)
  const next = outcome.kind === 'needs_operator' ? addHold(unknown, outcome.hold, context) : unknown
  return commit(context, next, 'submit', told)
}

function neverLeft(context: Context, told: Told): Decision {
  const { record } = context
  const undone = patchLastAttempt(record, { fate: 'never_left' })
  const back = mayHaveLeft(undone) ? toUnknown(undone) : toWaiting(undone)
  return commit(context, lookLater(back, context), 'submit', told)
}

function codeOf({ fields }: { readonly fields: { readonly ret_code?: string } }): { ret_code?: string } {
  return fields.ret_code === undefined ? {} : { ret_code: fields.ret_code }
}

function describe(outcome: SubmitOutcome): string {
  switch (outcome.kind) {
    case 'accepted':
      return 'accepted'
    case 'already_known':
      return 'the gateway knows this number already'
    case 'refused':
      return outcome.conclusive ? 'refused' : 'refused, to be confirmed by query'
    case 'needs_operator':
      return `stopped: ${outcome.hold}`
    case 'unclear':
      return `fate unknown: ${outcome.reason}`
    case 'never_left':
      return `never left: ${outcome.reason}`
  }
}
