import { z } from 'zod'
import type { RefundIdentity } from '../refund/job-data.ts'
import type { RefundRecord } from '../refund/record.ts'
import { decodeStored } from './codec.ts'
import { identityOf, type LedgerKeys } from './keys.ts'
import { luaScript, type RedisClient } from './script.ts'

/** A refund that succeeded, as far as books need it. */
export interface SettledRefund extends RefundIdentity {
  readonly fen: number
  /** `yyyyMMdd`; absent when the gateway never told it */
  readonly settle_date?: string
  /** when the ledger learned it, epoch ms */
  readonly settled_at: number
}

const settledScript = luaScript('./settled.lua', './record.lua')
const settledReply = z.tuple([z.number(), z.string(), z.array(z.string()), z.array(z.string())])

const BATCH = 1_000

/** Reading many refunds for their books. */
export function settledRefunds(redis: RedisClient, prefix: string, keys: LedgerKeys) {
  const index = keys.index('state:succeeded')
  return {
    /** How many refunds came to success since then, epoch ms. */
    async countSettledSince(since: number): Promise<number> {
      return redis.zcount(index, since, '+inf')
    },

    /**
     * Refunds that succeeded since then (epoch ms), oldest first, each once: those of the periods, and those whose day of
     * settlement is not known.
     *
     * @param periods `yyyyMMdd` or `yyyyMM`
     * @returns batches, each with the number of refunds that were looked at for it
     */
    async *settledIn(
      periods: readonly string[],
      since: number,
    ): AsyncGenerator<{ readonly looked: number; readonly refunds: readonly SettledRefund[] }> {
      let from = String(since)
      // those of the last score, which the next batch meets again
      let met = new Set<string>()
      while (true) {
        const limit = BATCH + met.size
        const reply = await settledScript(redis, [index], [prefix, from, limit, ...periods])
        const [looked, last, again, cells] = settledReply.parse(reply)
        const refunds: SettledRefund[] = []
        for (let at = 0; at < cells.length; at += 4) {
          const [name = '', fen, settle_date = '', score] = cells.slice(at, at + 4)
          if (met.has(name)) continue
          const told = { ...identityOf(name), fen: Number(fen), settled_at: Number(score) }
          refunds.push(settle_date === '' ? told : { ...told, settle_date })
        }
        yield { looked: looked - met.size, refunds }
        if (looked < limit) return
        met = new Set(again)
        from = last
      }
    },

    /** @returns for each number its record, `forgotten` when it was retired, or undefined when it is not known */
    async lookUp(ids: readonly RefundIdentity[]): Promise<(RefundRecord | 'forgotten' | undefined)[]> {
      const read = ids.length === 0 ? [] : await redis.mget(ids.map(keys.record))
      return ids.map((id, at) => {
        const { record, tombstone } = decodeStored(id, read[at])
        return tombstone ? 'forgotten' : record
      })
    },
  }
}
