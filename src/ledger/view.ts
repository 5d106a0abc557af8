import { z } from 'zod'
import { HOLD_REASONS, STATES } from '../refund/record.ts'
import { aliveIndex, HEARD_WITHIN_MS } from './alive.ts'
import { books } from './books.ts'
import { redisNow } from './clock.ts'
import { counts, sumSchema } from './counts.ts'
import type { IndexName, LedgerKeys } from './keys.ts'
import { operating, readStop } from './operating.ts'
import type { RedisClient } from './script.ts'
import { toldSettings } from './told-settings.ts'

const OPERATIONS = 20

const byState = z.record(z.enum(STATES), sumSchema)
const byReason = z.record(z.enum(HOLD_REASONS), sumSchema)

/** Everything about the fleet that the ledger knows, at one moment; see `LedgerView` in `src/flows/overview.ts`. */
export function viewing(redis: RedisClient, prefix: string, keys: LedgerKeys) {
  const figures = counts(redis, prefix, keys)

  async function oldest(index: IndexName) {
    const [name, since] = await redis.zrange(keys.index(index), '0', '0', 'WITHSCORES')
    if (name === undefined) return undefined
    const [oid_partner = '', no_refund = ''] = name.split(':')
    return { oid_partner, no_refund, since: Number(since) }
  }

  async function outbox() {
    const count = await redis.xlen(keys.outbox)
    const [first] = await redis.xrange(keys.outbox, '-', '+', 'COUNT', 1)
    return { count, ...(first && { since: Number.parseInt(first[0], 10) }) }
  }

  async function overdue(now: number) {
    const count = await redis.zcount(keys.due, '-inf', now)
    const [, since] = await redis.zrange(keys.due, '0', '0', 'WITHSCORES')
    return { count, ...(count > 0 && since !== undefined && { since: Number(since) }) }
  }

  async function gateOf(oid_partner: string, now: number) {
    const gate = await redis.hgetall(keys.gate(oid_partner))
    const stopped = readStop(gate.stopped)
    return {
      oid_partner,
      breaker: door(gate.breaker_until, gate.breaker_prober, now),
      balance: door(gate.balance_until, gate.balance_prober, now),
      ...(stopped && { stopped }),
    }
  }

  async function unconfigured(merchants: readonly string[]) {
    const waiting = await redis.smembers(keys.lines)
    const unknown = waiting.filter((oid_partner) => !merchants.includes(oid_partner))
    const counted = unknown.map(async (oid_partner) => {
      const lines = await Promise.all([
        redis.zcard(keys.line('send', oid_partner)),
        redis.zcard(keys.line('query', oid_partner)),
      ])
      return { oid_partner, refunds: lines[0] + lines[1] }
    })
    return (await Promise.all(counted)).filter(({ refunds }) => refunds > 0)
  }

  return {
    /** @param merchants those of the settings */
    async view(merchants: readonly string[]) {
      const now = await redisNow(redis)
      const [summed, counted, lastHour, oldestOpen, oldestUnknown, oldestHeld, events, due, gates, stop] =
        await Promise.all([
          figures.sums(),
          figures.counted(),
          figures.countedLastHour(now),
          oldest('open'),
          oldest('state:unknown'),
          oldest('held'),
          outbox(),
          overdue(now),
          Promise.all(merchants.map(async (merchant) => gateOf(merchant, now))),
          redis.get(keys.stop),
        ])
      const told = toldSettings(redis, keys)
      const [unmatched, processes, operations, compared, safeStart, loaded, allKeys, strangers] = await Promise.all([
        redis.xlen(keys.unmatched),
        aliveIndex(redis, keys).alive(),
        operating(redis, keys).operations(OPERATIONS),
        books(redis, keys).comparedBooks(),
        redis.get(keys.safeStart),
        told.loadedSettings(),
        told.toldKeys(),
        unconfigured(merchants),
      ])
      const stopped = readStop(stop)
      return {
        now,
        states: byState.parse(Object.fromEntries(STATES.map((state) => [state, summed[`state:${state}`]]))),
        open: summed.open,
        held: summed.held,
        holds: byReason.parse(Object.fromEntries(HOLD_REASONS.map((reason) => [reason, summed[`hold:${reason}`]]))),
        contradicted: summed.contradicted,
        unmatched,
        ...(oldestOpen && { oldestOpen }),
        ...(oldestUnknown && { oldestUnknown }),
        ...(oldestHeld && { oldestHeld }),
        outbox: events,
        due,
        counts: counted,
        lastHour,
        gates,
        unconfigured: strangers,
        loaded: loaded.filter(({ seen }) => now - seen < HEARD_WITHIN_MS).map(({ seen: _seen, ...one }) => one),
        keys: allKeys,
        ...(stopped && { stopped }),
        alive: processes,
        operations,
        books: compared,
        ...(safeStart !== null && { safeStart: Number(safeStart) }),
      }
    },
  }
}

/** As `admit.lua` reads it: shut until its time, then open for the prober alone until its call has shown something. */
function door(until: string | undefined, prober: string | undefined, now: number): 'open' | 'shut' | 'probing' {
  if (until === undefined) return 'open'
  return prober !== undefined && prober !== '' && Number(until) > now ? 'probing' : 'shut'
}
