import { Worker } from 'bullmq'
import type { Cluster, Redis } from 'ioredis'
import { z } from 'zod'

const event = z.looseObject({
  id: z.string(),
  type: z.enum(['refund.succeeded', 'refund.failed', 'refund.rejected', 'refund.corrected', 'refund.held']),
  subject: z.string(),
  data: z.looseObject({ money_refund: z.string().optional(), reasons: z.array(z.string()) }),
})
export type Event = z.infer<typeof event>

/** A downstream service that knows only the contract: it takes events, and remembers each id once. */
export interface Subscriber {
  /** by id */
  readonly events: ReadonlyMap<string, Event>
  /** ids that came with two different bodies */
  readonly changed: readonly string[]
  close(): Promise<void>
}

export function startSubscriber(connection: Redis | Cluster, prefix: string): Subscriber {
  const events = new Map<string, Event>()
  const changed: string[] = []
  const worker = new Worker(
    'refund-completed',
    async ({ data }) => {
      const seen = event.parse(data)
      const known = events.get(seen.id)
      if (known && JSON.stringify(known) !== JSON.stringify(seen)) changed.push(seen.id)
      events.set(seen.id, seen)
    },
    {
      connection,
      prefix,
      concurrency: 20,
      lockDuration: 2000,
      stalledInterval: 1000,
      maxStalledCount: 1_000_000,
    },
  )
  // the cases take Redis away on purpose
  worker.on('error', () => {})
  return { events, changed, close: () => worker.close(true) }
}
