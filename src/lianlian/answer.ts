import { fenFromYuan } from '../refund/money.ts'
import type { GatewayFields } from '../refund/outcome.ts'
import type { RefundRequest } from '../refund/request.ts'
import { isAmbiguous } from './ambiguous.ts'
import type { Exchange } from './exchange.ts'
import { type FlatMessage, parseFlatMessage } from './flat-message.ts'
import { returnFields, verifiedFields } from './gateway-fields.ts'
import type { PublicKey } from './keys.ts'
import { type ReturnCode, returnCode } from './return-codes.ts'
import { verify } from './signature.ts'

/**
 * An answer that may be read. Of an unsigned one (`verified: false`), and of one that is not `named`, only code and
 * message are kept; one whose signature is present and wrong never gets here.
 */
export interface Answer {
  readonly code: ReturnCode
  readonly verified: boolean
  /** the answer names our merchant and our refund number; when verified, it cannot be the answer to another refund */
  readonly named: boolean
  /** amount in the answer; absent when it has none */
  readonly fen?: number
  readonly fields: GatewayFields
}

export type Reading = { readonly ok: true; readonly answer: Answer } | { readonly ok: false; readonly reason: string }

/**
 * Reads an answer up to the point where its code may be looked at: status, form, signature, whose it is.
 *
 * A field with an empty value counts as absent everywhere, since the signature does not cover it.
 *
 * @returns a reason for people when nothing in the answer may be believed
 */
export function readAnswer(
  exchange: Extract<Exchange, { kind: 'answered' }>,
  request: RefundRequest,
  publicKeys: readonly PublicKey[],
): Reading {
  // LianLian's own samples read 200 alone; what another status means for the refund is documented nowhere.
  if (exchange.status !== 200) return unusable(`HTTP status ${exchange.status}`)
  const parsed = parseFlatMessage(exchange.body)
  if (!parsed.ok) return unusable(`unreadable answer: ${parsed.reason}`)
  const { message } = parsed

  // A sign that is there but empty is a wrong one, not a missing one.
  const verified = verify(message, publicKeys)
  if (message.sign !== undefined && !verified) return unusable('the signature of the answer is wrong')
  if (verified && isAmbiguous(message)) return unusable('the signature of the answer fits other fields as well')

  const named = (message.oid_partner ?? '') !== '' && (message.no_refund ?? '') !== ''
  // a signed one that names no refund may be the answer to another: what it says of a refund is not of ours
  const fields = verified && named ? verifiedFields(message) : returnFields(message)
  if (fields.ret_code === undefined) return unusable('the answer has no usable ret_code')
  const foreign = foreignField(message, request)
  if (foreign !== undefined) return unusable(`the answer belongs to another refund: other ${foreign}`)

  const money = message.money_refund ?? ''
  const fen = money === '' ? undefined : fenFromYuan(money)
  if (money !== '' && fen === undefined) return unusable('money_refund in the answer is not an amount')

  return {
    ok: true,
    answer: {
      code: returnCode(fields.ret_code),
      verified,
      named,
      ...(fen === undefined ? {} : { fen }),
      fields,
    },
  }
}

function unusable(reason: string): Reading {
  return { ok: false, reason }
}

/** None of these is required here (recorded submit answers lack dt_refund), but what is there must be ours. */
function foreignField(message: FlatMessage, request: RefundRequest): string | undefined {
  const ours = ['oid_partner', 'no_refund', 'dt_refund'] as const
  return ours.find((name) => (message[name] ?? '') !== '' && message[name] !== request[name])
}
