import { redisNow } from './clock.ts'
import type { LedgerKeys } from './keys.ts'
import type { RedisClient } from './script.ts'

/** A process that is silent for so long counts as gone. */
export const HEARD_WITHIN_MS = 20_000
const FORGET_AFTER_MS = 86_400_000

/** A process of the fleet. */
export interface AliveProcess {
  readonly host: string
  readonly pid: number
  readonly roles: readonly string[]
  /** when it was last heard of, epoch ms by Redis TIME */
  readonly seen: number
}

/** Which processes of the fleet are at work: each says so again and again. */
export function aliveIndex(redis: RedisClient, keys: LedgerKeys) {
  return {
    /** @param process `<host>:<pid>:<role>+<role>` */
    async beat(process: string): Promise<void> {
      const now = await redisNow(redis)
      await redis
        .multi()
        .zadd(keys.alive, now, process)
        .zremrangebyscore(keys.alive, '-inf', now - FORGET_AFTER_MS)
        .exec()
    },

    /** Those heard of lately, or within so many ms. */
    async alive(withinMs = HEARD_WITHIN_MS): Promise<AliveProcess[]> {
      const since = (await redisNow(redis)) - withinMs
      const flat = await redis.zrangebyscore(keys.alive, since, '+inf', 'WITHSCORES')
      return flat.flatMap((process, at) => {
        if (at % 2 === 1) return []
        const [host = '', pid, roles = ''] = process.split(':')
        return [{ host, pid: Number(pid), roles: roles.split('+'), seen: Number(flat[at + 1]) }]
      })
    },

    async gone(process: string): Promise<void> {
      await redis.zrem(keys.alive, process)
    },
  }
}
