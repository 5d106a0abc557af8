import type { Policy } from './policy.ts'
import { isFinal, isHeld, type RefundRecord } from './record.ts'

/** Which queue a due refund is woken through: `refund` when it must be sent, `refund-query` when only asked about. */
export function wakesThrough(record: RefundRecord): 'refund' | 'refund-query' {
  return (record.state === 'waiting' || record.state === 'unknown') && !isHeld(record) ? 'refund' : 'refund-query'
}

/**
 * When the sweeper must look at a record, epoch ms; `undefined` for a final one.
 * A refund with a job of its own gets a grace, so that the sweeper catches only what lost its job.
 */
export function dueAt(record: RefundRecord, policy: Policy): number | undefined {
  if (isFinal(record) || record.next_look === undefined) return undefined
  const ownJob = record.job !== undefined && (record.state === 'sending' || wakesThrough(record) === 'refund')
  return record.next_look + (ownJob ? policy.graceMs : 0)
}
