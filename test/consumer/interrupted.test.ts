import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { AbortedError, type ConsumerOptions, ConsumerOptionsError, createConsumer } from '../../src/package/consumer.ts'
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

const forever = () => new Promise<never>(() => {})

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

  test('during the last try of an event spends no try: the next consumer handles it', async () => {
    const { publish, consume, times, dead } = bench()
    const { handle } = endless()
    const consumer = consume({ handle, attempts: 1 })
    const event = eventOf('last-try')
    await publish(event)
    await eventually(() => expect(times(event.id)).toBe(1))
    await consumer.close(50)
    consume({ attempts: 1 })
    await eventually(() => expect(times(event.id)).toBe(2))
    expect(await dead.getWaitingCount()).toBe(0)
  })

  test('leaves a handler alone that does not heed its signal, and its event to the next consumer', async () => {
    const { publish, consume, times, dead } = bench()
    const consumer = consume({ handle: forever, attempts: 1 })
    const event = eventOf('deaf')
    await publish(event)
    await eventually(() => expect(times(event.id)).toBe(1))
    await consumer.close(50)
    consume({ attempts: 1 })
    await eventually(() => expect(times(event.id)).toBe(2))
    expect(await dead.getWaitingCount()).toBe(0)
  })

  test.for([
    ['while a handler hangs', 'hang'],
    ['while Redis is away', 'away'],
  ] as const)('%s leaves nothing behind that keeps its process alive', async ([, how]) => {
    const { publish, redisUrl, prefix } = bench()
    await publish(eventOf('hung'))
    const redis = how === 'away' ? `redis://127.0.0.1:${await freePort()}` : redisUrl
    const program = fileURLToPath(new URL('stopping.ts', import.meta.url))
    const { stdout } = await promisify(execFile)(process.execPath, [program, redis, prefix, how], { timeout: 15_000 })
    expect(stdout).toBe('closed\n')
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

test('a handler that takes too long is told, fails its try with the reason, and gives its place to others', async () => {
  const { publish, consume, handled, dead } = bench()
  const { handle, reasons } = endless()
  consume({ handle, handleTimeoutMs: 100, attempts: 2, concurrency: 1 })
  await publish(eventOf('slow'))
  const [letter] = await eventually(async () => {
    const letters = await dead.getWaiting()
    return letters.length === 1 && letters
  })
  expect(letter?.data).toMatchObject({
    code: 'attempts_spent',
    reason: 'the handler took longer than 100 ms',
    attempts: 2,
  })
  expect(reasons).toMatchObject([{ code: 'handle_timeout' }, { code: 'handle_timeout' }])
  expect(handled).toHaveLength(2)
})

test('a handler that hangs, and heeds no signal, holds up no other event', async () => {
  const { publish, consume, times, dead } = bench()
  const [hung, next] = [eventOf('hung'), eventOf('next')]
  consume({
    handleTimeoutMs: 100,
    attempts: 1,
    concurrency: 1,
    handle: ({ id }) => (id === hung.id ? forever() : undefined),
  })
  await publish(hung, next)
  await eventually(() => expect(times(next.id)).toBe(1))
  expect((await dead.getWaiting())[0]?.data).toMatchObject({ reason: 'the handler took longer than 100 ms' })
})

test('an event that Redis would not mark at once is handled once all the same', async () => {
  const server = await ownRedis()
  const { publish, consume, times, redis, queue } = bench(server.url)
  const event = eventOf('unmarked')
  consume({
    leaseMs: 10_000,
    async handle() {
      // from now on Redis takes no write
      await redis.config('SET', 'min-replicas-to-write', 1)
      setTimeout(() => void redis.config('SET', 'min-replicas-to-write', 0), 300)
    },
  })
  await publish(event)
  await eventually(async () => expect(await queue.getCompletedCount()).toBe(1))
  expect(times(event.id)).toBe(1)
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
  [{ handle: undefined }],
  [{ handleTimeoutMs: 0 }],
  [{ handleTimeoutMs: 1e12 }],
  [{ backoff: { baseMs: Number.NaN } }],
  [{ backoff: { factor: 0 } }],
  [{ backoff: { capMs: -1 } }],
  [{ backoff: { jitter: 2 } }],
  [{ redis: undefined }],
  [{ redis: 'nonsense' }],
] as const)('a consumer cannot be made with %o', ([given]) => {
  const options: object = { redis: 'redis://127.0.0.1:1', handle() {}, ...given }
  expect(() => createConsumer(options as ConsumerOptions)).toThrow(ConsumerOptionsError)
})
