import { epochOfGatewayTime } from '../refund/gateway-time.ts'
import type { RefundIdentity } from '../refund/job-data.ts'
import { fenFromYuan } from '../refund/money.ts'
import type { Notice } from '../refund/observation.ts'
import { isAmbiguous } from './ambiguous.ts'
import { parseFlatMessage } from './flat-message.ts'
import { verifiedFields } from './gateway-fields.ts'
import type { PublicKey } from './keys.ts'
import { verify } from './signature.ts'

/**
 * - `unreadable`: not a flat JSON object of texts
 * - `forged`: no configured key of its merchant vouches for it
 * - `unusable`: the gateway says so, and yet it has no usable number
 * - `verified`: the gateway says so; fields of a wrong form are left out
 */
export type NotificationReading =
  | { readonly kind: 'unreadable'; readonly reason: string }
  | { readonly kind: 'forged'; readonly reason: string }
  | { readonly kind: 'unusable'; readonly reason: string }
  | { readonly kind: 'verified'; readonly id: RefundIdentity; readonly notice: Notice }

const NUMBER = /^[\x21-\x7e]{1,32}$/

/**
 * Reads the body of a notification. No field is believed before the signature holds, and each is checked for its form
 * after it.
 *
 * @param keysOf LianLian's public keys as configured for a merchant; `undefined` for one that is not ours
 */
export function readNotification(
  body: Uint8Array,
  keysOf: (oid_partner: string) => readonly PublicKey[] | undefined,
): NotificationReading {
  const parsed = parseFlatMessage(body)
  if (!parsed.ok) return { kind: 'unreadable', reason: parsed.reason }
  const { message } = parsed
  const { oid_partner = '', no_refund = '', money_refund = '', dt_refund = '' } = message
  const keys = keysOf(oid_partner)
  if (!keys) return { kind: 'forged', reason: 'unknown merchant' }
  if (!verify(message, keys)) return { kind: 'forged', reason: 'bad signature' }
  if (isAmbiguous(message)) return { kind: 'forged', reason: 'ambiguous signature' }
  if (!NUMBER.test(no_refund)) return { kind: 'unusable', reason: 'no usable no_refund' }

  const fen = fenFromYuan(money_refund)
  const dated = epochOfGatewayTime(dt_refund) !== undefined
  return {
    kind: 'verified',
    id: { oid_partner, no_refund },
    notice: { ...(fen !== undefined && { fen }), ...(dated && { dt_refund }), fields: verifiedFields(message) },
  }
}
