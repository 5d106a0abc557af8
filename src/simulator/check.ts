/** Is a request what the documents ask for? Checks run in the order of trust: form, merchant, signature, fields. */
import type { KeyObject } from 'node:crypto'
import { readMoneyRefund } from './amount.ts'
import { isGatewayTime } from './gateway-time.ts'
import type { Fields } from './signing.ts'
import { isSignedBy } from './signing.ts'

export interface FieldFault {
  readonly code: '1001' | '1004' | '1012' | '3001'
  /** the field that a 1004 is about */
  readonly parameter?: string
}

/** `verified` says whether the signature held: a refusal before that is never signed and echoes nothing. */
export type Checked =
  | { readonly ok: true; readonly fields: Fields }
  | { readonly ok: false; readonly fault: FieldFault; readonly fields: Fields; readonly verified: boolean }

interface Rule {
  readonly required: boolean
  readonly holds: (value: string) => boolean
}

// `&` and `=` would make the signed text ambiguous.
const isNumber = (value: string) => /^[\x21-\x7e]{1,32}$/.test(value) && !/[&=]/.test(value)
const isSigned = { required: true, holds: () => true }

const COMMON: Readonly<Record<string, Rule>> = {
  oid_partner: { required: true, holds: (value) => /^[0-9]{18}$/.test(value) },
  sign_type: { required: true, holds: (value) => value === 'RSA' },
  sign: isSigned,
}

const SUBMIT: Readonly<Record<string, Rule>> = {
  ...COMMON,
  no_refund: { required: true, holds: isNumber },
  dt_refund: { required: true, holds: isGatewayTime },
  money_refund: { required: true, holds: (value) => readMoneyRefund(value) !== undefined },
  no_order: { required: false, holds: isNumber },
  dt_order: { required: false, holds: isGatewayTime },
  oid_paybill: { required: false, holds: isNumber },
  notify_url: { required: true, holds: isNotifyUrl },
  trader_refund: { required: false, holds: (value) => /^[0-9]{18}$/.test(value) },
}

const QUERY: Readonly<Record<string, Rule>> = {
  ...COMMON,
  no_refund: { required: false, holds: isNumber },
  dt_refund: { required: false, holds: isGatewayTime },
  oid_refundno: { required: false, holds: (value) => /^[0-9]{1,16}$/.test(value) },
}

/** Checks a call of `refund.htm` or `exchangerefund.htm`. */
export function checkSubmit(contentType: string, body: Uint8Array, merchants: MerchantKeys): Checked {
  const checked = check(contentType, body, merchants, SUBMIT)
  if (!checked.ok || checked.fields.no_order !== undefined || checked.fields.oid_paybill !== undefined) return checked
  return fieldFault(checked.fields, 'no_order')
}

/** Checks a call of `refundquery.htm`: by `no_refund` with its `dt_refund`, or by `oid_refundno`. */
export function checkQuery(contentType: string, body: Uint8Array, merchants: MerchantKeys): Checked {
  const checked = check(contentType, body, merchants, QUERY)
  if (!checked.ok || checked.fields.oid_refundno !== undefined) return checked
  if (checked.fields.no_refund === undefined) return fieldFault(checked.fields, 'no_refund')
  return checked.fields.dt_refund === undefined ? fieldFault(checked.fields, 'dt_refund') : checked
}

/** The keys of the merchants by `oid_partner`. */
export type MerchantKeys = ReadonlyMap<string, readonly KeyObject[]>

function check(
  contentType: string,
  body: Uint8Array,
  merchants: MerchantKeys,
  rules: Readonly<Record<string, Rule>>,
): Checked {
  const message = isJsonType(contentType) ? readObject(body) : undefined
  if (!message) return { ok: false, fault: { code: '1012' }, fields: {}, verified: false }

  const fields: Record<string, string> = {}
  for (const [name, value] of Object.entries(message)) {
    if (typeof value !== 'string') return unverified('1004', fields, name)
    // An empty value is no value: it is not signed either.
    if (value !== '') fields[name] = value
  }
  const wrong = (name: string) => faultOf(rules, name, fields[name])
  if (wrong('oid_partner')) return unverified('1004', fields, 'oid_partner')
  const publicKeys = merchants.get(fields.oid_partner ?? '')
  if (!publicKeys) return unverified('3001', fields)
  if (wrong('sign_type')) return unverified('1004', fields, 'sign_type')
  if (!publicKeys.some((key) => isSignedBy(fields, key))) return unverified('1001', fields)

  const names = new Set([...Object.keys(rules), ...Object.keys(fields)])
  for (const name of names) if (wrong(name)) return fieldFault(fields, name)
  return { ok: true, fields }
}

/** Fields outside the documents are refused: nothing of the caller's own may leak into a request. */
function faultOf(rules: Readonly<Record<string, Rule>>, name: string, value: string | undefined): boolean {
  const rule = Object.hasOwn(rules, name) ? rules[name] : undefined
  if (!rule) return true
  return value === undefined ? rule.required : !rule.holds(value)
}

function fieldFault(fields: Fields, parameter: string): Checked {
  return { ok: false, fault: { code: '1004', parameter }, fields, verified: true }
}

function unverified(code: FieldFault['code'], fields: Fields, parameter?: string): Checked {
  return { ok: false, fault: parameter === undefined ? { code } : { code, parameter }, fields, verified: false }
}

function isJsonType(contentType: string): boolean {
  const [media = '', ...parameters] = contentType.split(';').map((part) => part.trim().toLowerCase())
  return media === 'application/json' && parameters.every((parameter) => parameter === 'charset=utf-8')
}

function readObject(body: Uint8Array): object | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isNotifyUrl(value: string): boolean {
  if (value.length > 128 || !URL.canParse(value)) return false
  const { protocol } = new URL(value)
  return protocol === 'http:' || protocol === 'https:'
}
