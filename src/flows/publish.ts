import { z } from 'zod'
import type { Trace } from './trace.ts'

/** One event on its way out: where it stands in the outbox, and its JSON. */
export interface Outgoing {
  readonly entry: string
  readonly event: string
}

export interface PublisherOptions {
  readonly outbox: {
    next(limit: number, blockMs: number): Promise<Outgoing[]>
    abandoned(limit: number, idleMs: number): Promise<Outgoing[]>
    done(published: readonly Outgoing[]): Promise<void>
  }
  /** one for each subscriber; publishing an event twice must leave one */
  readonly subscribers: readonly ((events: readonly string[]) => Promise<void>)[]
  /** after this long the events of a publisher that was not heard of again are taken over */
  readonly claimMs: number
  /** ms from anywhere; never jumps */
  readonly monotonic: () => number
  readonly trace?: Trace
}

const BATCH = 200

const traceable = z.looseObject({
  id: z.string(),
  type: z.string(),
  subject: z.string(),
  traceparent: z.string().optional(),
  data: z.looseObject({ oid_partner: z.string() }),
})

/**
 * Carries events from the outbox to every subscriber. An entry leaves the outbox only when all have it, so a
 * publisher that dies anywhere costs a repetition, which the event's id makes harmless.
 *
 * @returns a step: publishes one batch, waiting up to `blockMs` for its first event; resolves to how many. A step that
 * failed leaves its batch to the next.
 */
export function publisher({ outbox, subscribers, claimMs, monotonic, trace }: PublisherOptions) {
  let claimAt = monotonic()
  let underWay: Outgoing[] = []
  return async function publishBatch(blockMs: number): Promise<number> {
    const batch = underWay.length > 0 ? underWay : ((await takeAbandoned()) ?? (await outbox.next(BATCH, blockMs)))
    if (batch.length === 0) return 0
    underWay = batch
    const events = batch.map(({ event }) => event)
    const traced = trace && events.map((json) => tracedEvent(trace, json))
    await Promise.all(subscribers.map((publish) => publish(events)))
    for (const end of traced ?? []) end()
    await outbox.done(batch)
    underWay = []
    return batch.length
  }

  async function takeAbandoned(): Promise<Outgoing[] | undefined> {
    if (monotonic() < claimAt) return undefined
    const batch = await outbox.abandoned(BATCH, claimMs)
    if (batch.length > 0) return batch
    claimAt = monotonic() + claimMs / 2
    return undefined
  }
}

function tracedEvent(trace: Trace, json: string): () => void {
  const end = trace('publish')
  return () => {
    const event = traceable.safeParse(JSON.parse(json))
    if (!event.success) return
    const { id, type, subject, traceparent, data } = event.data
    const refund = { oid_partner: data.oid_partner, no_refund: subject }
    end({ ...refund, ...(traceparent !== undefined && { traceparent }) }, { event: id, type })
  }
}
