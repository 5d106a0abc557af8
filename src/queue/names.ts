import type { RefundRecord } from '../refund/record.ts'

/** Jobs of other services, one for each refund. */
export const REFUND_QUEUE = 'refund'
/** Our own wake-ups of refunds that are only asked about. */
export const QUERY_QUEUE = 'refund-query'

/** How the id of every wake-up begins. */
export const WAKE = 'look-'

/**
 * A wake-up's job id. The commit's token keeps it from being added twice while nothing has changed, and nobody can take
 * the id before: BullMQ adds no job whose id is taken, and the refund would not be woken.
 *
 * @throws TypeError for a record that was never stored
 */
export function wakeId({ oid_partner, no_refund, token }: Pick<RefundRecord, 'oid_partner' | 'no_refund' | 'token'>) {
  if (token === undefined) throw new TypeError(`${no_refund} was never stored and cannot be woken`)
  return `${WAKE}${oid_partner}-${no_refund}-${token}`
}

export function isWake(jobId: string | undefined): boolean {
  return jobId?.startsWith(WAKE) ?? false
}
