import { z } from 'zod'
import type { Counts } from '../refund/counts.ts'
import { OPEN_STATES } from '../refund/record.ts'
import { INDEXES, type IndexName, type LedgerKeys } from './keys.ts'
import { luaScript, type RedisClient } from './script.ts'

const countScript = luaScript('./count.lua')
/** What is no number is not ours, and must not hide what is. */
const numbers = z
  .record(z.string(), z.string())
  .transform((texts) => Object.fromEntries(Object.entries(texts).flatMap(([name, text]) => number(name, text))))

function number(name: string, text: string): [string, number][] {
  return /^-?\d{1,15}$/.test(text) ? [[name, Number(text)]] : []
}

export const sumSchema = z.object({ count: z.number(), fen: z.number() })
const byIndex = z.record(z.enum(INDEXES), sumSchema)

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

    /** How many refunds stand in each index, and what they come to. */
    async sums(): Promise<z.infer<typeof byIndex>> {
      const [money, ...standing] = await Promise.all([
        redis.hgetall(keys.money),
        ...INDEXES.map(async (index) => [index, await redis.zcard(keys.index(index))] as const),
      ])
      const fen = numbers.parse(money)
      const open = OPEN_STATES.reduce((sum, state) => sum + (fen[`state:${state}`] ?? 0), 0)
      const of = (index: IndexName) => (index === 'open' ? open : (fen[index] ?? 0))
      return byIndex.parse(Object.fromEntries(standing.map(([index, count]) => [index, { count, fen: of(index) }])))
    },
  }
}
