import { z } from 'zod'
import { FINAL_STATES, RECORD_FORMAT, type RefundRecord } from '../refund/record.ts'
import { decodeRecord } from './codec.ts'
import type { GatePolicy } from './gate.ts'
import { identityOf, type LedgerKeys } from './keys.ts'
import { luaScript, type RedisClient } from './script.ts'

const takeScript = luaScript('./take-due.lua', './record.lua')
const retireScript = luaScript('./retire.lua', './record.lua')
const takeReply = z.tuple([z.number(), z.array(z.tuple([z.string(), z.string()]))])

/** So many may be on their way to a call at once, of all merchants together: the queues stay short for whoever comes. */
export const CALLED_AT_ONCE = 100
/** Who waits in a line is found in `due` as well, this much later: by a version that knows no lines. */
export const LINE_NET_MS = 30 * 60_000

export interface Taken {
  readonly records: readonly RefundRecord[]
  /** when somebody else of those who wait may be called, where that is known */
  readonly restMs?: number
}

/** The index of everything that is not settled, by when it must be looked at, and the end of what is. */
export function dueIndex(
  redis: RedisClient,
  prefix: string,
  keys: LedgerKeys,
  { balanceMs, rateOf, configured }: Pick<GatePolicy, 'balanceMs' | 'rateOf' | 'configured'>,
  onUnreadable: (error: unknown) => void,
) {
  return {
    /**
     * Takes what is due and may be looked at now, each under a lease: what must call the gateway waits in the line of its
     * merchant until it may. One that cannot be read is told, and does not stop the others.
     */
    async takeDue(limit: number, leaseMs: number): Promise<Taken> {
      const waiting = await redis.smembers(keys.lines)
      const rates = waiting.flatMap((oid_partner) => {
        const rate = rateOf(oid_partner)
        return rate ? [[oid_partner, [rate.max, rate.durationMs]] as const] : []
      })
      const reply = await takeScript(
        redis,
        [keys.due, keys.lines, keys.stop],
        [
          prefix,
          limit,
          leaseMs,
          RECORD_FORMAT,
          CALLED_AT_ONCE,
          LINE_NET_MS,
          balanceMs,
          JSON.stringify(Object.fromEntries(rates)),
          JSON.stringify(configured ? Object.fromEntries([...configured.keys()].map((each) => [each, 1])) : false),
        ],
      )
      const [rest, found] = takeReply.parse(reply)
      const records = found.flatMap(([name, stored]) => {
        try {
          return [decodeRecord(identityOf(name), stored)]
        } catch (error) {
          onUnreadable(error)
          return []
        }
      })
      return { records, ...(rest >= 0 && { restMs: rest }) }
    },

    /** Shrinks records settled longer than `keepMs` ago to tombstones; returns how many. */
    async retire(keepMs: number, limit: number): Promise<number> {
      let retired = 0
      for (const state of FINAL_STATES) {
        const index = `state:${state}` as const
        const reply = await retireScript(
          redis,
          [keys.index(index), keys.money],
          [prefix, keepMs, limit, RECORD_FORMAT, index],
        )
        retired += z.number().parse(reply)
      }
      return retired
    },
  }
}
