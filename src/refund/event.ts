import { yuanFromFen } from './money.ts'
import type { GatewayFields } from './outcome.ts'
import { type CompletionType, countSends, type FinalState, type RefundRecord, type SettledBy } from './record.ts'
import type { LegibleRefund } from './request.ts'

export interface RefundEventData extends GatewayFields {
  readonly oid_partner: string
  readonly no_refund: string
  readonly dt_refund?: string
  /** yuan, two decimals */
  readonly money_refund?: string
  readonly no_order?: string
  readonly oid_paybill?: string
  /** absent on `refund.held`, which completes nothing */
  readonly outcome?: 'succeeded' | 'failed' | 'rejected'
  readonly settled_by?: SettledBy
  /** sends that may have left */
  readonly attempts: number
  /** when the job was added, ISO 8601 */
  readonly requested_at: string
  readonly reasons: readonly string[]
  readonly metadata: Readonly<Record<string, string>>
}

/** CloudEvents 1.0 in JSON; the job data of `refund-completed`. */
export interface RefundEvent {
  readonly specversion: '1.0'
  /** `<oid_partner>/<no_refund>/<version>`, or `.../held-<n>` */
  readonly id: string
  readonly source: string
  readonly type: CompletionType | 'refund.held'
  readonly subject: string
  readonly time: string
  readonly datacontenttype: 'application/json'
  /** W3C trace context, where the job brought one */
  readonly traceparent?: string
  readonly data: RefundEventData
}

/** The completion event of a final record that already counts it in `events`. */
export function completionEvent(
  record: RefundRecord & { readonly state: FinalState },
  { type, time }: NonNullable<RefundRecord['event']>,
): RefundEvent {
  return envelope(record, String(record.events), type, time, {
    ...data(record),
    outcome: record.state,
    ...(record.settled_by && { settled_by: record.settled_by }),
  })
}

/** The last completion event of a refund, once more as it was; absent when it has none, or is open again. */
export function eventOf(record: RefundRecord): RefundEvent | undefined {
  const { state, event } = record
  if (event === undefined || (state !== 'succeeded' && state !== 'failed' && state !== 'rejected')) return undefined
  return completionEvent({ ...record, state }, event)
}

/** The word that a refund waits for a person; `reasons` are its holds. */
export function heldEvent(record: RefundRecord, now: number): RefundEvent {
  return envelope(record, `held-${record.held_events}`, 'refund.held', now, {
    ...data(record),
    reasons: record.holds,
  })
}

function envelope(
  record: RefundRecord,
  version: string,
  type: RefundEvent['type'],
  now: number,
  eventData: RefundEventData,
): RefundEvent {
  const { oid_partner, no_refund } = record
  return {
    specversion: '1.0',
    id: `${oid_partner}/${no_refund}/${version}`,
    source: `/lianlian/refunds/${oid_partner}`,
    type,
    subject: no_refund,
    time: new Date(now).toISOString(),
    datacontenttype: 'application/json',
    ...(record.traceparent !== undefined && { traceparent: record.traceparent }),
    data: eventData,
  }
}

function data(record: RefundRecord): RefundEventData {
  const told: LegibleRefund = record.request ?? record.legible ?? {}
  return {
    oid_partner: record.oid_partner,
    no_refund: record.no_refund,
    ...(told.dt_refund !== undefined && { dt_refund: told.dt_refund }),
    ...(told.fen !== undefined && { money_refund: yuanFromFen(told.fen) }),
    ...(told.no_order !== undefined && { no_order: told.no_order }),
    ...(told.oid_paybill !== undefined && { oid_paybill: told.oid_paybill }),
    ...record.answer,
    attempts: countSends(record),
    requested_at: new Date(record.requested_at).toISOString(),
    reasons: record.reasons,
    metadata: record.metadata ?? {},
  }
}
