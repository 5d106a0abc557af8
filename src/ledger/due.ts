import { z } from 'zod'
import { FINAL_STATES, RECORD_FORMAT, type RefundRecord } from '../refund/record.ts'
import { decodeRecord } from './codec.ts'
import type { LedgerKeys } from './keys.ts'
import { luaScript, type RedisClient } from './script.ts'

const takeScript = luaScript('./take-due.lua')
const retireScript = luaScript('./retire.lua')
const takeReply = z.array(z.tuple([z.string().nullable(), z.string().nullable(), z.string().nullable(), z.string()]))

/** The index of everything that is not settled, by when it must be looked at, and the end of what is. */
export function dueIndex(redis: RedisClient, prefix: string, keys: LedgerKeys, onUnreadable: (error: unknown) => void) {
  return {
    /** Takes what is due, each under a lease. One that cannot be read is told, and does not stop the others. */
    async takeDue(limit: number, leaseMs: number): Promise<RefundRecord[]> {
      const reply = await takeScript(redis, [keys.due], [prefix, limit, leaseMs, RECORD_FORMAT])
      return takeReply.parse(reply).flatMap(([format, version, token, data]) => {
        try {
          return [decodeRecord({ format, version, token, data })]
        } catch (error) {
          onUnreadable(error)
          return []
        }
      })
    },

    /** Shrinks records settled longer than `keepMs` ago to tombstones; returns how many. */
    async retire(keepMs: number, limit: number): Promise<number> {
      let retired = 0
      for (const state of FINAL_STATES) {
        const index = `state:${state}` as const
        const reply = await retireScript(
          redis,
          [keys.index(index), keys.sums],
          [prefix, keepMs, limit, RECORD_FORMAT, index],
        )
        retired += z.number().parse(reply)
      }
      return retired
    },
  }
}
