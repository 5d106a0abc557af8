import { z } from 'zod'
import type { RefundIdentity } from '../refund/job-data.ts'
import { redisNow } from './clock.ts'
import { type LedgerKeys, member } from './keys.ts'
import { luaScript, type RedisClient } from './script.ts'

export interface GatePolicy {
  /** pause while the gateway cannot be reached */
  readonly breakerMs: number
  /** pause of a merchant without balance */
  readonly balanceMs: number
  /** calls of the whole fleet for a merchant; `undefined`: no limit */
  readonly rateOf: (oid_partner: string) => { readonly max: number; readonly durationMs: number } | undefined
  /** merchants that this process can call for, by `oid_partner`; absent: all */
  readonly configured?: ReadonlyMap<string, unknown>
}

/** What a call has shown. `reached`: the gateway is there, and said nothing about the balance. */
export type CallReport = 'unreachable' | 'reached' | 'answered' | 'no_balance'

export type Admission =
  | { readonly go: true; readonly now: number; readonly watched: boolean }
  | { readonly go: false; readonly now: number; readonly until: number; readonly reason: string }

/** So many calls in a row without a connection shut the breaker: one broken socket should not stop a fleet. */
const FAILURES_TO_SHUT = 5

const admitScript = luaScript('./admit.lua')
const reportScript = luaScript('./report-call.lua')
const admitReply = z.tuple([z.number(), z.number(), z.string(), z.number()])

/** Whether nothing but a door or a stop can keep this process from calling for a merchant. */
export function isUnlimited({ rateOf, configured }: GatePolicy, oid_partner: string): boolean {
  return rateOf(oid_partner) === undefined && (!configured || configured.has(oid_partner))
}

/** Who may call the gateway now: the call rate, the breaker and the balance of each merchant, for the whole fleet. */
export function gate(redis: RedisClient, keys: LedgerKeys, policy: GatePolicy) {
  const { breakerMs, balanceMs, rateOf, configured } = policy
  return {
    /**
     * Asks leave for one call; takes a token of the call rate when it is given. `until` is when it may be known better:
     * what waits in a line (see `line-up.lua`) need not ask again by itself.
     */
    async admit(id: RefundIdentity, call: 'send' | 'resend' | 'lift' | 'query'): Promise<Admission> {
      const rate = rateOf(id.oid_partner)
      if (configured && !configured.has(id.oid_partner)) {
        const now = await redisNow(redis)
        return { go: false, now, until: now + balanceMs, reason: 'the merchant is not configured here' }
      }
      const reply = await admitScript(
        redis,
        [
          keys.gate(id.oid_partner),
          keys.rate(id.oid_partner),
          keys.stop,
          keys.called(id.oid_partner),
          keys.line(call === 'query' || call === 'lift' ? 'query' : 'send', id.oid_partner),
        ],
        [member(id), call, breakerMs, balanceMs, rate?.max ?? 0, rate?.durationMs ?? 0],
      )
      const [now, until, reason, watched] = admitReply.parse(reply)
      return until === 0 ? { go: true, now, watched: watched === 1 } : { go: false, now, until, reason }
    },

    async report(id: RefundIdentity, report: CallReport): Promise<void> {
      await reportScript(redis, [keys.gate(id.oid_partner)], [report, breakerMs, balanceMs, FAILURES_TO_SHUT])
    },
  }
}
