import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { eventJobId } from '../../src/queue/completion.ts'
import type { RefundEvent } from '../../src/refund/event.ts'
import { examples } from '../schemas/examples.ts'
import { eventually } from '../support/eventually.ts'
import { bench, eventOf } from './bench.ts'

const replayOf = (event: RefundEvent, suffix: string) => ({ jobId: `${eventJobId(event.id)}-replay-${suffix}` })

test('every event of a queue is handed to the handler as it was published', async () => {
  const { publish, consume, handled } = bench()
  const golden = examples('event').map(({ data }) => data)
  await publish(...golden)
  consume()
  await eventually(() => expect(handled).toHaveLength(golden.length))
  expect(handled.map(({ event }) => event)).toEqual(expect.arrayContaining(golden))
  expect(handled[0]?.about).toMatchObject({ attempt: 1, replay: false })
})

test('an event that comes again, as any job, is handled once', async () => {
  const { publish, consume, handled, queue } = bench()
  const event = eventOf('again')
  consume()
  await publish(event)
  await publish(event)
  await eventually(() => expect(handled).toHaveLength(1))
  const other = await queue.add(event.type, event)
  await publish(eventOf('next'))
  await eventually(async () => expect(await other.getState()).toBe('completed'))
  await eventually(() => expect(handled).toHaveLength(2))
  expect((await queue.getJob(String(other.id)))?.returnvalue).toBe('handled before')
})

test('of many consumers that are given one event as many jobs at once, one handles it', async () => {
  const { consume, times, queue } = bench()
  const event = eventOf('raced')
  for (let at = 0; at < 4; at++) consume({ handle: () => sleep(100) })
  await queue.addBulk(Array.from({ length: 20 }, () => ({ name: event.type, data: event })))
  await eventually(async () => expect(await queue.getCompletedCount()).toBe(20), { timeoutMs: 20_000 })
  expect(times(event.id)).toBe(1)
})

test('two subscribers handle the same event, each once', async () => {
  const { publish, consume, times, queue, redis, prefix } = bench()
  const event = eventOf('both')
  consume()
  consume({ queue: 'bookkeeping' })
  await publish(event)
  const { Queue } = await import('bullmq')
  const other = new Queue('bookkeeping', { connection: redis, prefix })
  await other.add(event.type, event, { jobId: eventJobId(event.id) })
  await eventually(() => expect(times(event.id)).toBe(2))
  await other.close()
  expect(await queue.getFailedCount()).toBe(0)
})

describe('a replay of an event that was handled', () => {
  test('is not handled, unless the consumer says so', async () => {
    const { publish, consume, times, queue } = bench()
    const event = eventOf('replayed')
    consume()
    await publish(event)
    await eventually(() => expect(times(event.id)).toBe(1))
    const job = await queue.add(event.type, event, replayOf(event, 'a'))
    await eventually(async () => expect(await job.getState()).toBe('completed'))
    expect(times(event.id)).toBe(1)
  })

  test('is handled once a replay by a consumer that says so', async () => {
    const { publish, consume, handled, times, queue } = bench()
    const event = eventOf('forced')
    consume({ force: true })
    await publish(event)
    await eventually(() => expect(times(event.id)).toBe(1))
    await queue.add(event.type, event, replayOf(event, 'a'))
    await eventually(() => expect(times(event.id)).toBe(2))
    expect(handled[1]?.about.replay).toBe(true)
    // the same replay, come again after its job was forgotten, and a plain repetition
    await queue.clean(0, 100, 'completed')
    const jobs = [await queue.add(event.type, event, replayOf(event, 'a')), await queue.add(event.type, event)]
    for (const job of jobs) await eventually(async () => expect(await job.getState()).toBe('completed'))
    expect(times(event.id)).toBe(2)
    await queue.add(event.type, event, replayOf(event, 'b'))
    await eventually(() => expect(times(event.id)).toBe(3))
  })

  test('comes first: then its event is not handled once more', async () => {
    const { publish, consume, times, queue } = bench()
    const event = eventOf('overtaken')
    consume({ force: true })
    await queue.add(event.type, event, replayOf(event, 'a'))
    await eventually(() => expect(times(event.id)).toBe(1))
    await publish(event)
    await eventually(async () => expect(await queue.getCompletedCount()).toBe(2))
    expect(times(event.id)).toBe(1)
  })
})

test('what is remembered ends by itself, later than finished jobs do, and stands in one slot of a cluster', async () => {
  const { publish, consume, handled, redis, prefix } = bench()
  consume({ handle: () => sleep(50) })
  const event = eventOf('remembered')
  await publish(event)
  await eventually(() => expect(handled).toHaveLength(1))
  const during = await redis.keys(`refund-consumer:${prefix}:*`)
  await eventually(async () => expect(await redis.keys(`refund-consumer:${prefix}:*:lease`)).toEqual([]))
  const keys = await redis.keys(`refund-consumer:${prefix}:*`)
  expect(keys).toHaveLength(1)
  for (const key of keys) {
    const left = await redis.pttl(key)
    expect(left).toBeGreaterThan(2 * 86_400_000)
    expect(left).toBeLessThanOrEqual(7 * 86_400_000)
  }
  const slots = [...during, ...keys].map((key) => /\{([^}]+)\}/.exec(key)?.[1])
  expect(new Set(slots).size).toBe(1)
})
