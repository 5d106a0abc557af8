import { Queue } from 'bullmq'
import { describe, expect, test } from 'vitest'
import { mendJob } from '../../src/queue/unreadable.ts'
import { submitWorker } from '../../src/queue/workers.ts'
import { world } from '../flows/world.ts'
import { silent } from '../ledger/fixture.ts'
import { DATA, defaults, NUMBER } from '../refund/builders.ts'
import { cleanUp } from '../support/clean-up.ts'
import { eventually } from '../support/eventually.ts'
import { openRedis, testNamespace } from '../support/redis.ts'

const GOOD = JSON.stringify(DATA)

/** A worker, and a producer that writes the job's hash itself, as a client of another language may. */
function setUp() {
  const at = world()
  const { queuePrefix: prefix } = testNamespace()
  const connection = openRedis()
  const errors: string[] = []
  const worker = submitWorker(at.engine, defaults().merchants, {
    connection,
    prefix,
    concurrency: 5,
    lockDurationMs: 500,
    stalledIntervalMs: 100,
    log: { ...silent, error: (_fields, message) => errors.push(message) },
  })
  cleanUp(async () => await worker.close())
  const queue = new Queue('refund', { connection, prefix })
  cleanUp(async () => await queue.close())
  return {
    at,
    queue,
    errors,
    async write(id: string, fields: Readonly<Record<string, string>>): Promise<void> {
      await connection.hset(queue.toKey(id), {
        name: 'refund',
        timestamp: String(Date.now()),
        data: GOOD,
        opts: '{}',
        ...fields,
      })
      await connection.lpush(queue.toKey('wait'), id)
      await connection.zadd(queue.toKey('marker'), 0, '0')
    },
  }
}

describe('a job whose hash BullMQ cannot parse', () => {
  test('fails with the reason when its data is no JSON, the text is kept, and it never comes back', async () => {
    const { at, queue, errors, write } = setUp()
    await write('raw', { data: '{"no_refund":' })
    const failed = await eventually(async () => (await queue.getFailed())[0] ?? false)
    expect(failed.failedReason).toMatch(/not JSON/)
    expect(failed.data).toEqual({ unreadable: '{"no_refund":' })
    expect(errors).toContain('a job could not be read: its fields are not what they must be')
    const counted = { 'stalled:refund': expect.any(Number), 'unreadable:refund': 1, 'failed:refund': 1 }
    await eventually(async () => expect(await at.at.ledger.counted()).toMatchObject(counted))
    expect(await queue.getJobCounts('active', 'wait', 'delayed')).toEqual({ active: 0, wait: 0, delayed: 0 })
    expect(at.gateway.submitCalls).toBe(0)
  })

  test.for([
    ['options', { opts: '{"attempts":' }],
    ['progress', { progress: 'half' }],
    ['parent', { parent: '{' }],
    ['options, which are null,', { opts: 'null' }],
    ['parent, which is null,', { parent: 'null' }],
    ['repeat key', { rjk: 'a:b:c' }],
  ] as const)('is done like any other when only its %s cannot be used', async ([, fields]) => {
    const { at, queue, write } = setUp()
    await write('raw', fields)
    await eventually(async () => expect(await queue.getCompletedCount()).toBe(1))
    expect(at.gateway.paymentsOf(NUMBER)).toBe(1)
  })

  test('holds up none of the jobs around it', async () => {
    const { at, queue, write } = setUp()
    const numbers = Array.from({ length: 30 }, (_, index) => `R${index}`)
    for (const [index, no_refund] of numbers.entries()) {
      if (index % 10 === 5) await write(`raw-${index}`, index === 15 ? { opts: 'x', data: '[' } : { data: '[' })
      await queue.add('refund', { ...DATA, no_refund })
    }
    await eventually(async () => {
      expect(await queue.getJobCounts('completed', 'failed')).toEqual({ completed: 30, failed: 3 })
    })
    for (const no_refund of numbers) expect(at.gateway.paymentsOf(no_refund)).toBe(1)
  })
})

test('a job that was removed, or added anew with good data, while it was looked at is left alone', async () => {
  const redis = openRedis()
  const { queuePrefix } = testNamespace()
  const key = `${queuePrefix}:refund:raw`
  await redis.hset(key, { data: '{', opts: '{}' })
  const read = redis.hmget.bind(redis)
  const raced = async (meanwhile: () => Promise<unknown>) => {
    Reflect.set(redis, 'hmget', async (from: string, ...fields: string[]) => {
      const texts = await read(from, ...fields)
      await meanwhile()
      return texts
    })
    await mendJob(redis, key)
  }
  await raced(async () => redis.hset(key, { data: GOOD }))
  expect(await redis.hget(key, 'data')).toBe(GOOD)
  await redis.hset(key, { data: '{' })
  await raced(async () => redis.del(key))
  expect(await redis.exists(key)).toBe(0)
})
