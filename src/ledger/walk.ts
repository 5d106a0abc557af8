import type { RefundRecord } from '../refund/record.ts'
import { decodeStored } from './codec.ts'
import { type IndexName, identityOf, type LedgerKeys } from './keys.ts'
import type { RedisClient } from './script.ts'

export interface WalkOptions {
  /** default: oldest first */
  readonly newestFirst?: boolean
  /** only what came in since then, epoch ms */
  readonly since?: number
}

const BATCH = 500

/** Reading many refunds while others change them. */
export function walking(redis: RedisClient, keys: LedgerKeys, onUnreadable: (error: unknown) => void) {
  async function recordsOf(members: readonly string[]): Promise<RefundRecord[]> {
    const ids = members.map(identityOf)
    const read = ids.length === 0 ? [] : await redis.mget(ids.map(keys.record))
    return ids.flatMap((id, at) => {
      try {
        const { record } = decodeStored(id, read[at])
        return record ? [record] : []
      } catch (error) {
        onUnreadable(error)
        return []
      }
    })
  }

  return {
    /** Every refund of an index that stands in it from first to last, each once, by when it came in. */
    async *walk(index: IndexName, { newestFirst = false, since }: WalkOptions = {}): AsyncGenerator<RefundRecord> {
      const key = keys.index(index)
      const least = since === undefined ? '-inf' : String(since)
      let from = newestFirst ? '+inf' : least
      // those of the last score, which the next batch meets again
      let met = new Set<string>()
      while (true) {
        const limit = BATCH + met.size
        const reply = newestFirst
          ? await redis.zrevrangebyscore(key, from, least, 'WITHSCORES', 'LIMIT', 0, limit)
          : await redis.zrangebyscore(key, from, '+inf', 'WITHSCORES', 'LIMIT', 0, limit)
        const found = pairs(reply)
        const fresh = found.filter(([name]) => !met.has(name))
        yield* await recordsOf(fresh.map(([name]) => name))
        if (found.length < limit) return
        const last = found.at(-1)?.[1] ?? from
        met = new Set(found.filter(([, score]) => score === last).map(([name]) => name))
        from = last
      }
    },
  }
}

function pairs(flat: readonly string[]): [string, string][] {
  return flat.flatMap((name, at): [string, string][] => (at % 2 === 0 ? [[name, flat[at + 1] ?? '']] : []))
}
