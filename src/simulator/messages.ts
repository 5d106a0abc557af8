/** The gateway's own messages: answers and notifications, field by field, and their signing. */
import type { KeyObject } from 'node:crypto'
import { exchangeFields } from './amount.ts'
import type { Refund } from './refunds.ts'
import { retMsg } from './ret-msg.ts'
import type { Fields } from './signing.ts'
import { signatureOf } from './signing.ts'

/** The fields of a message signed with the gateway's key. */
export function signed(fields: Fields, privateKey: KeyObject): Fields {
  const message = { ...fields, sign_type: 'RSA' }
  return { ...message, sign: signatureOf(message, privateKey) }
}

/** The answer to a submit or query of a refund that the gateway has. */
export function answerFields(refund: Refund, sta_refund: string): Fields {
  return { ret_code: '0000', ret_msg: retMsg('0000'), ...refundFields(refund, sta_refund) }
}

/** What a false answer says: the refund is paid, whether or not anybody has it. */
export function claimedPaid({ oid_partner = '', no_refund = '', dt_refund = '', money_refund = '' }: Fields): Fields {
  const claimed = { oid_partner, no_refund, dt_refund, money_refund, oid_refundno: '2000010100000000', sta_refund: '2' }
  return { ret_code: '0000', ret_msg: retMsg('0000'), ...claimed }
}

/** A notification. That of an exchange refund has a ret_code and a ret_msg, as in the sample; a domestic one has none. */
export function noticeFields(refund: Refund, sta_refund: string): Fields {
  return refund.kind === 'exchange' ? answerFields(refund, sta_refund) : refundFields(refund, sta_refund)
}

/** A refusal that may be signed: it echoes what the recorded one does. */
export function refusalFields(code: string, request: Fields, parameter?: string): Fields {
  const { oid_partner, no_refund, money_refund } = request
  return {
    ret_code: code,
    ret_msg: retMsg(code, parameter),
    ...(oid_partner !== undefined && { oid_partner }),
    ...(no_refund !== undefined && { no_refund }),
    ...(money_refund !== undefined && { money_refund }),
  }
}

function refundFields(refund: Refund, sta_refund: string): Fields {
  const { oid_partner, no_refund, dt_refund, money_refund, oid_refundno, settled } = refund
  const settle_date = sta_refund === '2' ? settled?.settle_date : undefined
  return {
    oid_partner,
    no_refund,
    dt_refund,
    money_refund,
    oid_refundno,
    sta_refund,
    ...(settle_date !== undefined && { settle_date }),
    ...(refund.kind === 'exchange' && exchangeFields(refund.fen)),
  }
}
