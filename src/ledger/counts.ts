import { z } from 'zod'
import type { Counts } from '../refund/counts.ts'
import type { LedgerKeys } from './keys.ts'
import { luaScript, type RedisClient } from './script.ts'

const countScript = luaScript('./count.lua')
/** What is no number is not ours, and must not hide what is. */
const numbers = z
  .record(z.string(), z.string())
  .transform((texts) => Object.fromEntries(Object.entries(texts).flatMap(([name, text]) => number(name, text))))

function number(name: string, text: string): [string, number][] {
  return /^-?\d{1,15}$/.test(text) ? [[name, Number(text)]] : []
}

const SLOT_MS = 300_000
const SLOTS_OF_AN_HOUR = 12

/** Figures of the whole fleet, kept where the facts are; `src/refund/counts.ts` has their names. */
export function counts(redis: RedisClient, prefix: string, keys: LedgerKeys) {
  return {
    /** Counts something that changes no refund, e.g. `notice:bad_signature`. */
    async count(counted: Counts): Promise<void> {
      await countScript(redis, [keys.counts], [prefix, ...Object.entries(counted).flat()])
    },

    /** What was counted so far, e.g. `submit:accepted:0000`, `notice:duplicate`. */
    async counted(): Promise<Record<string, number>> {
      return numbers.parse(await redis.hgetall(keys.counts))
    },

    /** What was counted in the last hour, to within five minutes. */
    async countedLastHour(now: number): Promise<Record<string, number>> {
      const slot = Math.floor(now / SLOT_MS)
      const recent = Array.from({ length: SLOTS_OF_AN_HOUR + 1 }, (_, back) => keys.recent(slot - back))
      const slots = await Promise.all(recent.map(async (key) => numbers.parse(await redis.hgetall(key))))
      const sum: Record<string, number> = {}
      for (const [name, by] of slots.flatMap((each) => Object.entries(each))) sum[name] = (sum[name] ?? 0) + by
      return sum
    },

    /** Refunds by index, and their sums in fen: `state:waiting`, `state:waiting:fen`, `hold:silence`, ... */
    async sums(): Promise<Record<string, number>> {
      return numbers.parse(await redis.hgetall(keys.sums))
    },
  }
}
