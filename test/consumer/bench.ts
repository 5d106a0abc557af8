import { Queue } from 'bullmq'
import type { Redis } from 'ioredis'
import { type Consumer, type ConsumerOptions, createConsumer, type Handled } from '../../src/package/consumer.ts'
import { completionQueue } from '../../src/queue/completion.ts'
import type { RefundEvent } from '../../src/refund/event.ts'
import { examples } from '../schemas/examples.ts'
import { cleanUp } from '../support/clean-up.ts'
import { openRedis, testNamespace } from '../support/redis.ts'

const QUEUE = 'refund-completed'

export interface Bench {
  readonly redis: Redis
  readonly redisUrl: string
  readonly prefix: string
  readonly queue: Queue
  readonly dead: Queue
  /** As the workers do. */
  publish(...events: readonly object[]): Promise<void>
  /** A consumer of this bench; what it handled is in `handled`. */
  consume(options?: Partial<ConsumerOptions>): Consumer
  readonly handled: { readonly event: RefundEvent; readonly about: Handled }[]
  /** How often the handler was asked about an id. */
  times(id: string): number
}

export function bench(redisUrl?: string): Bench {
  const { queuePrefix: prefix, redisUrl: shared } = testNamespace()
  const url = redisUrl ?? shared
  const redis = openRedis(url)
  const open = (name: string): Queue => {
    const queue = new Queue(name, { connection: redis, prefix })
    queue.on('error', () => {})
    cleanUp(async () => await queue.close())
    return queue
  }
  const subscriber = completionQueue(QUEUE, redis, { prefix, waitReplicas: 0, onError() {} })
  cleanUp(async () => await subscriber.close())
  const handled: Bench['handled'] = []
  cleanUp(async () => {
    const keys = await redis.keys(`refund-consumer:${prefix}:*`)
    if (keys.length > 0) await redis.del(...keys)
  })
  return {
    redis,
    redisUrl: url,
    prefix,
    queue: open(QUEUE),
    dead: open(`${QUEUE}-dead`),
    publish: async (...events) => await subscriber.publish(events.map((event) => JSON.stringify(event))),
    consume(options = {}) {
      const consumer = createConsumer({
        redis: url,
        prefix,
        leaseMs: 1_000,
        backoff: { baseMs: 20, capMs: 100 },
        ...options,
        handle(event, about) {
          handled.push({ event, about })
          return options.handle?.(event, about)
        },
      })
      cleanUp(async () => await consumer.close(0))
      return consumer
    },
    handled,
    times: (id) => handled.filter(({ event }) => event.id === id).length,
  }
}

/** A golden event, of any number. */
export function eventOf(no_refund: string, changed: object = {}): RefundEvent {
  const golden = examples('event').find(({ file }) => file === 'event.succeeded.json')
  const event = structuredClone(golden?.data) as RefundEvent
  const { oid_partner } = event.data
  return {
    ...event,
    id: `${oid_partner}/${no_refund}/1`,
    subject: no_refund,
    data: { ...event.data, no_refund },
    ...changed,
  }
}
