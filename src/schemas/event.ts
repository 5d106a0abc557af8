import { z } from 'zod'
import type { JsonSchema } from './json-schema.ts'

const text = z.string()
const yuan = text.regex(/^[0-9]{1,9}\.[0-9]{2}$/)
const utc = text.regex(/^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$/)

const data = z.strictObject({
  oid_partner: text.regex(/^[0-9]{18}$/).describe('Merchant number.'),
  no_refund: text.regex(/^[A-Za-z0-9_.-]{1,32}$/).describe('Refund number.'),
  dt_refund: text
    .regex(/^[0-9]{14}$/)
    .exactOptional()
    .describe('Time of the refund, yyyyMMddHHmmss in UTC+8.'),
  money_refund: yuan.exactOptional().describe('Amount, yuan with two decimals. Absent only where the job had none.'),
  no_order: text.exactOptional().describe("The merchant's order number."),
  oid_paybill: text.exactOptional().describe("The gateway's payment number."),
  oid_refundno: text.exactOptional().describe("The gateway's own number of the refund."),
  sta_refund: text.exactOptional().describe("The gateway's status, as received: 2 done, 3 failed."),
  settle_date: text.exactOptional().describe("The gateway's settlement day, as received."),
  ret_code: text.exactOptional().describe("The gateway's last return code."),
  ret_msg: text.exactOptional().describe("The gateway's last message."),
  money_foreign_refund: text.exactOptional().describe('Exchange refunds: the amount in the foreign currency.'),
  rate_id: text.exactOptional(),
  rate: text.exactOptional(),
  exchange_bankcode: text.exactOptional(),
  outcome: z
    .enum(['succeeded', 'failed', 'rejected'])
    .exactOptional()
    .describe('What became of the refund. Absent on refund.held, which completes nothing.'),
  settled_by: z
    .enum(['notification', 'response', 'query', 'validation', 'operator'])
    .exactOptional()
    .describe('Whose word settled it.'),
  attempts: z.int().min(0).describe('Sends that may have left.'),
  requested_at: utc.describe('When the job was added.'),
  reasons: z.array(text).readonly().describe('Why it was rejected, is held, or how it was resolved.'),
  metadata: z.record(text, text).describe("The job's own, unchanged."),
})

/** What the code writes, and nothing else: the type `RefundEvent` of `src/refund/event.ts`, as a test holds. */
export const writtenEventSchema = z.strictObject({
  specversion: z.literal('1.0'),
  id: text
    .regex(/^[0-9]{18}\/[A-Za-z0-9_.-]{1,32}\/(held-)?[1-9][0-9]*$/)
    .describe('<oid_partner>/<no_refund>/<version>, or .../held-<n>. Remember it, and each event is handled once.'),
  source: text.regex(/^\/lianlian\/refunds\/[0-9]{18}$/).describe('/lianlian/refunds/<oid_partner>'),
  type: z
    .enum(['refund.succeeded', 'refund.failed', 'refund.rejected', 'refund.corrected', 'refund.held'])
    .describe('refund.corrected: an operator settled a contradiction. refund.held: it waits for a person.'),
  subject: text.describe('The refund number.'),
  time: utc,
  datacontenttype: z.literal('application/json'),
  traceparent: text.exactOptional().describe('W3C trace context, where the job brought one.'),
  data,
})

/**
 * A completion event, CloudEvents 1.0 in JSON, as a consumer reads it: fields that it does not know are additions of a
 * later version.
 */
export const refundEventSchema = writtenEventSchema.extend({ data: data.loose() }).loose()

/** JSON Schema of the job data of `refund-completed` and of every further completion queue. */
export function refundEventJsonSchema(id: string): JsonSchema {
  const { $schema, ...generated } = z.toJSONSchema(refundEventSchema, { target: 'draft-2020-12', io: 'input' })
  return {
    $schema,
    $id: id,
    title: 'RefundEvent',
    description: 'Completion event of a refund, CloudEvents 1.0. Absent fields are left out, never null.',
    ...generated,
  }
}
