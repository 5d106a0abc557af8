import { epochOfGatewayTime } from '../refund/gateway-time.ts'
import { fenFromYuan } from '../refund/money.ts'
import { covers, type Report } from './report.ts'

/** A refund as LianLian's books have it. */
export interface TheirRefund {
  readonly no_refund: string
  readonly fen: number
  /** `yyyyMMdd` */
  readonly settle_date: string
  /** of the original payment; the report has it under `oid_paybill` */
  readonly no_order: string
  /** `yyyyMMddHHmmss`, where it is a real time */
  readonly dt_refund?: string
}

/**
 * - `refund`: `note` tells what is wrong with it all the same
 * - `other`: a payment, a settlement, a withdrawal, or the header: nothing to compare
 * - `fault`: it cannot be compared
 */
export type ReportLine =
  | { readonly kind: 'refund'; readonly refund: TheirRefund; readonly note?: string }
  | { readonly kind: 'other' }
  | { readonly kind: 'fault'; readonly note: string }

/** Where the columns stand that are compared; each set of columns is recognised by what its seventh holds. */
const OF_ORDER = { money: [6], direction: 7, status: 8, least: 11 } as const
const OF_CURRENCIES = { money: [7, 9, 11], direction: undefined, status: 13, least: 16 } as const
/** Currency and amount of the order, of the payer, of the settlement. */
const CURRENCIES = [6, 8, 10] as const

/** The last column may hold anything, even delimiters: what is read stands before it. */
const MOST_CELLS = 20
const AMOUNT = /^-?\d{1,12}(?:\.\d{1,2})?$/
const CURRENCY = /^[A-Za-z]{3}$/
const NUMBER = /^[\x21-\x7e]{1,64}$/
const HEADER = /^\{?no_order\b/
/** Whether money came in or went out; anything else there is a cell of another column. */
const DIRECTION = /^[01]$/
const PAID = '0'
const REFUNDED = '5'

/**
 * Reads a line of either documented form: 14 columns (lianlianNex/Gitbook) or 19 with currencies
 * (LianLianPay/GitBook-Docs-en), with `,` or `|` between them, with or without a header.
 *
 * @param first whether it is the first line of the file, which may be the header
 */
export function readReportLine(line: string, report: Report, first = false): ReportLine {
  if (first && HEADER.test(line.trimStart())) return { kind: 'other' }
  const delimiter = /[|,]/.exec(line)?.[0]
  if (delimiter === undefined) return fault('neither | nor , in it')
  const cells = line.split(delimiter, MOST_CELLS).map((cell) => cell.trim())
  const seventh = cells[6] ?? ''
  const columns = CURRENCY.test(seventh) ? OF_CURRENCIES : OF_ORDER
  if (cells.length < columns.least) return fault(`${cells.length} columns, at least ${columns.least} are expected`)
  if (cells[1] !== report.oid_partner) return fault('a line of another merchant')
  if (columns.direction !== undefined && !DIRECTION.test(cells[columns.direction] ?? '')) {
    return fault('neither 0 nor 1 stands after the amount: cells may be missing, or too many')
  }
  const status = cells[columns.status]
  if (status === PAID) {
    const isNegative = columns.money.some((at) => cells[at]?.startsWith('-') === true)
    return isNegative ? fault('a negative amount with status 0, which is no refund') : { kind: 'other' }
  }
  if (status !== REFUNDED) return fault('a status that is neither 0 nor 5')
  const money = columns === OF_ORDER ? cells[OF_ORDER.money[0]] : amountInYuan(cells)
  return money === undefined ? fault('no amount of it is in CNY') : readRefund(cells, money, report)
}

function readRefund(cells: readonly string[], money: string, report: Report): ReportLine {
  const [no_refund = '', , time = '', , no_order = '', settle_date = ''] = cells
  if (!AMOUNT.test(money)) return fault('the amount is none')
  const fen = money.startsWith('-') ? fenFromYuan(money.slice(1)) : undefined
  if (fen === undefined || fen === 0) return fault('a refund whose amount is not negative')
  if (!NUMBER.test(no_refund)) return fault('the refund number is none')
  if (!/^\d{8}$/.test(settle_date)) return fault('settle_date is no day')
  const dt_refund = time.replace(/[ :]/g, '')
  const refund: TheirRefund = {
    no_refund,
    fen,
    settle_date,
    no_order,
    ...(epochOfGatewayTime(dt_refund) !== undefined && { dt_refund }),
  }
  if (covers(report, settle_date)) return { kind: 'refund', refund }
  return { kind: 'refund', refund, note: `settle_date ${settle_date} in the report of ${report.period}` }
}

/** A refund is asked for, and booked, in yuan, whatever currency the order was in. */
function amountInYuan(cells: readonly string[]): string | undefined {
  const at = CURRENCIES.find((column) => cells[column]?.toUpperCase() === 'CNY')
  return at === undefined ? undefined : cells[at + 1]
}

function fault(note: string): ReportLine {
  return { kind: 'fault', note }
}
