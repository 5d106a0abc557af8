import { Queue } from 'bullmq'
import { createProducer } from '../queue/producer.ts'
import { connectRedis, type RedisAddress } from '../redis/connection.ts'
import type { DemoOptions } from './arguments.ts'
import type { CleanUps } from './clean-ups.ts'
import { type Consumer, startConsumer } from './consumer.ts'
import { type LedgerView, ledgerView } from './ledger-view.ts'
import type { Place } from './place.ts'
import { type PlannedRefund, planRefunds } from './plan.ts'
import { pushAll } from './push.ts'

/** Both ends of the demo's own: what was asked for, and what was heard of it. */
export interface Traffic {
  /** on the monotonic clock, ms */
  readonly began: number
  readonly consumer: Consumer
  readonly ledger: LedgerView
  readonly added: { jobs: number; readonly of: number; readonly refunds: Map<string, number> }
  readonly planned: readonly PlannedRefund[]
  readonly latenciesMs: number[]
  /** numbers added whose event was not consumed */
  readonly pending: ReadonlySet<string>
  readonly putOff: () => Promise<number>
  readonly push: (signal: AbortSignal) => Promise<void>
}

export function openTraffic(options: DemoOptions, place: Place, ends: CleanUps): Traffic {
  const { redisUrl, queuePrefix, ledgerPrefix, oid_partner } = place
  const address: RedisAddress = { mode: 'single', url: redisUrl }
  const connection = connectRedis(address, 'patient', () => {})
  ends.add('connection', () => connection.disconnect())
  const queue = new Queue('refund', { connection, prefix: queuePrefix })
  queue.on('error', () => {})
  ends.add('queue', () => queue.close())
  const producer = createProducer({ redis: address, prefix: queuePrefix })
  ends.add('producer', () => producer.close())

  const { refunds: planned, pushes } = planRefunds(options)
  const added = { jobs: 0, of: pushes.length, refunds: new Map<string, number>() }
  const pending = new Set<string>()
  const heard = new Set<string>()
  const latenciesMs: number[] = []
  const consumer = startConsumer(connection, queuePrefix, ({ no_refund }, at) => {
    heard.add(no_refund)
    pending.delete(no_refund)
    // an event may overtake the answer to its own `add`
    latenciesMs.push(at - (added.refunds.get(no_refund) ?? at))
  })
  ends.add('consumer', () => consumer.close())

  return {
    began: performance.now(),
    consumer,
    ledger: ledgerView(connection, ledgerPrefix, oid_partner),
    added,
    planned,
    latenciesMs,
    pending,
    putOff: () => queue.getDelayedCount(),
    push: (signal) =>
      pushAll({
        pushes,
        // duplicates come on top
        rate: (options.rate * pushes.length) / planned.length,
        producer,
        queue,
        signal,
        onAdded(no_refund, at) {
          added.jobs += 1
          if (added.refunds.has(no_refund)) return
          added.refunds.set(no_refund, at)
          if (!heard.has(no_refund)) pending.add(no_refund)
        },
      }),
  }
}
