import { type Context, type Decision, keep, type Moment, refuse } from './decision.ts'
import type { Observation, ObservationOf } from './observation.ts'
import type { Policy } from './policy.ts'
import type { RefundRecord, State } from './record.ts'
import { firstJob, jobAfterRejection, repeatedJob } from './rules/job.ts'
import { lookAtProcessing, lookAtSending, lookAtUnknown, lookAtWaiting } from './rules/look.ts'
import { noticed } from './rules/noticed.ts'
import { cancelled, held, released, requeried, resolved } from './rules/operated.ts'
import { queriedForFacts, queriedProcessing, queriedUnknown, queriedWaiting } from './rules/queried.ts'
import { submitted, submittedLate } from './rules/submitted.ts'

type Rule<T extends Observation['type']> = (context: Context, observation: ObservationOf<T>) => Decision
type Row = { readonly [T in Observation['type']]: Rule<T> }

const sameOrConflict: Rule<'job'> = ({ record }, seen) => repeatedJob(record, seen)
const late: Rule<'submit'> = (context, { outcome }) => submittedLate(context, outcome)
const settled: Rule<'look'> = ({ record }) => keep(`the refund ${record.state}`)
const operators = { hold: held, release: released, requery: requeried, cancel: cancelled, resolve: resolved }

/** Every state beside every observation. What becomes of a refund is decided here and nowhere else. */
export const matrix: Readonly<Record<State, Row>> = {
  waiting: {
    job: sameOrConflict,
    look: lookAtWaiting,
    submit: late,
    query: queriedWaiting,
    notice: noticed,
    ...operators,
  },
  sending: {
    job: sameOrConflict,
    look: lookAtSending,
    submit: submitted,
    query: queriedForFacts,
    notice: noticed,
    ...operators,
  },
  unknown: {
    job: sameOrConflict,
    look: lookAtUnknown,
    submit: late,
    query: queriedUnknown,
    notice: noticed,
    ...operators,
  },
  processing: {
    job: sameOrConflict,
    look: lookAtProcessing,
    submit: late,
    query: queriedProcessing,
    notice: noticed,
    ...operators,
  },
  succeeded: {
    job: sameOrConflict,
    look: settled,
    submit: late,
    query: queriedForFacts,
    notice: noticed,
    ...operators,
  },
  failed: {
    job: sameOrConflict,
    look: settled,
    submit: late,
    query: queriedForFacts,
    notice: noticed,
    ...operators,
  },
  rejected: {
    job: ({ record, ...context }, seen) => jobAfterRejection(record, seen, context),
    look: settled,
    submit: late,
    query: queriedForFacts,
    notice: noticed,
    ...operators,
  },
}

/**
 * Decides what one observation means for one refund. Pure: time and randomness come in as `moment`.
 *
 * @param record the refund as the ledger has it, or `undefined` when it has none
 */
export function transition(
  record: RefundRecord | undefined,
  observation: Observation,
  policy: Policy,
  moment: Moment,
): Decision {
  if (!record) return withoutRecord(observation, policy, moment)
  return apply(observation.type, { record, policy, moment }, observation)
}

function apply<T extends Observation['type']>(type: T, context: Context, observation: Observation): Decision {
  const rule: Row[T] = matrix[context.record.state][type]
  if (!isOf(type, observation)) throw new TypeError(`${observation.type} is not ${type}`)
  return rule(context, observation)
}

function isOf<T extends Observation['type']>(type: T, observation: Observation): observation is ObservationOf<T> {
  return observation.type === type
}

function withoutRecord(observation: Observation, policy: Policy, moment: Moment): Decision {
  switch (observation.type) {
    case 'job':
      return firstJob(observation, { policy, moment })
    case 'notice':
      return { kind: 'unmatched' }
    case 'look':
    case 'submit':
    case 'query':
      return keep('no such refund')
    default:
      return refuse(`${observation.type}: no such refund`)
  }
}
