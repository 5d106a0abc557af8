/** Jobs of other services, one for each refund. */
export const REFUND_QUEUE = 'refund'
/** Our own wake-ups of refunds that are only asked about. */
export const QUERY_QUEUE = 'refund-query'

/** How the id of every wake-up begins. */
export const WAKE = 'look-'

/** A wake-up's job id: the version keeps it from being added twice while nothing has changed. */
export function wakeId(record: { readonly oid_partner: string; readonly no_refund: string; readonly version: number }) {
  return `${WAKE}${record.oid_partner}-${record.no_refund}-${record.version}`
}

export function isWake(jobId: string | undefined): boolean {
  return jobId?.startsWith(WAKE) ?? false
}
