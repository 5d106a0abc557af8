import type { LedgerKeys } from './keys.ts'
import type { RedisClient } from './script.ts'

/** Which processes of the fleet are at work: each says so again and again. */
export function aliveIndex(redis: RedisClient, keys: LedgerKeys) {
  return {
    /** @param process `<host>:<pid>:<role>` */
    async beat(process: string, now: number): Promise<void> {
      await redis
        .multi()
        .zadd(keys.alive, now, process)
        .zremrangebyscore(keys.alive, '-inf', now - 86_400_000)
        .exec()
    },

    /** Processes heard of since then, epoch ms. */
    async aliveSince(since: number): Promise<string[]> {
      return redis.zrangebyscore(keys.alive, since, '+inf')
    },

    async gone(process: string): Promise<void> {
      await redis.zrem(keys.alive, process)
    },
  }
}
