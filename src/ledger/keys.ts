import type { RefundIdentity } from '../refund/job-data.ts'
import {
  HOLD_REASONS,
  type HoldReason,
  isFinal,
  isHeld,
  type RefundRecord,
  STATES,
  type State,
} from '../refund/record.ts'
import type { RefundRequest } from '../refund/request.ts'

/** Sorted sets of refunds, each by when it came in; `money` has what they come to, in fen, under the same name. */
export type IndexName = 'open' | 'held' | 'contradicted' | `state:${State}` | `hold:${HoldReason}`

export const INDEXES: readonly IndexName[] = [
  ...STATES.map((state) => `state:${state}` as const),
  'open',
  'held',
  ...HOLD_REASONS.map((reason) => `hold:${reason}` as const),
  'contradicted',
]

/** Every key of the ledger. All share the prefix's hash tag, so that one script may touch them in a Redis Cluster. */
export function ledgerKeys(prefix: string) {
  return {
    record: (id: RefundIdentity) => `${prefix}:r:${member(id)}`,
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
    /** merchants of which somebody waits to call the gateway, see `line-up.lua` */
    lines: `${prefix}:lines`,
    line: (call: 'send' | 'query', oid_partner: string) => `${prefix}:line:${call}:${oid_partner}`,
    /** who was called out of a line and has not asked yet */
    called: (oid_partner: string) => `${prefix}:called:${oid_partner}`,
    outbox: `${prefix}:outbox`,
    /** the last entry of the outbox that replicas were asked about */
    outboxConfirmed: `${prefix}:outbox-confirmed`,
    unmatched: `${prefix}:unmatched`,
    /** of every index but `open`, which is the sum of others */
    money: `${prefix}:money`,
    counts: `${prefix}:counts`,
    /** the counts of five minutes, one key each */
    recent: (slot: number) => `${prefix}:recent:${slot}`,
    /** the order to send nothing, of the whole fleet; a merchant's stands in its gate */
    stop: `${prefix}:stop`,
    /** what operators did to the fleet, newest first */
    operations: `${prefix}:operations`,
    safeStart: `${prefix}:safe-start`,
    alive: `${prefix}:alive`,
    /** what comparisons with the gateway's reports found, see `books.ts` */
    books: `${prefix}:books`,
    /** the settings of merchants that each process works with */
    loaded: `${prefix}:loaded`,
    /** the keys of those settings, and when each was used */
    keys: `${prefix}:keys`,
    index: (name: IndexName) => `${prefix}:${name}`,
  }
}

export type LedgerKeys = ReturnType<typeof ledgerKeys>

/** Every index in which a refund stands. */
export function indexesOf(record: RefundRecord | undefined): IndexName[] {
  if (!record) return []
  const holds = isHeld(record) ? record.holds.map((reason) => `hold:${reason}` as const) : []
  return [
    `state:${record.state}`,
    ...(isFinal(record) ? [] : ['open' as const]),
    ...(holds.length > 0 ? ['held' as const] : []),
    ...holds,
    ...(record.contradiction ? ['contradicted' as const] : []),
  ]
}

/** See {@link member}. */
export function identityOf(name: string): RefundIdentity {
  const [oid_partner = '', no_refund = ''] = name.split(':')
  return { oid_partner, no_refund }
}

/** How a refund is named in the ledger's sorted sets. */
export function member({ oid_partner, no_refund }: RefundIdentity): string {
  return `${oid_partner}:${no_refund}`
}
