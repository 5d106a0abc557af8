import { z } from 'zod'
import type { RefundEvent } from '../refund/event.ts'
import { refundEventSchema } from '../schemas/event.ts'

/**
 * Why job data is no event that this version can hand on.
 *
 * - `unknown_version`, `unknown_type`: made by a newer publisher
 * - `not_an_event`: not of the form at all
 */
export type EventFault = 'unknown_version' | 'unknown_type' | 'not_an_event'

export type ReadEvent =
  | { readonly ok: true; readonly event: RefundEvent }
  | { readonly ok: false; readonly code: EventFault; readonly reason: string }

const envelope = z.looseObject({ specversion: z.string(), type: z.string() })
const known: readonly string[] = refundEventSchema.shape.type.options

/** Reads the job data of a completion queue; fields that a later version adds are handed on. */
export function readEvent(data: unknown): ReadEvent {
  const read = refundEventSchema.safeParse(data)
  if (read.success) return { ok: true, event: read.data }
  const { data: outer } = envelope.safeParse(data)
  if (outer && outer.specversion !== '1.0') {
    return { ok: false, code: 'unknown_version', reason: `specversion ${outer.specversion} is not known` }
  }
  if (outer && !known.includes(outer.type)) {
    return { ok: false, code: 'unknown_type', reason: `type ${outer.type} is not known` }
  }
  const faults = read.error.issues.slice(0, 5).map(({ path, message }) => `${path.join('.')}: ${message}`)
  return { ok: false, code: 'not_an_event', reason: faults.join('; ') }
}
