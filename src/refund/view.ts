import { yuanFromFen } from './money.ts'
import { countSends, isHeld, type RefundRecord } from './record.ts'

/** fen; of a refund whose data could not be read, what was legible of it. */
export function fenOf({ request, legible }: RefundRecord): number | undefined {
  return request?.fen ?? legible?.fen
}

const iso = (epochMs: number | undefined) => (epochMs === undefined ? null : new Date(epochMs).toISOString())

/**
 * A refund for programs. The first ten fields are always there, `null` where there is nothing to tell; others are left
 * out then. Amounts are yuan with two decimals, times ISO 8601.
 */
export function refundView(record: RefundRecord) {
  const { request, legible, answer } = record
  const { no_order, oid_paybill, dt_refund } = request ?? legible ?? {}
  const { ret_code, oid_refundno, ...told } = answer
  const fen = fenOf(record)
  return {
    oid_partner: record.oid_partner,
    no_refund: record.no_refund,
    state: record.state,
    holds: isHeld(record) ? record.holds : [],
    money_refund: fen === undefined ? null : yuanFromFen(fen),
    attempts: countSends(record),
    ret_code: ret_code ?? null,
    oid_refundno: oid_refundno ?? null,
    due: iso(record.next_look),
    updated_at: iso(record.updated_at),
    created_at: iso(record.created_at),
    requested_at: iso(record.requested_at),
    ...(record.second_refundno !== undefined && { second_refundno: record.second_refundno }),
    contradiction: record.contradiction,
    ...(record.contradiction_note !== undefined && { contradiction_note: record.contradiction_note }),
    ...(request && { kind: request.kind }),
    ...(no_order !== undefined && { no_order }),
    ...(oid_paybill !== undefined && { oid_paybill }),
    ...(request?.dt_order !== undefined && { dt_order: request.dt_order }),
    ...(dt_refund !== undefined && { dt_refund }),
    ...(record.order_amount !== undefined && { order_amount: yuanFromFen(record.order_amount) }),
    ...told,
    ...(record.settled_by && { settled_by: record.settled_by }),
    reasons: record.reasons,
    events: record.events,
    ...(record.metadata && { metadata: record.metadata }),
  }
}
