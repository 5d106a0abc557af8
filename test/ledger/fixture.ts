import type { Redis } from 'ioredis'
import { type Decided, type DecideOptions, decide } from '../../src/flows/decide.ts'
import type { Log } from '../../src/flows/ports.ts'
import type { GatePolicy } from '../../src/ledger/gate.ts'
import { type LedgerKeys, ledgerKeys } from '../../src/ledger/keys.ts'
import { createLedger, type Ledger } from '../../src/ledger/ledger.ts'
import type { RefundEvent } from '../../src/refund/event.ts'
import type { RefundIdentity } from '../../src/refund/job-data.ts'
import type { JobSeen, LimitBreach, Observation, Permit } from '../../src/refund/observation.ts'
import type { Policy } from '../../src/refund/policy.ts'
import { RECORD_FORMAT, type RefundRecord } from '../../src/refund/record.ts'
import type { Snapshot } from '../../src/refund/snapshot.ts'
import { CLAIM_MS, claimUntil, DATA, PARTNER, POLICY, parse } from '../refund/builders.ts'
import { openRedis, testNamespace } from '../support/redis.ts'

export interface LedgerSettings {
  readonly onUnreadable?: (error: unknown) => void
  readonly policy?: Partial<Policy>
  readonly gate?: Partial<GatePolicy>
  readonly waitReplicas?: number
  /** another program on the same data */
  readonly beside?: TestLedger
  /** stands between the ledger and its connection */
  readonly through?: (redis: Redis) => Redis
}

export interface TestLedger {
  readonly ledger: Ledger
  readonly redis: Redis
  readonly prefix: string
  readonly keys: LedgerKeys
  readonly policy: Policy
  /** What the flows do: read, decide, write, and again when somebody else wrote first. */
  see(id: RefundIdentity, observe: Observe | Observation, options?: DecideOptions): Promise<Decided>
  /** The record as stored; fails when there is none. */
  record(id: RefundIdentity): Promise<RefundRecord>
  /** The events in the outbox, oldest first. */
  events(): Promise<RefundEvent[]>
  order(no_order: string): Promise<Record<string, number>>
}

type Observe = Parameters<typeof decide>[2]

function fail(error: unknown): never {
  throw error
}

export const silent: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

/** A ledger of the test's own, on the run's Redis. */
export function testLedger(settings: LedgerSettings = {}): TestLedger {
  const prefix = settings.beside?.prefix ?? testNamespace().ledgerPrefix
  const redis = openRedis()
  const policy: Policy = { ...POLICY, ...settings.policy }
  const keys = ledgerKeys(prefix)
  const ledger = createLedger(settings.through?.(redis) ?? redis, {
    prefix,
    policy,
    gate: { breakerMs: 1000, balanceMs: 1000, rateOf: () => undefined, ...settings.gate },
    retentionDays: 400,
    waitReplicas: settings.waitReplicas ?? 0,
    onUnreadable: settings.onUnreadable ?? fail,
  })
  return {
    ledger,
    redis,
    prefix,
    keys,
    policy,
    see: async (id, observe, options) =>
      await decide(
        { ledger, policy, random: () => 0.5, log: silent },
        id,
        typeof observe === 'function' ? observe : () => observe,
        options,
      ),
    record: async (id) => {
      const { record } = await ledger.read(id)
      if (record === undefined) throw new Error(`no record of ${id.no_refund}`)
      return record
    },
    events: async () => {
      const entries = await redis.xrange(keys.outbox, '-', '+')
      return entries.map(([, fields]) => JSON.parse(fields[1] ?? 'null'))
    },
    order: async (no_order) => {
      const sums = await redis.hgetall(`${prefix}:o:${PARTNER}:n:${no_order}`)
      return Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, Number(sum)]))
    },
  }
}

export function idOf(no_refund: string): RefundIdentity {
  return { oid_partner: PARTNER, no_refund }
}

/** A job of the queue `refund`, added now, with what the ledger knows of its number. */
export function seenJob(
  data: object = {},
  { permit, at = Date.now() }: { readonly permit?: Permit; readonly at?: number } = {},
): (snapshot: Snapshot, breaches?: readonly LimitBreach[]) => JobSeen {
  const parsed = parse({ ...DATA, ...data }, at)
  return ({ record: _record, now: _now, ...known }, breaches = []) => ({
    type: 'job',
    job: 'job-1',
    at,
    parsed,
    ...known,
    breaches,
    ...(permit && { permit }),
  })
}

/** A right to send that stands for as long as one really does. */
export function claim(token = 'token-1', deadline = Date.now() + CLAIM_MS): Permit {
  return claimUntil(deadline, token)
}

/** A refund that was accepted and waits. */
export async function accepted(at: TestLedger, data: object = {}): Promise<RefundRecord> {
  return await opened(at, data)
}

/** A refund whose request is under way, under `token-1`. */
export async function claimed(at: TestLedger, data: object = {}, permit = claim()): Promise<RefundRecord> {
  return await opened(at, data, permit)
}

async function opened(at: TestLedger, data: object, permit?: Permit): Promise<RefundRecord> {
  const { no_refund } = { ...DATA, ...data }
  const { record } = await at.see(idOf(no_refund), seenJob(data, { ...(permit && { permit }) }))
  if (record === undefined) throw new Error(`${no_refund} was not accepted`)
  return record
}

/** Changes what is stored of a refund, text for text, as another program or a broken disk would. */
export async function tamper(at: TestLedger, no_refund: string, change: (stored: string) => string): Promise<void> {
  const key = at.keys.record(idOf(no_refund))
  await at.redis.set(key, change((await at.redis.get(key)) ?? ''))
}

/** A later version of this program has written it. */
export const newerFormat = (stored: string) => stored.replace(/^\d+/, String(RECORD_FORMAT + 1))

/** As if the pause of a merchant's shut door were over: so it can be longer than a test takes on a slow machine. */
export async function endPause(
  at: TestLedger,
  { oid_partner }: { readonly oid_partner: string },
  door: 'breaker' | 'balance',
): Promise<void> {
  await at.redis.hset(at.keys.gate(oid_partner), `${door}_until`, 0)
}
