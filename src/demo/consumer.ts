import { Worker } from 'bullmq'
import type { Cluster, Redis } from 'ioredis'
import { z } from 'zod'
import { fenFromYuan } from '../refund/money.ts'
import type { SeenEvent } from './judge.ts'

const completion = z.looseObject({
  id: z.string(),
  type: z.enum(['refund.succeeded', 'refund.failed', 'refund.rejected']),
  subject: z.string(),
  data: z.looseObject({ money_refund: z.string().optional(), settled_by: z.string().optional() }),
})

export interface Consumer {
  /** by id */
  readonly events: ReadonlyMap<string, SeenEvent>
  /** deliveries of an id that was known */
  readonly repeated: number
  /** how refunds were settled: `notification`, `query`, ... */
  readonly settledBy: ReadonlyMap<string, number>
  close(): Promise<void>
}

/**
 * A downstream service: takes completion events and remembers their ids.
 *
 * @param onEvent told of each id once, with the time of its arrival, epoch ms
 */
export function startConsumer(
  connection: Redis | Cluster,
  prefix: string,
  onEvent: (event: SeenEvent, at: number) => void,
): Consumer {
  const events = new Map<string, SeenEvent>()
  const settledBy = new Map<string, number>()
  let repeated = 0
  const worker = new Worker(
    'refund-completed',
    async (job) => {
      const { id, type, subject, data } = completion.parse(job.data)
      if (events.has(id)) {
        repeated += 1
        return
      }
      const fen = data.money_refund === undefined ? undefined : fenFromYuan(data.money_refund)
      const event: SeenEvent = { id, type, no_refund: subject, ...(fen !== undefined && { fen }) }
      events.set(id, event)
      const by = data.settled_by ?? 'nobody'
      settledBy.set(by, (settledBy.get(by) ?? 0) + 1)
      onEvent(event, Date.now())
    },
    { connection, prefix, concurrency: 50 },
  )
  worker.on('error', () => {
    // connection faults are met again, and told, by whoever asks Redis next
  })
  return {
    events,
    settledBy,
    get repeated() {
      return repeated
    },
    close: () => worker.close(),
  }
}
