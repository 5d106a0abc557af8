import { z } from 'zod'
import { FINAL_STATES, RECORD_FORMAT, type RefundRecord } from '../refund/record.ts'
import { decodeRecord } from './codec.ts'
import type { GatePolicy } from './gate.ts'
import { identityOf, type LedgerKeys } from './keys.ts'
import { luaScript, type RedisClient } from './script.ts'

const lineUpScript = luaScript('./line-up.lua', './record.lua', './call-of.lua')
const callUpScript = luaScript('./call-up.lua', './record.lua', './call-of.lua')
const retireScript = luaScript('./retire.lua', './record.lua')
const taken = z.array(z.tuple([z.string(), z.string()]))
const lineUpReply = z.tuple([z.literal([0, 1]), z.array(z.string()), taken])
const callUpReply = z.tuple([z.number(), taken])

const NOBODY: z.infer<typeof callUpReply> = [-1, []]

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
  async function callUp(waiting: readonly string[], limit: number, leaseMs: number) {
    const rates = waiting.map((oid_partner) => {
      const { max = 0, durationMs = 0 } = rateOf(oid_partner) ?? {}
      return [oid_partner, max, durationMs]
    })
    return callUpReply.parse(
      await callUpScript(
        redis,
        [keys.due, keys.lines, keys.stop],
        [prefix, limit, leaseMs, RECORD_FORMAT, CALLED_AT_ONCE, LINE_NET_MS, balanceMs, JSON.stringify(rates)],
      ),
    )
  }

  const readable = ([name, stored]: readonly [string, string]): RefundRecord[] => {
    try {
      return [decodeRecord(identityOf(name), stored)]
    } catch (error) {
      onUnreadable(error)
      return []
    }
  }

  return {
    /**
     * Takes what is due and may be looked at now, each under a lease: what must call the gateway waits in the line of its
     * merchant until it may. One that cannot be read is told, and does not stop the others.
     */
    async takeDue(limit: number, leaseMs: number): Promise<Taken> {
      const [more, partners, due] = lineUpReply.parse(
        await lineUpScript(redis, [keys.due, keys.lines], [prefix, limit, leaseMs, RECORD_FORMAT, LINE_NET_MS]),
      )
      const waiting = partners.filter((oid_partner) => !configured || configured.has(oid_partner))
      const [rest, called] = waiting.length > 0 ? await callUp(waiting, limit - due.length, leaseMs) : NOBODY
      const restMs = more === 1 ? 0 : rest
      return { records: [...due, ...called].flatMap(readable), ...(restMs >= 0 && { restMs }) }
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
