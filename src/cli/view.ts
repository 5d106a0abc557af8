import { yuanFromFen } from '../refund/money.ts'
import { countSends, isHeld, type RefundRecord, type State } from '../refund/record.ts'
import { shownDuration } from './duration.ts'
import type { Paint } from './io.ts'
import type { Column } from './table.ts'
import { harmless, shownYuan } from './text.ts'

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

const COLOURS = {
  waiting: 'cyan',
  sending: 'cyan',
  unknown: 'yellow',
  processing: 'blue',
  succeeded: 'green',
  failed: 'red',
  rejected: 'magenta',
} as const satisfies Record<State, string>

export function shownState(state: State, paint: Paint): string {
  return paint(COLOURS[state], state)
}

/** What keeps a refund from its end, or its end from being believed. */
function shownHolds(record: RefundRecord): string {
  const holds = isHeld(record) ? record.holds : []
  return [...holds, ...(record.contradiction ? ['contradicted!'] : [])].join(',')
}

export function refundColumns(now: number, paint: Paint, severalMerchants: boolean): readonly Column<RefundRecord>[] {
  return [
    ...(severalMerchants ? [{ title: 'OID_PARTNER', text: ({ oid_partner }: RefundRecord) => oid_partner }] : []),
    { title: 'NO_REFUND', text: ({ no_refund }) => no_refund },
    { title: 'STATE', text: ({ state }) => shownState(state, paint) },
    { title: 'HOLDS', text: (record) => held(record, paint) },
    { title: 'YUAN', right: true, text: (record) => shownAmount(fenOf(record)) },
    { title: 'SENDS', right: true, text: (record) => String(countSends(record)) },
    { title: 'RET_CODE', text: ({ answer }) => harmless(answer.ret_code ?? '-') },
    { title: 'AGE', right: true, text: ({ requested_at }) => shownDuration(now - requested_at) },
    { title: 'NEXT', text: ({ next_look }) => shownNext(next_look, now) },
  ]
}

const shownAmount = (fen: number | undefined) => (fen === undefined ? '-' : shownYuan(fen))

function shownNext(next: number | undefined, now: number): string {
  if (next === undefined) return '-'
  return next - now < 1_000 ? 'now' : `in ${shownDuration(next - now)}`
}

function held(record: RefundRecord, paint: Paint): string {
  const holds = shownHolds(record)
  return holds === '' ? '-' : paint('red', holds)
}
