import { z } from 'zod'
import type { LedgerKeys } from './keys.ts'
import type { RedisClient } from './script.ts'

const kept = z.object({ at: z.number(), differences: z.record(z.string(), z.number()) })

/** What a comparison with one of LianLian's reports found. */
export interface BooksCompared {
  readonly oid_partner: string
  /** `yyyyMMdd` or `yyyyMM` */
  readonly period: string
  /** epoch ms */
  readonly at: number
  /** how many of each kind; kinds of which there is none are left out */
  readonly differences: Readonly<Record<string, number>>
}

/** The books of a merchant, over all periods that differ. */
export interface BooksView {
  readonly oid_partner: string
  /** when they were last compared, epoch ms */
  readonly at: number
  /** how many of each kind */
  readonly differences: Readonly<Record<string, number>>
}

const LAST = 'last'

/** Figures of reconciliation: periods that differ, until they are compared anew, and when a merchant's were last compared. */
export function books(redis: RedisClient, keys: LedgerKeys) {
  const fieldOf = (oid_partner: string, period: string) => `${oid_partner}:${period}`
  return {
    /** Takes the place of what was found for the same period, and of the days of the same month. */
    async keepCompared({ oid_partner, period, at, differences }: BooksCompared): Promise<void> {
      const fields = await redis.hkeys(keys.books)
      const replaced = fields.filter((field) => field.startsWith(fieldOf(oid_partner, period)))
      if (replaced.length > 0) await redis.hdel(keys.books, ...replaced)
      const text = JSON.stringify({ at, differences })
      if (Object.keys(differences).length > 0) await redis.hset(keys.books, fieldOf(oid_partner, period), text)
      await redis.hset(keys.books, fieldOf(oid_partner, LAST), JSON.stringify({ at, differences: {} }))
    },

    async comparedBooks(): Promise<BooksView[]> {
      const stored = Object.entries(await redis.hgetall(keys.books))
      const views = new Map<string, { at: number; differences: Record<string, number> }>()
      for (const [field, text] of stored) {
        const [oid_partner = ''] = field.split(':')
        const { at, differences } = kept.parse(JSON.parse(text))
        const view = views.get(oid_partner) ?? { at: 0, differences: {} }
        for (const [kind, count] of Object.entries(differences)) {
          view.differences[kind] = (view.differences[kind] ?? 0) + count
        }
        views.set(oid_partner, { ...view, at: Math.max(view.at, at) })
      }
      return [...views].map(([oid_partner, { at, differences }]) => ({ oid_partner, at, differences }))
    },
  }
}
