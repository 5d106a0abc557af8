/** What the gateway knows: the refunds it has taken, how far they are, and what they are paid from. */
import { readMoneyRefund } from './amount.ts'
import type { Book } from './book.ts'
import type { Course } from './faults.ts'
import { gatewayDay } from './gateway-time.ts'
import type { Merchant, Order } from './options.ts'
import type { Fields } from './signing.ts'

export type RefundKind = 'domestic' | 'exchange'

/** One taken refund. With `repeated: 'pay_again'` a number may have several. */
export interface Refund {
  readonly oid_partner: string
  readonly no_refund: string
  readonly dt_refund: string
  /** as it was sent; answers echo it */
  readonly money_refund: string
  readonly fen: number
  readonly kind: RefundKind
  readonly notify_url: string
  /** the payment's number: the merchant's, else the gateway's */
  readonly no_order: string
  /** the registered order's key, when there is one */
  readonly order?: string
  readonly oid_refundno: string
  /** epoch milliseconds; the refund is in process (1) from half its way to the final status */
  readonly in_process_at: number
  readonly denied_until: number
  /** what it will be */
  readonly course: Course
  /** set when it is final */
  readonly settled?: { readonly sta_refund: '2' | '3'; readonly settle_date?: string }
}

/** Why a well-formed refund is not taken. */
export type StoreRefusal = '1002' | '5006' | '5007' | '9092' | '9093'

interface KnownOrder {
  readonly key: string
  readonly order: Order
}

export interface Refunds {
  /** Takes a refund unless the number, the order or the balance forbid it. */
  accept(fields: Fields, kind: RefundKind, course: Course, settleMs: number): Refund | StoreRefusal
  /** Makes a refund final; money moves here and nowhere else. Settling twice changes nothing. */
  settle(refund: Refund): Refund
  /** The latest refund of that number and time, or of that `oid_refundno`. */
  find(fields: Fields): Refund | undefined
  status(refund: Refund): '0' | '1' | '2' | '3'
  setBalance(oid_partner: string, fen: number): void
  all(): readonly Refund[]
  /** refunds taken that are not final yet */
  readonly open: number
}

export interface RefundsOptions {
  readonly merchants: readonly Merchant[]
  readonly orders: Readonly<Record<string, Order>>
  readonly strictOrders: boolean
  readonly repeated: 'refuse' | 'pay_again'
  readonly book: Book
  readonly now: () => number
}

export function createRefunds({ merchants, orders, strictOrders, repeated, book, now }: RefundsOptions): Refunds {
  // A refund is replaced when it settles, so all three hold positions in `taken`.
  const taken: Refund[] = []
  let open = 0
  const byNumber = new Map<string, number[]>()
  const byRefundno = new Map<string, number>()
  const orderSums = new Map<string, number>()
  const balances = new Map<string, number>()
  for (const { oid_partner, balance } of merchants) if (balance !== undefined) balances.set(oid_partner, balance)

  const at = (position: number | undefined) => (position === undefined ? undefined : taken[position])

  const orderKeys = new Map<string, string>()
  for (const [key, { oid_paybill }] of Object.entries(orders))
    if (oid_paybill !== undefined) orderKeys.set(oid_paybill, key)

  /** The registered order that the refund names, by either number. */
  function orderOf({ no_order, oid_paybill }: Fields): KnownOrder | undefined {
    const key = no_order ?? orderKeys.get(oid_paybill ?? '')
    const order = key !== undefined && Object.hasOwn(orders, key) ? orders[key] : undefined
    return key !== undefined && order ? { key, order } : undefined
  }

  function orderRefusal(known: KnownOrder | undefined, fields: Fields, fen: number): StoreRefusal | undefined {
    if (!known) return strictOrders ? '9093' : undefined
    const { key, order } = known
    if (order.oid_paybill !== undefined && order.oid_paybill !== (fields.oid_paybill ?? order.oid_paybill))
      return '9092'
    return (orderSums.get(key) ?? 0) + fen > order.fen ? '5007' : undefined
  }

  /** Sets the money aside, or gives it back with a negative amount. */
  function reserve(oid_partner: string, order: string | undefined, fen: number): void {
    const balance = balances.get(oid_partner)
    if (balance !== undefined) balances.set(oid_partner, balance - fen)
    if (order !== undefined) orderSums.set(order, (orderSums.get(order) ?? 0) + fen)
  }

  return {
    accept(fields, kind, course, settleMs) {
      const { oid_partner = '', no_refund = '', dt_refund = '', money_refund = '', notify_url = '' } = fields
      const fen = readMoneyRefund(money_refund)
      if (fen === undefined) throw new Error('money_refund was not checked')
      if (repeated === 'refuse' && byNumber.has(numberKey(oid_partner, no_refund))) return '1002'
      const known = orderOf(fields)
      const refusal = orderRefusal(known, fields, fen)
      if (refusal) return refusal
      if (fen > (balances.get(oid_partner) ?? Number.POSITIVE_INFINITY)) return '5006'

      const position = taken.length
      const refund: Refund = {
        oid_partner,
        no_refund,
        dt_refund,
        money_refund,
        fen,
        kind,
        notify_url,
        no_order: fields.no_order ?? fields.oid_paybill ?? '',
        ...(known && { order: known.key }),
        oid_refundno: gatewayDay(now()) + String(position + 1).padStart(8, '0'),
        in_process_at: now() + settleMs / 2,
        denied_until: now() + (course.deny_queries_for ?? 0),
        course,
      }
      reserve(oid_partner, refund.order, fen)
      taken.push(refund)
      open += 1
      const number = numberKey(oid_partner, no_refund)
      byNumber.set(number, [position, ...(byNumber.get(number) ?? [])])
      byRefundno.set(refund.oid_refundno, position)
      return refund
    },

    settle(refund) {
      const position = byRefundno.get(refund.oid_refundno)
      const current = at(position)
      if (position === undefined || !current) throw new Error('settled a refund that was never taken')
      if (current.settled) return current
      const sta_refund = current.course.final ?? '2'
      const { oid_partner, no_refund, oid_refundno, fen } = current
      if (sta_refund === '2') book.add({ oid_partner, no_refund, fen, at: now(), oid_refundno, sta_refund })
      else reserve(oid_partner, current.order, -fen)
      const settle_date = sta_refund === '2' ? { settle_date: gatewayDay(now()) } : {}
      const settled: Refund = { ...current, settled: { sta_refund, ...settle_date } }
      taken[position] = settled
      open -= 1
      return settled
    },

    find({ oid_partner = '', no_refund, dt_refund, oid_refundno }) {
      const named = byRefundno.get(oid_refundno ?? '')
      const byName = named === undefined ? [] : [named]
      const positions = no_refund === undefined ? byName : (byNumber.get(numberKey(oid_partner, no_refund)) ?? [])
      return positions
        .map(at)
        .find(
          (refund) =>
            refund?.oid_partner === oid_partner &&
            refund.oid_refundno === (oid_refundno ?? refund.oid_refundno) &&
            refund.dt_refund === (dt_refund ?? refund.dt_refund),
        )
    },

    status(refund) {
      return refund.settled?.sta_refund ?? (now() < refund.in_process_at ? '0' : '1')
    },

    setBalance(oid_partner, fen) {
      balances.set(oid_partner, fen)
    },

    all: () => taken,
    get open() {
      return open
    },
  }
}

function numberKey(oid_partner: string, no_refund: string): string {
  return `${oid_partner}/${no_refund}`
}
