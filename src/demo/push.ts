import { setTimeout as sleep } from 'node:timers/promises'
import type { Queue } from 'bullmq'
import type { Producer } from '../queue/producer.ts'
import type { Push } from './plan.ts'

const TICK_MS = 20
const BATCH = 200

export interface PushOptions {
  readonly pushes: readonly Push[]
  /** jobs a second */
  readonly rate: number
  readonly producer: Producer
  /** the queue `refund`, as any other service would open it */
  readonly queue: Queue
  /** told of each number whose `add` was acknowledged, with the time before it was added, epoch ms */
  readonly onAdded: (no_refund: string, at: number) => void
  readonly signal: AbortSignal
}

/** Adds jobs at the rate. */
export async function pushAll({ pushes, rate, producer, queue, onAdded, signal }: PushOptions): Promise<void> {
  const began = performance.now()
  for (let next = 0; next < pushes.length; ) {
    const due = Math.min(pushes.length, 1 + Math.floor(((performance.now() - began) / 1000) * rate))
    while (next < due) {
      signal.throwIfAborted()
      const batch = pushes.slice(next, Math.min(due, next + BATCH))
      const at = Date.now()
      await add(batch, producer, queue)
      for (const { no_refund } of batch) onAdded(no_refund, at)
      next += batch.length
    }
    await sleep(TICK_MS, undefined, { signal })
  }
}

/** Both ways at once, as two services would: a number that goes both ways meets itself. */
async function add(batch: readonly Push[], producer: Producer, queue: Queue): Promise<void> {
  const checked = batch.flatMap((push) => (push.via === 'producer' ? [push.data] : []))
  const bare = batch.flatMap((push) => (push.via === 'plain' ? [push.data] : []))
  await Promise.all([
    checked.length > 0 && producer.enqueueRefunds(checked),
    ...bare.map(async (data) => queue.add('refund', data)),
  ])
}
