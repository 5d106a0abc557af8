import type { Redis } from 'ioredis'
import type { TestLedger } from './fixture.ts'

/** Everything that a ledger holds, key by key; two of them are equal only if nothing was written in between. */
export async function contents({
  redis,
  prefix,
}: Pick<TestLedger, 'redis' | 'prefix'>): Promise<Record<string, unknown>> {
  const keys = (await redis.keys(`${prefix}:*`)).toSorted()
  return Object.fromEntries(
    await Promise.all(keys.map(async (key) => [key.slice(prefix.length + 1), await stored(redis, key)])),
  )
}

async function stored(redis: Redis, key: string): Promise<unknown> {
  const type = await redis.type(key)
  switch (type) {
    case 'hash':
      return await redis.hgetall(key)
    case 'list':
      return await redis.lrange(key, 0, -1)
    case 'set':
      return await redis.smembers(key)
    case 'zset':
      return await redis.zrange(key, '0', '-1', 'WITHSCORES')
    case 'stream':
      return await redis.xrange(key, '-', '+')
    default:
      return await redis.get(key)
  }
}
