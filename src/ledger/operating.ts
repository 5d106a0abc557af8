import { z } from 'zod'
import type { LedgerKeys } from './keys.ts'
import type { RedisClient } from './script.ts'

/** A person's order that nothing may be sent; `at` is epoch ms. */
const stop = z.object({ by: z.string(), at: z.number(), reason: z.string() })
export type Stop = z.infer<typeof stop>

const operation = z.object({ at: z.number(), by: z.string(), action: z.string(), reason: z.string() })
/** What an operator did to the fleet, and not to one refund; `at` is epoch ms. */
export type Operation = z.infer<typeof operation>

const REMEMBERED = 1000
const STOPPED = 'stopped'

/** What operators do to the whole fleet, or to all refunds of a merchant. */
export function operating(redis: RedisClient, keys: LedgerKeys) {
  async function stopOf(oid_partner: string | undefined): Promise<Stop | undefined> {
    return readStop(
      oid_partner === undefined ? await redis.get(keys.stop) : await redis.hget(keys.gate(oid_partner), STOPPED),
    )
  }

  return {
    /** The stop of a merchant, or of the whole fleet; absent when none stands. */
    stopOf,

    /**
     * From now on nothing is claimed any more; what is under way is heard out, and questions go on. One that stands
     * already keeps its place: the reason of the second is added to it.
     *
     * @param oid_partner one merchant; absent: the whole fleet
     */
    async stop(oid_partner: string | undefined, order: Stop): Promise<void> {
      const standing = await stopOf(oid_partner)
      const both = standing && { ...standing, reason: `${standing.reason}; and ${order.by}: ${order.reason}` }
      const text = JSON.stringify(both ?? order)
      if (oid_partner === undefined) await redis.set(keys.stop, text)
      else await redis.hset(keys.gate(oid_partner), STOPPED, text)
    },

    /** @returns false when nothing was stopped */
    async resume(oid_partner: string | undefined): Promise<boolean> {
      const lifted =
        oid_partner === undefined ? await redis.del(keys.stop) : await redis.hdel(keys.gate(oid_partner), STOPPED)
      return lifted > 0
    },

    /** A person says that the merchant has balance again: its refunds may be tried at once. */
    async openBalance(oid_partner: string): Promise<void> {
      await redis.hdel(keys.gate(oid_partner), 'balance_until', 'balance_prober')
    },

    async operated(done: Operation): Promise<void> {
      await redis.lpush(keys.operations, JSON.stringify(done))
      await redis.ltrim(keys.operations, 0, REMEMBERED - 1)
    },

    /** The last of them, newest first. */
    async operations(limit: number): Promise<Operation[]> {
      const lines = await redis.lrange(keys.operations, 0, limit - 1)
      return lines.flatMap((line) => readOperation(line))
    },

    /** Refunds of jobs and records older than `before` (epoch ms) are asked about before anything is sent. */
    async setSafeStart(before: number): Promise<void> {
      await redis.set(keys.safeStart, before)
    },
  }
}

export function readStop(text: string | null | undefined): Stop | undefined {
  return text === null || text === undefined ? undefined : stop.parse(JSON.parse(text))
}

function readOperation(line: string): Operation[] {
  try {
    return [operation.parse(JSON.parse(line))]
  } catch {
    return []
  }
}
