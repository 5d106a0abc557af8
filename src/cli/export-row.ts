import { yuanFromFen } from '../refund/money.ts'
import { countSends, isHeld, type RefundRecord } from '../refund/record.ts'
import { csvRow } from './csv.ts'
import { jsonText } from './text.ts'
import { fenOf } from './view.ts'

const OFFSET_MS = 8 * 3_600_000

/** A moment in UTC+8, in which the gateway counts days: `2026-11-22T08:00:00.000+08:00`. */
function zoned(epochMs: number): string {
  return new Date(epochMs + OFFSET_MS).toISOString().replace('Z', '+08:00')
}

/** @param settledAt when it came to its end, epoch ms; undefined while it is open */
type Field = (
  record: RefundRecord,
  settledAt: number | undefined,
) => string | number | boolean | readonly string[] | undefined

const named = ({ request, legible }: RefundRecord) => request ?? legible ?? {}

/** The fields of an export, in the order of its columns; docs/data.md describes each. */
const FIELDS = {
  oid_partner: (record) => record.oid_partner,
  no_refund: (record) => record.no_refund,
  state: (record) => record.state,
  holds: (record) => (isHeld(record) ? record.holds : []),
  money_refund: (record) => yuan(fenOf(record)),
  kind: ({ request }) => request?.kind,
  no_order: (record) => named(record).no_order,
  oid_paybill: (record) => named(record).oid_paybill,
  dt_order: ({ request }) => request?.dt_order,
  dt_refund: (record) => named(record).dt_refund,
  order_amount: ({ order_amount }) => yuan(order_amount),
  attempts: (record) => countSends(record),
  ret_code: ({ answer }) => answer.ret_code,
  ret_msg: ({ answer }) => answer.ret_msg,
  oid_refundno: ({ answer }) => answer.oid_refundno,
  second_refundno: ({ second_refundno }) => second_refundno,
  sta_refund: ({ answer }) => answer.sta_refund,
  settle_date: ({ answer }) => answer.settle_date,
  money_foreign_refund: ({ answer }) => answer.money_foreign_refund,
  rate_id: ({ answer }) => answer.rate_id,
  rate: ({ answer }) => answer.rate,
  exchange_bankcode: ({ answer }) => answer.exchange_bankcode,
  settled_by: ({ settled_by }) => settled_by,
  contradiction: ({ contradiction }) => contradiction,
  contradiction_note: ({ contradiction_note }) => contradiction_note,
  reasons: ({ reasons }) => reasons,
  events: ({ events }) => events,
  requested_at: ({ requested_at }) => zoned(requested_at),
  created_at: ({ created_at }) => zoned(created_at),
  updated_at: ({ updated_at }) => zoned(updated_at),
  settled_at: (_record, settledAt) => (settledAt === undefined ? undefined : zoned(settledAt)),
} satisfies Record<string, Field>

export const EXPORT_FIELDS = [...Object.keys(FIELDS), 'metadata']

export const EXPORT_HEAD = csvRow(EXPORT_FIELDS)

export function exportCsv(record: RefundRecord, settledAt: number | undefined): string {
  const cells = Object.values<Field>(FIELDS).map((field) => {
    const value = field(record, settledAt)
    return typeof value === 'object' ? value.join('; ') : value
  })
  return csvRow([...cells, record.metadata && jsonText(record.metadata)])
}

/** The same names; what there is nothing to tell of is left out. */
export function exportJson(record: RefundRecord, settledAt: number | undefined): string {
  const told = Object.entries<Field>(FIELDS).map(([name, field]) => [name, field(record, settledAt)] as const)
  return `${jsonText({ ...Object.fromEntries(told), ...(record.metadata && { metadata: record.metadata }) })}\n`
}

function yuan(fen: number | undefined): string | undefined {
  return fen === undefined ? undefined : yuanFromFen(fen)
}
