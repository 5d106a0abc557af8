import type { Observation } from '../observation.ts'
import type { RefundRecord } from '../record.ts'
import type { Warning } from '../warnings.ts'

export interface Learned {
  readonly record: RefundRecord
  readonly warnings: readonly Warning[]
}

/**
 * Compares the gateway's own number of the refund with the one that it told before. Two of them are two refunds under
 * our one number: perhaps money paid twice, by a gateway that took the same request again. That is for a person to find
 * out, once a refund; the second number changes nothing that is decided.
 *
 * @returns the same record where there is nothing new
 */
export function learnRefundno(record: RefundRecord, observation: Observation): Learned {
  const told = refundnoOf(observation)
  // one that was never sent has no number of ours: whatever is told of it is a contradiction already
  const unsent = record.state === 'waiting' || record.state === 'rejected'
  if (told === undefined || unsent) return { record, warnings: [] }
  const { answer, second_refundno } = record
  if (answer.oid_refundno === undefined) {
    return { record: { ...record, answer: { ...answer, oid_refundno: told } }, warnings: [] }
  }
  if (answer.oid_refundno === told || second_refundno !== undefined) return { record, warnings: [] }
  return { record: { ...record, second_refundno: told }, warnings: ['second_refundno'] }
}

/** As a verified message about this very refund told it: the fields of any other have none. */
function refundnoOf(observation: Observation): string | undefined {
  switch (observation.type) {
    case 'notice':
      return observation.notice.fields.oid_refundno
    case 'submit':
    case 'query':
      return 'fields' in observation.outcome ? observation.outcome.fields.oid_refundno : undefined
    default:
      return undefined
  }
}
