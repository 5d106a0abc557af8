import { z } from 'zod'
import { refundJobSchema } from '../refund/job-data.ts'
import { type JsonSchema, propertyAt } from './json-schema.ts'

/** 0.01 to 100000000.00, at most two decimals. */
const YUAN = /^(?!0(\.0{1,2})?$)((0|[1-9][0-9]{0,7})(\.[0-9]{1,2})?|100000000(\.0{1,2})?)$/.source

/** Real dates of the years 0100 to 9999, leap days included: `epochOfGatewayTime` says the same in code. */
const MONTH_AND_DAY = [
  '(0[13578]|1[02])(0[1-9]|[12][0-9]|3[01])',
  '(0[469]|11)(0[1-9]|[12][0-9]|30)',
  '02(0[1-9]|1[0-9]|2[0-8])',
].join('|')
const LEAP_DAY = '([0-9][0-9](0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)0229'
const MOMENT = `^(?!00)([0-9]{4}(${MONTH_AND_DAY})|${LEAP_DAY})([01][0-9]|2[0-3])[0-5][0-9][0-5][0-9]$`

/** What the fields mean, and the rules that the parser has in code and a schema can have as well. */
const FIELDS: Readonly<Record<keyof typeof refundJobSchema.shape, JsonSchema>> = {
  no_refund: { description: 'Refund number: one number per refund, for ever.' },
  money_refund: { description: 'Amount to refund, yuan as text, 0.01 to 100000000.00.', pattern: YUAN },
  no_order: { description: "The merchant's order number; this or oid_paybill is required." },
  oid_paybill: { description: "The gateway's payment number; this or no_order is required." },
  dt_order: { description: 'Time of the order, yyyyMMddHHmmss in UTC+8.', pattern: MOMENT },
  oid_partner: { description: 'Merchant number; may be left out when the workers know exactly one merchant.' },
  dt_refund: { description: "Time of the refund, yyyyMMddHHmmss in UTC+8; default: the job's own.", pattern: MOMENT },
  notify_url: {
    description: "Where the gateway sends the result; may be left out when the workers' settings give one.",
    format: 'uri',
    pattern: '^https?://[\\x21-\\x7e]+$',
  },
  kind: { description: 'domestic (refund.htm) or exchange (exchangerefund.htm).', default: 'domestic' },
  order_amount: {
    description: 'Amount of the original order; all its refunds together may not exceed it. Not sent to the gateway.',
    pattern: YUAN,
  },
  metadata: {
    description: 'Comes back on the completion event; at most 4 KiB as JSON. Not sent to the gateway.',
    maxProperties: 512,
    // a parser of JSON in JavaScript may lose it without a word
    propertyNames: { not: { const: '__proto__' } },
  },
  schema_version: { description: 'Version of this form.' },
}

/**
 * JSON Schema of the data of a job of the queue `refund`.
 *
 * It says all that the worker checks but this, which a schema cannot: `metadata` is at most 4 KiB as JSON, `notify_url`
 * is a URL that can be parsed, and what `oid_partner` and `notify_url` may be left out depends on the workers' settings.
 */
export function refundJobJsonSchema(id: string): JsonSchema {
  const { $schema, ...generated } = z.toJSONSchema(refundJobSchema, { target: 'draft-2020-12' })
  const properties = Object.entries(FIELDS).map(([name, rules]) => {
    return [name, { ...propertyAt(generated, name), ...rules }]
  })
  return {
    $schema,
    $id: id,
    title: 'Refund',
    description: 'Data of a job of the BullMQ queue `refund`. A field is absent or has its type; null is refused.',
    ...generated,
    properties: Object.fromEntries(properties),
    anyOf: [{ required: ['no_order'] }, { required: ['oid_paybill'] }],
  }
}
