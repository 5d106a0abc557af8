import type { RefundIdentity } from '../refund/job-data.ts'
import type { RefundRequest } from '../refund/request.ts'

/** Every key of the ledger. All share the prefix's hash tag, so that one script may touch them in a Redis Cluster. */
export function ledgerKeys(prefix: string) {
  return {
    record: (id: RefundIdentity) => `${prefix}:r:${member(id)}`,
    trail: (id: RefundIdentity) => `${prefix}:t:${member(id)}`,
    /** a verified notice that came before any record of its number */
    early: (id: RefundIdentity) => `${prefix}:early:${member(id)}`,
    /** one for each way in which the refund names its order */
    orders: ({ oid_partner, no_order, oid_paybill }: RefundRequest) => [
      ...(no_order === undefined ? [] : [`${prefix}:o:${oid_partner}:n:${no_order}`]),
      ...(oid_paybill === undefined ? [] : [`${prefix}:o:${oid_partner}:p:${oid_paybill}`]),
    ],
    day: (oid_partner: string, day: string) => `${prefix}:day:${oid_partner}:${day}`,
    gate: (oid_partner: string) => `${prefix}:gate:${oid_partner}`,
    rate: (oid_partner: string) => `${prefix}:rate:${oid_partner}`,
    due: `${prefix}:due`,
    outbox: `${prefix}:outbox`,
    /** the last entry of the outbox that replicas were asked about */
    outboxConfirmed: `${prefix}:outbox-confirmed`,
    unmatched: `${prefix}:unmatched`,
    sums: `${prefix}:sums`,
    counts: `${prefix}:counts`,
    safeStart: `${prefix}:safe-start`,
    alive: `${prefix}:alive`,
    state: (state: string) => `${prefix}:state:${state}`,
    hold: (reason: string) => `${prefix}:hold:${reason}`,
  }
}

export type LedgerKeys = ReturnType<typeof ledgerKeys>

/** How a refund is named in the ledger's sorted sets. */
export function member({ oid_partner, no_refund }: RefundIdentity): string {
  return `${oid_partner}:${no_refund}`
}
