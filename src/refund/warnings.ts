import { epochOfGatewayTime } from './gateway-time.ts'
import type { Policy } from './policy.ts'
import type { RefundRequest } from './request.ts'

/**
 * What holds nothing and changes nothing, and a person should know: of a refund that is taken, that it is likely a mistake
 * or in vain; of one that was sent, that the gateway may have it twice.
 */
export const WARNINGS = {
  order_age: 'the order is older than ORDER_MAX_AGE_DAYS, the gateway may refuse to refund it',
  number_of_order: 'no_refund is the same as no_order, which leaves no number for another refund of the order',
  second_refundno: 'the gateway has told a second oid_refundno of it, and may have paid it twice',
} as const
export type Warning = keyof typeof WARNINGS

/** Of a refund that is taken. Source: the gateway refunds payments of about the last six months, and takes several refunds of one order. */
export function warningsOf(
  { no_refund, no_order, dt_order }: RefundRequest,
  { orderMaxAgeMs }: Pick<Policy, 'orderMaxAgeMs'>,
  now: number,
): readonly Warning[] {
  const ordered = dt_order === undefined ? undefined : epochOfGatewayTime(dt_order)
  const old = ordered !== undefined && ordered < now - orderMaxAgeMs
  return [...(old ? ['order_age' as const] : []), ...(no_refund === no_order ? ['number_of_order' as const] : [])]
}
