/** What the demo reads of the ledger: figures for the display, who is held, and the trails for the summary. */
import type { Cluster, Redis } from 'ioredis'
import { z } from 'zod'
import { trailIn } from '../ledger/codec.ts'
import { counts } from '../ledger/counts.ts'
import { ledgerKeys } from '../ledger/keys.ts'
import { STATES } from '../refund/record.ts'

const trailLine = z.looseObject({
  at: z.number(),
  observation: z.string(),
  from: z.string(),
  to: z.string(),
  note: z.string(),
})
export type TrailStep = z.infer<typeof trailLine>

const BATCH = 500

export function ledgerView(redis: Redis | Cluster, prefix: string, oid_partner: string) {
  const keys = ledgerKeys(prefix)
  const figures = counts(redis, prefix, keys)

  async function trail(no_refund: string): Promise<TrailStep[]> {
    const stored = await redis.get(keys.record({ oid_partner, no_refund }))
    return trailIn(stored).map((line) => trailLine.parse(JSON.parse(line)))
  }

  return {
    /** Refunds by state. */
    async states(): Promise<Record<string, number>> {
      const sums = await figures.sums()
      return Object.fromEntries(STATES.map((state) => [state, sums[`state:${state}`].count]))
    },

    /** Return codes and notifications met, e.g. `submit:0000`. */
    counted: async () => figures.counted(),

    /** Numbers of the open refunds that wait for a person. */
    async held(): Promise<Set<string>> {
      const members = await redis.zrange(keys.index('held'), 0, '-1')
      return new Set(members.map((member) => member.slice(oid_partner.length + 1)))
    },

    async trails(numbers: readonly string[]): Promise<TrailStep[][]> {
      const trails: TrailStep[][] = []
      for (let next = 0; next < numbers.length; next += BATCH) {
        trails.push(...(await Promise.all(numbers.slice(next, next + BATCH).map(trail))))
      }
      return trails
    },
  }
}

export type LedgerView = ReturnType<typeof ledgerView>
