/** One event on its way out: where it stands in the outbox, and its JSON. */
export interface Outgoing {
  readonly entry: string
  readonly event: string
}

export interface PublishOptions {
  readonly outbox: {
    next(limit: number, blockMs: number): Promise<Outgoing[]>
    abandoned(limit: number, idleMs: number): Promise<Outgoing[]>
    done(published: readonly Outgoing[]): Promise<void>
  }
  /** one for each subscriber; publishing an event twice must leave one */
  readonly subscribers: readonly ((events: readonly string[]) => Promise<void>)[]
  /** after this long the events of a publisher that was not heard of again are taken over */
  readonly claimMs: number
}

const BATCH = 200

/**
 * Carries one batch from the outbox to every subscriber. An entry leaves the outbox only when all have it, so a
 * publisher that dies anywhere costs a repetition, which the event's id makes harmless.
 *
 * @param blockMs how long to wait for the first event
 * @returns how many were published
 */
export async function publishBatch(options: PublishOptions, blockMs: number): Promise<number> {
  const { outbox, subscribers, claimMs } = options
  const abandoned = await outbox.abandoned(BATCH, claimMs)
  const batch = abandoned.length > 0 ? abandoned : await outbox.next(BATCH, blockMs)
  if (batch.length === 0) return 0
  const events = batch.map(({ event }) => event)
  await Promise.all(subscribers.map((publish) => publish(events)))
  await outbox.done(batch)
  return batch.length
}
