import { refundEventJsonSchema } from '../schemas/event.ts'
import { REFUND_EVENT_ID, REFUND_ID } from '../schemas/ids.ts'
import type { JsonSchema } from '../schemas/json-schema.ts'
import { refundJobJsonSchema } from '../schemas/refund.ts'

export type { EventFault, ReadEvent } from '../consumer/read-event.ts'
export { readEvent } from '../consumer/read-event.ts'
export type { RefundEvent, RefundEventData } from '../refund/event.ts'
export type { RefundJobData } from '../refund/job-data.ts'
export type { JsonSchema } from '../schemas/json-schema.ts'

/** JSON Schema (draft 2020-12) of the data of a job of the queue `refund`; also `schemas/refund.schema.json`. */
export const refundSchema: JsonSchema = refundJobJsonSchema(REFUND_ID)

/** JSON Schema (draft 2020-12) of a completion event; also `schemas/refund-event.schema.json`. */
export const refundEventSchema: JsonSchema = refundEventJsonSchema(REFUND_EVENT_ID)
