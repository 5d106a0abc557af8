import type { GatewayFields } from '../refund/outcome.ts'
import type { FlatMessage } from './flat-message.ts'

// Values are signed unescaped, so one signature fits several splits of the same source: the form of every field is
// checked after verifying, and what is not of its form is treated as absent.
const FORMS = {
  oid_refundno: /^[0-9A-Za-z]{1,32}$/,
  sta_refund: /^[0-9]$/,
  settle_date: /^[0-9]{8}$/,
  money_foreign_refund: /^[0-9]{1,12}(?:\.[0-9]{1,4})?$/,
  rate_id: /^[0-9A-Za-z_-]{1,32}$/,
  rate: /^[0-9]{1,12}(?:\.[0-9]{1,12})?$/,
  exchange_bankcode: /^[0-9A-Za-z]{1,32}$/,
} as const

const RET_CODE = /^[0-9]{4}$/
const RET_MSG_CHARACTERS = 100

type FormName = keyof typeof FORMS
const NAMES: readonly FormName[] = [
  'oid_refundno',
  'sta_refund',
  'settle_date',
  'money_foreign_refund',
  'rate_id',
  'rate',
  'exchange_bankcode',
]

/** `ret_code` and `ret_msg`, all that an unsigned answer is believed for. */
export function returnFields(message: FlatMessage): GatewayFields {
  const { ret_code, ret_msg } = message
  return {
    ...(ret_code !== undefined && RET_CODE.test(ret_code) ? { ret_code } : {}),
    ...(ret_msg !== undefined && ret_msg !== '' ? { ret_msg: printable(ret_msg) } : {}),
  }
}

/** The well-formed fields about a refund in a message whose signature was verified. */
export function verifiedFields(message: FlatMessage): GatewayFields {
  const found: { -readonly [Name in FormName]?: string } = {}
  for (const name of NAMES) {
    const value = message[name]
    if (value !== undefined && FORMS[name].test(value)) found[name] = value
  }
  return { ...returnFields(message), ...found }
}

/** ret_msg goes to logs, events and pages: no control or formatting characters, at most 100 characters. */
function printable(text: string): string {
  return [...text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '')].slice(0, RET_MSG_CHARACTERS).join('')
}
