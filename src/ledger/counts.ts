import { z } from 'zod'
import type { LedgerKeys } from './keys.ts'
import type { RedisClient } from './script.ts'

const numbers = z.record(z.string(), z.coerce.number().int())

/** Figures of the whole fleet, kept where the facts are. */
export function counts(redis: RedisClient, keys: LedgerKeys) {
  return {
    /** Counts something that changes no refund, e.g. `notice:bad_signature`. */
    async count(field: string): Promise<void> {
      await redis.hincrby(keys.counts, field, 1)
    },

    /** What was counted so far, e.g. `submit:0000`, `notice:duplicate`. */
    async counted(): Promise<Record<string, number>> {
      return numbers.parse(await redis.hgetall(keys.counts))
    },

    /** Refunds by state, and their sums in fen: `waiting`, `waiting:fen`, ... */
    async sums(): Promise<Record<string, number>> {
      return numbers.parse(await redis.hgetall(keys.sums))
    },
  }
}
