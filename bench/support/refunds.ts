import type { KeyObject } from 'node:crypto'
import { sign } from 'node:crypto'
import { promisify } from 'node:util'
import { type Fields, signedText } from '../../src/simulator/signing.ts'

/** The refunds of the bench: all alike but for their numbers, and those all of one length. */
export const OID_PARTNER = '201103171000000000'
const DT_REFUND = '20261121120000'
const MONEY_REFUND = '12.34'
/** The same, as the ledger counts it. */
export const FEN = 1234

export const numberOf = (index: number) => `B${String(index).padStart(10, '0')}`

/** Job data as a producer writes them. */
export function jobData(index: number): Fields {
  return {
    oid_partner: OID_PARTNER,
    no_refund: numberOf(index),
    money_refund: MONEY_REFUND,
    no_order: `O${numberOf(index)}`,
    dt_refund: DT_REFUND,
  }
}

/** What the gateway says of a refund, before it is signed; `sta_refund` 0 is accepted, 2 is paid. */
function refundFields(no_refund: string, sta_refund: '0' | '2'): Fields {
  return {
    oid_partner: OID_PARTNER,
    no_refund,
    dt_refund: DT_REFUND,
    money_refund: MONEY_REFUND,
    oid_refundno: `20261121${no_refund.slice(-8)}`,
    sta_refund,
    ...(sta_refund === '2' && { settle_date: '20261121' }),
    sign_type: 'RSA',
  }
}

export const answerFields = (no_refund: string, sta_refund: '0' | '2'): Fields => ({
  ret_code: '0000',
  ret_msg: '交易成功',
  ...refundFields(no_refund, sta_refund),
})

export const noticeFields = (no_refund: string): Fields => refundFields(no_refund, '2')

const signAsync = promisify(sign)

/** The message as JSON, signed off the main thread. */
export async function signedJson(fields: Fields, privateKey: KeyObject): Promise<string> {
  const signature = await signAsync('RSA-MD5', Buffer.from(signedText(fields)), privateKey)
  return JSON.stringify({ ...fields, sign: signature.toString('base64') })
}
