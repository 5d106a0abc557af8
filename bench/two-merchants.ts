import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Queue } from 'bullmq'
import { Redis } from 'ioredis'
import type { Engine, Gateway } from '../src/flows/ports.ts'
import { sweep } from '../src/flows/sweep.ts'
import type { GatePolicy } from '../src/ledger/gate.ts'
import { createLedger, type Ledger } from '../src/ledger/ledger.ts'
import { wakes } from '../src/queue/wakes.ts'
import { queryWorker, submitWorker } from '../src/queue/workers.ts'
import type { Policy } from '../src/refund/policy.ts'

/** The merchant that adds a backlog, and the one that adds a refund now and then; further ones with a backlog. */
export const LARGE = '201103171000000001'
export const SMALL = '201103171000000002'

export const furtherLarge = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `2011031710${String(index + 3).padStart(8, '0')}`)

export interface SetUp {
  readonly redisUrl: string
  readonly queuePrefix: string
  readonly ledgerPrefix: string
  /** jobs that each worker works on at once */
  readonly concurrency: number
  readonly gate?: Partial<GatePolicy>
  /** how long the gateway takes for a refund of the merchant */
  readonly gatewayMs: (oid_partner: string) => number
  readonly sweepMs?: number
  /** merchants beside the two */
  readonly further?: readonly string[]
}

export interface TwoMerchants {
  readonly ledger: Ledger
  readonly redis: Redis
  readonly refunds: Queue
  /** refunds in the order in which they came to the gateway, `<oid_partner>:<no_refund>`, and when, epoch ms */
  readonly sent: Map<string, number>
  /** refunds that were sent twice */
  readonly doubled: string[]
  add(oid_partner: string, numbers: readonly string[]): Promise<void>
  close(): Promise<void>
}

const DAY_MS = 86_400_000
const BATCH = 1000

/** The defaults of the settings; nothing here needs a second look. */
const policy: Policy = {
  retry: { baseMs: 2000, factor: 2, capMs: 3_600_000, jitter: 0.5 },
  maxAttempts: 12,
  quarantine: { short: { minAgeMs: 60_000, minCount: 2 }, full: { minAgeMs: 900_000, minCount: 3 } },
  queryDelaysMs: [900_000],
  queryGiveUpMs: 7 * DAY_MS,
  holdLookMs: 1_800_000,
  maxJobAgeMs: 30 * DAY_MS,
  orderMaxAgeMs: 180 * DAY_MS,
  graceMs: 20_000,
  heldEvents: false,
}

/** A fleet of one process for two merchants or more, before a gateway that pays everything after its time. */
export async function twoMerchants(setUp: SetUp): Promise<TwoMerchants> {
  const {
    redisUrl,
    queuePrefix: prefix,
    ledgerPrefix,
    concurrency,
    gate,
    gatewayMs,
    sweepMs = 1000,
    further = [],
  } = setUp
  const open = () => {
    const connection = new Redis(redisUrl, { maxRetriesPerRequest: null })
    connection.on('error', fail)
    return connection
  }
  const [redis, forWorkers, forSweeper] = [open(), open(), open()]
  const ledgerOn = (connection: Redis) =>
    createLedger(connection, {
      prefix: ledgerPrefix,
      policy,
      gate: { breakerMs: 10_000, balanceMs: policy.holdLookMs, rateOf: () => undefined, ...gate },
      retentionDays: 400,
      waitReplicas: 0,
      onUnreadable: fail,
    })
  const ledger = ledgerOn(redis)
  const sent = new Map<string, number>()
  const doubled: string[] = []
  const gateway: Gateway = {
    async submit({ oid_partner, no_refund }) {
      const name = `${oid_partner}:${no_refund}`
      if (sent.has(name)) doubled.push(name)
      sent.set(name, Date.now())
      await sleep(gatewayMs(oid_partner))
      return { kind: 'accepted', fields: { ret_code: '0000', sta_refund: '2', oid_refundno: no_refund } }
    },
    query: async () => ({ kind: 'inconclusive', reason: 'not expected', unreachable: false, fields: {} }),
  }
  const engine: Engine = {
    ledger,
    gatewayOf: () => gateway,
    policy,
    gatewayTimeoutMs: 30_000,
    clock: { wall: () => Date.now(), monotonic: () => performance.now() },
    random: Math.random,
    newToken: randomUUID,
    log: { debug: ignore, info: ignore, warn: ignore, error: fail },
  }
  const merchants = new Map(
    [LARGE, SMALL, ...further].map((partner) => [partner, { notifyUrl: 'https://merchant.example/' }]),
  )
  const settings = {
    connection: forWorkers,
    prefix,
    concurrency,
    lockDurationMs: 10_000,
    stalledIntervalMs: 5000,
    log: engine.log,
  }
  const workers = [submitWorker(engine, merchants, settings), queryWorker(engine, { ...settings, concurrency: 20 })]
  const hand = wakes(forSweeper, prefix, fail)
  const stopSweeper = sweeping()
  const refunds = new Queue('refund', { connection: redis, prefix })

  return {
    ledger,
    redis,
    refunds,
    sent,
    doubled,
    async add(oid_partner, numbers) {
      for (let from = 0; from < numbers.length; from += BATCH) {
        const data = (no_refund: string) => ({
          oid_partner,
          no_refund,
          money_refund: '1.00',
          no_order: `of-${no_refund}`,
        })
        const batch = numbers.slice(from, from + BATCH)
        await refunds.addBulk(batch.map((no_refund) => ({ name: 'refund', data: data(no_refund) })))
      }
    },
    async close() {
      await stopSweeper()
      await Promise.all(workers.map((worker) => worker.close()))
      await Promise.all([hand.close(), refunds.close()])
      for (const connection of [redis, forWorkers, forSweeper]) connection.disconnect()
    },
  }

  /** As `workers/roles.ts` does it. */
  function sweeping(): () => Promise<void> {
    const stopped = new AbortController()
    const options = { ledger: ledgerOn(forSweeper), wakes: hand, leaseMs: policy.graceMs, retentionMs: 400 * DAY_MS }
    const running = (async () => {
      while (!stopped.signal.aborted) {
        const { more, restMs = sweepMs } = await sweep(options)
        await sleep(more ? 0 : Math.min(restMs, sweepMs), undefined, { signal: stopped.signal }).catch(ignore)
      }
    })()
    return () => {
      stopped.abort()
      return running
    }
  }
}

const ignore = () => undefined

function fail(error: unknown): void {
  console.error(error)
}
