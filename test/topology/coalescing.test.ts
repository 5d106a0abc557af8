import { setImmediate as turn } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { expect, test, vi } from 'vitest'
import { connectRedis } from '../../src/redis/connection.ts'
import { cleanUp } from '../support/clean-up.ts'
import { testNamespace } from '../support/redis.ts'

async function connected() {
  const { redisUrl, ledgerPrefix } = testNamespace()
  const redis = connectRedis({ mode: 'single', url: redisUrl }, 'patient', () => {})
  cleanUp(() => redis.disconnect())
  await redis.ping()
  if (!(redis instanceof Redis)) throw new Error('not one server')
  return { redis, key: `${ledgerPrefix}:count` }
}

test('commands of one turn of the event loop leave together at its end, and are answered in order', async () => {
  const { redis, key } = await connected()
  const written = vi.spyOn(redis.stream, 'uncork')
  const replies = [redis.incr(key), redis.incr(key), redis.pipeline().incr(key).exec(), redis.incr(key)]
  expect(redis.stream.writableCorked).toBe(1)
  await turn()
  expect(redis.stream.writableCorked).toBe(0)
  expect(written).toHaveBeenCalledTimes(1)
  expect(await Promise.all(replies)).toEqual([1, 2, [[null, 3]], 4])
})

test('what was asked right before the connection is ended in order is still answered', async () => {
  const { redis, key } = await connected()
  const reply = redis.incr(key)
  const ended = redis.quit()
  expect([await reply, await ended]).toEqual([1, 'OK'])
})
