/** The kinds of refund the gateway knows: `refund.htm`, or `exchangerefund.htm` for a foreign currency payment. */
export type RefundKind = 'domestic' | 'exchange'

/** The business content of one refund, frozen when it is first accepted: every submit of it carries these bytes. */
export interface RefundRequest {
  /** merchant number, 18 digits */
  readonly oid_partner: string
  /** refund number, 1-32 of `A-Z a-z 0-9 _ - .`; the identity of the refund at the gateway */
  readonly no_refund: string
  readonly fen: number
  readonly kind: RefundKind
  /** `yyyyMMddHHmmss` in UTC+8 */
  readonly dt_refund: string
  readonly notify_url: string
  readonly no_order?: string
  readonly oid_paybill?: string
  readonly dt_order?: string
}

/** What could be read of a refund that was rejected for its data: told on its event, never sent. */
export type LegibleRefund = Partial<Pick<RefundRequest, 'fen' | 'dt_refund' | 'no_order' | 'oid_paybill'>>
