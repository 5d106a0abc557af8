/** What goes back over the socket, and how faults spoil it. */
import type { KeyObject } from 'node:crypto'
import { decimalText, readMoneyRefund } from './amount.ts'
import type { AnswerFalse, AnswerLost, AnswerSpoilt, NotProcessed } from './faults.ts'
import { signed } from './messages.ts'
import type { Fields } from './signing.ts'
import { signatureOf } from './signing.ts'

/** `drop`: the socket is destroyed; `silence`: it stays open and nothing comes. */
export type Reply =
  | { readonly kind: 'drop' }
  | { readonly kind: 'silence' }
  | { readonly kind: 'answer'; readonly status: number; readonly body: string; readonly slow: boolean }

export interface Answer {
  readonly fields: Fields
  readonly signed: boolean
}

/** White space behind a huge body: legal JSON, and far more than an answer may need. */
const HUGE_BYTES = 4 * 1024 * 1024

/** The reply to a call whose answer is lost, or that was not worked on at all. */
export function lost(fault: NotProcessed | AnswerLost): Reply {
  switch (fault) {
    case 'drop_before':
    case 'accept_then_drop':
      return { kind: 'drop' }
    case 'timeout':
    case 'accept_then_timeout':
      return { kind: 'silence' }
    case 'http_500':
    case 'pay_then_500':
      return { kind: 'answer', status: 500, body: '<html><body>Internal Server Error</body></html>', slow: false }
  }
}

/** The answer as it should be. */
export function whole(answer: Answer, privateKey: KeyObject): Reply {
  return written(answer.signed ? signed(answer.fields, privateKey) : answer.fields)
}

/** The answer with a fault in it. Signatures are right unless the fault is about them. */
export function spoilt(answer: Answer, fault: AnswerSpoilt, privateKey: KeyObject): Reply {
  const { fields } = answer
  const message = answer.signed ? signed(fields, privateKey) : fields
  switch (fault) {
    case 'malformed_json':
      return { kind: 'answer', status: 200, body: JSON.stringify(message).slice(0, -20), slow: false }
    case 'bad_signature':
      return written({ ...fields, sign_type: 'RSA', sign: signatureOf({ other: 'text' }, privateKey) })
    case 'unsigned_success':
      return written(fields)
    case 'wrong_number':
      return whole({ ...answer, fields: { ...fields, no_refund: otherNumber(fields.no_refund) } }, privateKey)
    case 'wrong_amount':
      return whole({ ...answer, fields: { ...fields, money_refund: otherAmount(fields.money_refund) } }, privateKey)
    case 'slow_body':
      return { kind: 'answer', status: 200, body: JSON.stringify(message), slow: true }
    case 'huge_body':
      return { kind: 'answer', status: 200, body: JSON.stringify(message) + ' '.repeat(HUGE_BYTES), slow: false }
  }
}

/** An answer that claims what never was, and has one thing wrong by which that can be seen. */
export function falselyPaid(claim: Answer, fault: AnswerFalse, privateKey: KeyObject): Reply {
  switch (fault) {
    case 'forged_success':
      return spoilt(claim, 'bad_signature', privateKey)
    case 'other_number_success':
      return spoilt(claim, 'wrong_number', privateKey)
    case 'other_amount_success':
      return spoilt(claim, 'wrong_amount', privateKey)
  }
}

/** Another amount, one fen more. */
export function otherAmount(money_refund: string | undefined): string {
  return decimalText((readMoneyRefund(money_refund ?? '') ?? 0) + 1)
}

function otherNumber(no_refund: string | undefined): string {
  const last = no_refund?.at(-1) === '0' ? '1' : '0'
  return (no_refund ?? '').slice(0, -1) + last
}

function written(fields: Fields): Reply {
  return { kind: 'answer', status: 200, body: JSON.stringify(fields), slow: false }
}
