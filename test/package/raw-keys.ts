import type { Redis } from 'ioredis'

/**
 * Everything that stands in Redis under a prefix, key by key, as other languages' clients see it. What depends on the
 * clock is named instead.
 */
export async function rawKeys(redis: Redis, prefix: string): Promise<Readonly<Record<string, unknown>>> {
  const keys = (await redis.keys(`${prefix}:*`)).toSorted()
  const found = await Promise.all(
    keys.map(async (key) => [key.replace(prefix, 'bull'), await contentOf(redis, key)] as const),
  )
  return Object.fromEntries(found)
}

async function contentOf(redis: Redis, key: string): Promise<unknown> {
  switch (await redis.type(key)) {
    case 'hash': {
      const { timestamp, ...fields } = await redis.hgetall(key)
      return timestamp === undefined ? fields : { ...fields, timestamp: clock(timestamp) }
    }
    case 'list':
      return redis.lrange(key, 0, -1)
    case 'zset':
      return redis.zrange(key, '0', '-1', 'WITHSCORES')
    case 'stream':
      return (await redis.xrange(key, '-', '+')).map(([, fields]) => fields)
    default:
      return redis.get(key)
  }
}

/** Epoch milliseconds, as text. */
function clock(text: string): string {
  return /^\d{13}$/.test(text) && Math.abs(Number(text) - Date.now()) < 60_000 ? '<epoch ms>' : text
}
