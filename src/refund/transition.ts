import { type Context, commit, type Decision, keep, type Moment, refuse } from './decision.ts'
import type { Observation, ObservationOf } from './observation.ts'
import type { Policy } from './policy.ts'
import type { RefundRecord, State } from './record.ts'
import { firstJob, importedWaiting, jobAfterRejection, repeatedJob } from './rules/job.ts'
import { lookAtProcessing, lookAtSending, lookAtUnknown, lookAtWaiting } from './rules/look.ts'
import { noticed } from './rules/noticed.ts'
import { cancelled, erased, held, released, replayed, requeried, resolved } from './rules/operated.ts'
import { queriedForFacts, queriedProcessing, queriedUnknown, queriedWaiting } from './rules/queried.ts'
import { learnRefundno } from './rules/refundno.ts'
import { submitted, submittedLate } from './rules/submitted.ts'

type Rule<T extends Observation['type']> = (context: Context, observation: ObservationOf<T>) => Decision
type Row = { readonly [T in Observation['type']]: Rule<T> }

const late: Rule<'submit'> = (context, { outcome }) => submittedLate(context, outcome)
const settled: Rule<'look'> = ({ record }) => keep(`the refund ${record.state}`)
const operators = {
  hold: held,
  release: released,
  requery: requeried,
  cancel: cancelled,
  resolve: resolved,
  replay: replayed,
  erase: erased,
}

/** Every state beside every observation. What becomes of a refund is decided here and nowhere else. */
export const matrix: Readonly<Record<State, Row>> = {
  waiting: {
    job: repeatedJob,
    import: importedWaiting,
    look: lookAtWaiting,
    submit: late,
    query: queriedWaiting,
    notice: noticed,
    ...operators,
  },
  sending: {
    job: repeatedJob,
    import: repeatedJob,
    look: lookAtSending,
    submit: submitted,
    query: queriedForFacts,
    notice: noticed,
    ...operators,
  },
  unknown: {
    job: repeatedJob,
    import: repeatedJob,
    look: lookAtUnknown,
    submit: late,
    query: queriedUnknown,
    notice: noticed,
    ...operators,
  },
  processing: {
    job: repeatedJob,
    import: repeatedJob,
    look: lookAtProcessing,
    submit: late,
    query: queriedProcessing,
    notice: noticed,
    ...operators,
  },
  succeeded: {
    job: repeatedJob,
    import: repeatedJob,
    look: settled,
    submit: late,
    query: queriedForFacts,
    notice: noticed,
    ...operators,
  },
  failed: {
    job: repeatedJob,
    import: repeatedJob,
    look: settled,
    submit: late,
    query: queriedForFacts,
    notice: noticed,
    ...operators,
  },
  rejected: {
    job: jobAfterRejection,
    import: jobAfterRejection,
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
  const learned = learnRefundno(record, observation)
  const context = { ...learned, policy, moment }
  const decision = decided(context, observation)
  if (decision.kind !== 'keep' || learned.record === record) return decision
  return commit(context, learned.record, observation.type, { note: decision.note })
}

function decided(context: Context, observation: Observation): Decision {
  const rules = matrix[context.record.state]
  switch (observation.type) {
    case 'job':
      return rules.job(context, observation)
    case 'import':
      return rules.import(context, observation)
    case 'look':
      return rules.look(context, observation)
    case 'submit':
      return rules.submit(context, observation)
    case 'query':
      return rules.query(context, observation)
    case 'notice':
      return rules.notice(context, observation)
    case 'hold':
      return rules.hold(context, observation)
    case 'release':
      return rules.release(context, observation)
    case 'requery':
      return rules.requery(context, observation)
    case 'cancel':
      return rules.cancel(context, observation)
    case 'resolve':
      return rules.resolve(context, observation)
    case 'replay':
      return rules.replay(context, observation)
    case 'erase':
      return rules.erase(context, observation)
  }
}

function withoutRecord(observation: Observation, policy: Policy, moment: Moment): Decision {
  switch (observation.type) {
    case 'job':
    case 'import':
      return firstJob({ record: undefined, policy, moment }, observation)
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
