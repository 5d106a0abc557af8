import { z } from 'zod'

/** W3C trace context, version 00; neither of its ids may be all zeros. */
const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/

const headers = z.looseObject({ traceparent: z.string().regex(TRACEPARENT) })

/**
 * The trace that a job belongs to, as BullMQ carries it: W3C headers as JSON text in the job's options.
 *
 * @param metadata `job.opts.telemetry.metadata`, written by anybody
 * @returns nothing for what is not of the form, which is no fault of the refund's
 */
export function traceparentIn(metadata: unknown): string | undefined {
  if (typeof metadata !== 'string') return undefined
  try {
    return headers.parse(JSON.parse(metadata)).traceparent
  } catch {
    return undefined
  }
}

/** Job options that put a job into a trace; none without one. */
export function inTrace(traceparent: string | undefined): { readonly telemetry?: { readonly metadata: string } } {
  return traceparent === undefined ? {} : { telemetry: { metadata: JSON.stringify({ traceparent }) } }
}
