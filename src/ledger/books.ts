import { z } from 'zod'
import type { LedgerKeys } from './keys.ts'
import type { RedisClient } from './script.ts'

const kept = z.object({
  at: z.number(),
  differences: z.record(z.string(), z.number()),
  twice_in: z.array(z.string()).default([]),
})

/** How many of each kind; kinds of which there is none are left out. */
type Figures = Readonly<Record<string, number>>

/** What one comparison found, with all of a merchant's reports that were compared together. */
export interface BooksCompared {
  readonly oid_partner: string
  /** epoch ms */
  readonly at: number
  readonly found: readonly {
    /** `yyyyMMdd` or `yyyyMM` */
    readonly period: string
    readonly differences: Figures
    /** other periods in which a number of this one stands, too */
    readonly twice_in: readonly string[]
  }[]
}

/** The books of a merchant, over all periods that differ. */
export interface BooksView {
  readonly oid_partner: string
  /** when they were last compared, epoch ms */
  readonly at: number
  readonly differences: Figures
}

const LAST = 'last'
const MONTH = 6

/** Figures of reconciliation: periods that differ, until they are compared anew, and when a merchant's were last compared. */
export function books(redis: RedisClient, keys: LedgerKeys) {
  const fieldOf = (oid_partner: string, period: string) => `${oid_partner}:${period}`
  const fieldsOf = async () =>
    Object.entries(await redis.hgetall(keys.books)).map(([field, text]) => {
      const [oid_partner = '', period = ''] = field.split(':')
      const { at, differences, twice_in } = kept.parse(JSON.parse(text))
      return { field, oid_partner, period, at, differences, twice_in }
    })

  return {
    /**
     * Takes the place of what was found for the same periods, and for the days of the same months. Only numbers that
     * were found in several periods stay, until all of these are compared together: one alone has each of them once.
     */
    async keepCompared({ oid_partner, at, found }: BooksCompared): Promise<void> {
      const former = (await fieldsOf()).filter((one) => one.oid_partner === oid_partner && one.period !== LAST)
      for (const { period, differences, twice_in } of found) {
        const replaced = former.filter((one) => one.period.startsWith(period))
        const doubtful = replaced.filter((one) => one.twice_in.some((other) => !isAmong(other, found)))
        const field = fieldOf(oid_partner, period)
        const told = withTwice(differences, doubtful)
        const others = [...new Set([...twice_in, ...doubtful.flatMap((one) => one.twice_in)])]
        const differs = Object.keys(told).length > 0
        if (differs) await redis.hset(keys.books, field, JSON.stringify({ at, differences: told, twice_in: others }))
        const gone = replaced.map((one) => one.field).filter((one) => !differs || one !== field)
        if (gone.length > 0) await redis.hdel(keys.books, ...gone)
      }
      await redis.hset(keys.books, fieldOf(oid_partner, LAST), JSON.stringify({ at, differences: {} }))
    },

    /** A month that was compared counts for its days, and these only where they have more: nothing counts twice. */
    async comparedBooks(): Promise<BooksView[]> {
      const stored = Map.groupBy(await fieldsOf(), ({ oid_partner }) => oid_partner)
      return [...stored].map(([oid_partner, periods]) => {
        const months = Map.groupBy(periods, ({ period }) => period.slice(0, MONTH))
        const differences = sumOf(
          [...months.values()].map((month) => {
            const whole = month.filter(({ period }) => period.length === MONTH)
            const days = month.filter(({ period }) => period.length !== MONTH)
            return greaterOf(sumOf(whole.map(figures)), sumOf(days.map(figures)))
          }),
        )
        return { oid_partner, at: Math.max(...periods.map(({ at }) => at)), differences }
      })
    },
  }
}

const figures = ({ differences }: { readonly differences: Figures }) => differences

function isAmong(period: string, found: BooksCompared['found']): boolean {
  return found.some((one) => period.startsWith(one.period))
}

function withTwice(differences: Figures, doubtful: readonly { readonly differences: Figures }[]): Figures {
  const { twice = 0 } = sumOf(doubtful.map(figures))
  return twice === 0 ? differences : greaterOf(differences, { twice })
}

function sumOf(all: readonly Figures[]): Figures {
  const sums: Record<string, number> = {}
  for (const [kind, count] of all.flatMap((each) => Object.entries(each))) sums[kind] = (sums[kind] ?? 0) + count
  return sums
}

/** Of each kind the greater number. */
function greaterOf(one: Figures, other: Figures): Figures {
  const both = { ...one }
  for (const [kind, count] of Object.entries(other)) both[kind] = Math.max(both[kind] ?? 0, count)
  return both
}
