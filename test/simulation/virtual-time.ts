import type { Redis } from 'ioredis'

/**
 * A connection on which the ledger's scripts ask a key for the time instead of the server: nothing else of them is
 * changed. A script is always sent whole, as to a server that does not have it.
 *
 * @param clockKey a list: seconds, microseconds
 */
export function onVirtualTime(redis: Redis, clockKey: string): Redis {
  const clock = `redis.call('LRANGE', '${clockKey}', 0, 1)`
  return new Proxy(redis, {
    get(target, name) {
      if (name === 'evalsha') return async () => Promise.reject(new Error('NOSCRIPT sent whole'))
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      if (name !== 'eval') return (...args: unknown[]): unknown => Reflect.apply(value, target, args)
      return (source: string, ...args: unknown[]): unknown =>
        Reflect.apply(value, target, [source.replaceAll(`redis.call('TIME')`, clock), ...args])
    },
  })
}

export async function setVirtualTime(redis: Redis, clockKey: string, epochMs: number): Promise<void> {
  await redis
    .multi()
    .del(clockKey)
    .rpush(clockKey, Math.floor(epochMs / 1000), (epochMs % 1000) * 1000)
    .exec()
}
