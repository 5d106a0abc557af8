import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { AbortedError, ConsumerOptionsError, createConsumer } from '../../src/package/consumer.ts'
import { eventually } from '../support/eventually.ts'
import { freePort } from '../support/free-port.ts'
import { ownRedis } from '../support/own-redis.ts'
import { bench, eventOf } from './bench.ts'

/** A handler that goes on until it is told to end, and tells why. */
function endless() {
  const reasons: unknown[] = []
  return {
    reasons,
    async handle(_event: unknown, { signal }: { readonly signal: AbortSignal }) {
      await once(signal, 'abort')
      reasons.push(signal.reason)
      throw new Error('ended early')
    },
  }
}

describe('a consumer that stops', () => {
  test('takes nothing more and waits for what is under way', async () => {
    const { publish, consume, handled, queue } = bench()
    let ended = 0
    const consumer = consume({
      concurrency: 1,
      handle: async () => {
        await sleep(300)
        ended += 1
      },
    })
    await publish(eventOf('first'), eventOf('second'))
    await eventually(() => expect(handled).toHaveLength(1))
    await Promise.all([consumer.close(), consumer.close()])
    expect(ended).toBe(1)
    expect(await queue.getCompletedCount()).toBe(1)
    expect(await queue.getWaitingCount()).toBe(1)
  })

  test('tells handlers that take too long, and the next consumer handles their events', async () => {
    const { publish, consume, times } = bench()
    const { handle, reasons } = endless()
    const consumer = consume({ handle })
    const event = eventOf('long')
    await publish(event)
    await eventually(() => expect(times(event.id)).toBe(1))
    await consumer.close(50)
    expect(reasons).toEqual([expect.any(AbortedError)])
    expect(reasons[0]).toMatchObject({ code: 'consumer_stopped' })
    consume()
    await eventually(() => expect(times(event.id)).toBe(2))
  })

  test('while Redis is away ends all the same', async () => {
    const consumer = createConsumer({ redis: `redis://127.0.0.1:${await freePort()}`, handle() {} })
    const began = performance.now()
    await consumer.close(100)
    expect(performance.now() - began).toBeLessThan(8_000)
  })
})

test('a handler that takes long keeps its event from all others', async () => {
  const { publish, consume, times, queue } = bench()
  const event = eventOf('slow')
  const handle = () => sleep(2_000)
  consume({ handle, leaseMs: 400 })
  consume({ handle, leaseMs: 400 })
  await publish(event)
  await eventually(() => expect(times(event.id)).toBe(1))
  await queue.add(event.type, event)
  await eventually(async () => expect(await queue.getCompletedCount()).toBe(2))
  expect(times(event.id)).toBe(1)
})

test('a handler whose event another consumer took is told, and what it throws counts for nothing', async () => {
  const { publish, consume, handled, redis, prefix, dead } = bench()
  const { handle, reasons } = endless()
  consume({ handle, leaseMs: 300, attempts: 1 })
  await publish(eventOf('lost'))
  await eventually(() => expect(handled).toHaveLength(1))
  const [lease = ''] = await redis.keys(`refund-consumer:${prefix}:*:lease`)
  await redis.set(lease, 'another', 'PX', 60_000)
  await eventually(() => expect(reasons).toHaveLength(1))
  expect(reasons[0]).toMatchObject({ code: 'lease_lost' })
  await sleep(200)
  expect(await dead.getWaitingCount()).toBe(0)
})

test('an event whose process died is handled by another consumer', async () => {
  const { publish, consume, times, redis, prefix, queue } = bench()
  const event = eventOf('orphan')
  await publish(event)
  // what a process that was killed leaves behind
  await redis.set(`refund-consumer:${prefix}:refund-completed:{${event.id}}:lease`, 'the dead', 'PX', 700)
  consume()
  await eventually(() => expect(times(event.id)).toBe(1))
  await eventually(async () => expect(await queue.getCompletedCount()).toBe(1))
})

test('an event that ends its process every time is a dead letter in the end', async () => {
  const { publish, consume, handled, redis, queue, dead } = bench()
  const event = eventOf('poison')
  await publish(event)
  const [job] = await queue.getWaiting()
  await redis.hset(queue.toKey(String(job?.id)), 'stc', 10)
  consume()
  await eventually(async () => expect(await dead.getWaitingCount()).toBe(1))
  expect((await dead.getWaiting())[0]?.data).toMatchObject({ code: 'silent' })
  expect(handled).toEqual([])
})

test('a Redis that goes away and comes back loses no event, and spends no attempt of a handler', async () => {
  const server = await ownRedis()
  const { publish, consume, handled, queue } = bench(server.url)
  consume({ attempts: 1 })
  await publish(eventOf('before'))
  await eventually(() => expect(handled).toHaveLength(1))
  await server.restart()
  await publish(eventOf('after'))
  await eventually(() => expect(handled.some(({ event }) => event.subject === 'after')).toBe(true), {
    timeoutMs: 30_000,
  })
  await eventually(async () => expect(await queue.getCompletedCount()).toBe(2))
}, 60_000)

test.for([
  [{ attempts: 0 }],
  [{ concurrency: 1.5 }],
  [{ leaseMs: Number.NaN }],
  [{ rememberMs: 3_600_000 }],
  [{ deadLetterQueue: 'refund-completed' }],
] as const)('a consumer cannot be made with %o', ([options]) => {
  expect(() => createConsumer({ redis: 'redis://127.0.0.1:1', handle() {}, ...options })).toThrow(ConsumerOptionsError)
})
