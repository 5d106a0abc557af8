/** The gateway's daily reports: every refund that was paid, by its day of settlement, in both documented forms. */
import { decimalText } from './amount.ts'
import { gatewayDay } from './gateway-time.ts'
import type { Refund } from './refunds.ts'

/**
 * - `order`: 14 columns with commas, no header (lianlianNex/Gitbook docs/report.md)
 * - `currencies`: 19 columns with bars, and a header (LianLianPay/GitBook-Docs-en docs/transaction-report.md)
 */
export const REPORT_COLUMNS = ['order', 'currencies'] as const
export type ReportColumns = (typeof REPORT_COLUMNS)[number]

/** What of a refund a report needs. */
export type ReportedRefund = Pick<
  Refund,
  'oid_partner' | 'no_refund' | 'dt_refund' | 'fen' | 'no_order' | 'oid_refundno' | 'settled' | 'course'
>

/** By the file's name: every report that the refunds make, oldest first. */
export function dailyReports(refunds: readonly ReportedRefund[], columns: ReportColumns): Map<string, string> {
  const days = new Map<string, string[]>()
  for (const refund of refunds) {
    const day = reportDay(refund)
    if (day === undefined) continue
    const name = `JYMX_${refund.oid_partner}_${day}.txt`
    const lines = days.get(name) ?? []
    lines.push(...reportLines(refund, day, columns))
    days.set(name, lines)
  }
  const head = columns === 'currencies' ? [HEADER] : []
  return new Map(
    [...days]
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, lines]) => [name, [...head, ...lines].map((line) => `${line}\n`).join('')]),
  )
}

/** The lines of a refund: the payment that it gives back, and itself. */
export function reportLines(refund: ReportedRefund, day: string, columns: ReportColumns): string[] {
  const line = columns === 'order' ? orderLine : currenciesLine
  const fault = refund.course.report
  const payment = line({ ...bookedOf(refund, day), no: refund.no_order, oid_paybill: refund.oid_refundno, status: '0' })
  if (fault === 'left_out') return [payment]
  const fen = fault === 'other_amount' ? refund.fen + 1 : refund.fen
  const own = line({ ...bookedOf(refund, day), money: `-${decimalText(fen)}`, fee: '-0.10', status: '5' })
  if (fault === 'broken_off') return [payment, own.slice(0, own.indexOf(day) + 4)]
  return fault === 'doubled' ? [payment, own, own] : [payment, own]
}

interface Booked {
  readonly no: string
  readonly oid_partner: string
  readonly time: string
  readonly oid_paybill: string
  readonly day: string
  readonly money: string
  readonly fee: string
  readonly status: '0' | '5'
}

const HEADER =
  'no_order | oid_partner | dt_order | busi_partner | oid_paybill | settle_date | currency_order | money_order | ' +
  'currenty_pay | money_pay | currency_settle | money_settle | exchange_rate | transaction_status | dt_update | ' +
  'transaction_fee | pay_product | pay_type | info_order'

/** A refund has the order's number where a payment has its own. */
function bookedOf({ no_refund, oid_partner, dt_refund, no_order, fen }: ReportedRefund, day: string) {
  const time = `${dt_refund.slice(0, 8)} ${dt_refund.slice(8).replace(/(..)(..)(..)/, '$1:$2:$3')}`
  return { no: no_refund, oid_partner, time, oid_paybill: no_order, day, money: decimalText(fen), fee: '0.10' }
}

function orderLine({ no, oid_partner, time, oid_paybill, day, money, fee, status }: Booked): string {
  const flag = status === '0' ? '0' : '1'
  const cells = [no, oid_partner, time, '101001', oid_paybill, day, money, flag, status, time, fee]
  return [...cells, '手机应用支付网关', '储蓄卡快捷支付', '测试, 订单'].join(',')
}

function currenciesLine({ no, oid_partner, time, oid_paybill, day, money, fee, status }: Booked): string {
  const amounts = ['CNY', money, 'CNY', money, 'CNY', money, '1']
  const cells = [no, oid_partner, time, '109001', oid_paybill, day, ...amounts, status, time, fee]
  return [...cells, 'API渠道', '储蓄卡快捷支付', '测试 | 订单'].join(' | ')
}

function reportDay({ settled, course }: ReportedRefund): string | undefined {
  const day = settled?.settle_date
  return day !== undefined && course.report === 'next_day' ? dayAfter(day) : day
}

function dayAfter(day: string): string {
  const noon = Date.UTC(Number(day.slice(0, 4)), Number(day.slice(4, 6)) - 1, Number(day.slice(6)), 4)
  return gatewayDay(noon + 86_400_000)
}
