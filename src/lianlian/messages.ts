import { yuanFromFen } from '../refund/money.ts'
import type { RefundRequest } from '../refund/request.ts'
import type { PrivateKey } from './keys.ts'
import { source } from './source.ts'

/**
 * The body of `refund.htm` and `exchangerefund.htm`, signed.
 *
 * Made from the frozen request alone, and RSA PKCS#1 v1.5 has no randomness: every submit of a refund has the same
 * bytes. Only documented fields are sent. Amounts have two decimals, which both of LianLian's tables expect.
 *
 * @returns JSON text
 */
export function refundMessage(request: RefundRequest, key: PrivateKey): string {
  const { no_order, dt_order, oid_paybill } = request
  return signed(
    {
      oid_partner: request.oid_partner,
      sign_type: 'RSA',
      no_refund: request.no_refund,
      dt_refund: request.dt_refund,
      money_refund: yuanFromFen(request.fen),
      ...(no_order === undefined ? {} : { no_order }),
      ...(dt_order === undefined ? {} : { dt_order }),
      ...(oid_paybill === undefined ? {} : { oid_paybill }),
      notify_url: request.notify_url,
    },
    key,
  )
}

/**
 * The body of `refundquery.htm`, signed: our number with the stored `dt_refund` of the first submit, the one form
 * that all sources agree on.
 *
 * @returns JSON text
 */
export function refundQueryMessage(request: RefundRequest, key: PrivateKey): string {
  const { oid_partner, no_refund, dt_refund } = request
  return signed({ oid_partner, sign_type: 'RSA', no_refund, dt_refund }, key)
}

function signed(fields: Readonly<Record<string, string>>, key: PrivateKey): string {
  const signature = key.sign(source(fields))
  return JSON.stringify({ ...fields, sign: Buffer.from(signature).toString('base64') })
}
