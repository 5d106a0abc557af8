import { Queue } from 'bullmq'
import type { Cluster, Redis } from 'ioredis'
import type { SimulatorOptions } from '../../src/simulator/options.ts'
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts'
import type { Defence } from '../defences/names.ts'
import { findLeaks } from '../e2e/leaked-secrets.ts'
import { fleetSettings, gatewayKeys, merchantKeys, PARTNER } from '../e2e/settings.ts'
import { eventually } from '../support/eventually.ts'
import { freePort } from '../support/free-port.ts'
import { type CaseRedis, singleRedis } from './case-redis.ts'
import { type Asked, judge } from './judge.ts'
import type { Mode } from './mode.ts'
import { ROLES, type WorkerPlan } from './plan.ts'
import { type Subscriber, startSubscriber } from './subscriber.ts'
import { startWorker, type WorkerUnderTest } from './worker-under-test.ts'

export interface StageOptions {
  /** ended with the stage; default: one durable server */
  readonly redis?: CaseRedis
  /** for every worker, over those of the suite */
  readonly settings?: Readonly<Record<string, string>>
  readonly simulator?: Partial<SimulatorOptions>
}

type StartOptions = Partial<WorkerPlan> & { readonly settings?: Readonly<Record<string, string>> }

/** A gateway, a Redis, a producer, a subscriber and as many workers as a case wants. */
export interface Stage {
  readonly simulator: Simulator
  readonly redis: CaseRedis
  /** the producer's own connection */
  readonly connection: Redis | Cluster
  readonly refunds: Queue
  readonly subscriber: Subscriber
  readonly workers: readonly WorkerUnderTest[]
  readonly notifyUrl: string
  /** Starts a worker: every role, without the servers when another has them already. Resolves when it has started. */
  start(options?: StartOptions): Promise<WorkerUnderTest>
  /**
   * Adds a refund of 1.00 yuan unless the data say otherwise, as a foreign service would. Resolves when Redis has
   * acknowledged it: from then on it may not be lost.
   *
   * @param through another producer's queue; default `refunds`
   */
  add(no_refund: string, data?: Readonly<Record<string, unknown>>, through?: Pick<Queue, 'add'>): Promise<void>
  /** Adds that many; returns their numbers. */
  addMany(count: number, name?: string): Promise<readonly string[]>
  /** Waits until every one of these has its completion event. */
  completed(numbers: readonly string[]): Promise<void>
  /** These may end held, which nothing else may. */
  mayBeHeld(...numbers: readonly string[]): void
  /** Jobs of these may fail: their data is at fault. */
  mayFail(...numbers: readonly string[]): void
  /** Called when the stage is left, last in, first out. */
  onEnd(step: () => unknown): void
}

const DRAIN_MS = 90_000
/** Roles of which many processes may stand side by side on one machine: none of them listens. */
const WORKING = ['submit', 'query', 'publish'] as const

export async function openStage(
  mode: Mode,
  options: StageOptions,
  without?: Defence,
): Promise<Stage & { verdict(): Promise<readonly string[]>; end(): Promise<void> }> {
  const ends: (() => unknown)[] = []
  const redis = options.redis ?? (await singleRedis())
  ends.push(() => redis.stop())
  const ports = { receiver: await freePort(), admin: await freePort() }
  const simulator = await startSimulator({
    merchants: [{ oid_partner: PARTNER, publicKey: merchantKeys.publicKey }],
    gatewayPrivateKey: gatewayKeys.privateKey,
    repeated: mode,
    settleMs: 50,
    notifyRepeatMs: 200,
    ...options.simulator,
  })
  ends.push(() => simulator.stop())
  const settings: Readonly<Record<string, string>> = {
    ...fleetSettings(simulator, ports),
    HELD_EVENTS: 'true',
    ...redis.settings,
    ...options.settings,
  }
  const connection = redis.connect()
  ends.push(() => connection.disconnect())
  const refunds = new Queue('refund', { connection, prefix: redis.queuePrefix })
  refunds.on('error', () => {})
  const listening = redis.connect()
  ends.push(() => listening.disconnect())
  const subscriber = startSubscriber(listening, redis.queuePrefix)
  ends.push(() => subscriber.close())
  const workers: WorkerUnderTest[] = []
  ends.push(async () => Promise.all(workers.map((worker) => worker.kill())))

  const asked = new Map<string, Asked>()
  const held = new Set<string>()
  const failing = new Set<string>()
  const alive = () => workers.filter((worker) => !worker.hasEnded())
  const completions = () =>
    new Set([...subscriber.events.values()].flatMap(({ subject, type }) => (type === 'refund.held' ? [] : subject)))

  const stage: Stage = {
    simulator,
    redis,
    connection,
    refunds,
    subscriber,
    workers,
    notifyUrl: settings.LIANLIAN_NOTIFY_URL ?? '',
    async start({ settings: more = {}, ...plan } = {}) {
      const served = alive().some(({ plan: { roles } }) => roles.includes('receive'))
      const worker = startWorker(
        { roles: served ? WORKING : ROLES, ...(without && { without }), ...plan },
        { ...settings, ...more },
      )
      workers.push(worker)
      await worker.started()
      return worker
    },
    async add(no_refund, data = {}, through = refunds) {
      const full = { no_refund, money_refund: '1.00', no_order: `order-${no_refund}`, ...data }
      await through.add('refund', full)
      asked.set(no_refund, full)
    },
    async addMany(count, name = 'R') {
      const numbers = Array.from({ length: count }, (_, index) => `${name}${String(index).padStart(4, '0')}`)
      for (let from = 0; from < count; from += 100) {
        await Promise.all(numbers.slice(from, from + 100).map((no_refund) => stage.add(no_refund)))
      }
      return numbers
    },
    async completed(numbers) {
      await eventually(
        () => {
          const done = completions()
          return numbers.every((no_refund) => done.has(no_refund))
        },
        { timeoutMs: DRAIN_MS, intervalMs: 50 },
      )
    },
    mayBeHeld(...numbers) {
      for (const no_refund of numbers) held.add(no_refund)
    },
    mayFail(...numbers) {
      for (const no_refund of numbers) failing.add(no_refund)
    },
    onEnd: (step) => ends.push(step),
  }

  return {
    ...stage,
    async verdict() {
      const undrained = await drain()
      return [
        ...undrained,
        ...judge({ asked, held, events: subscriber.events, book: simulator.book, requests: simulator.requests }),
        ...subscriber.changed.map((id) => `the event ${id} came with two different bodies`),
        ...(await failedJobs()),
        ...findLeaks(workers, simulator.requests, settings).map((leak) => `in the log of ${leak}`),
      ]
    },
    async end() {
      for (const step of ends.toReversed()) await step()
    },
  }

  /** Every acknowledged refund has an outcome or waits for a person, and no job is left. */
  async function drain(): Promise<readonly string[]> {
    if (alive().length === 0) await stage.start()
    const told = new Set<string>()
    const done = () => {
      for (const { subject } of subscriber.events.values()) told.add(subject)
      return [...asked.keys()].every((no_refund) => told.has(no_refund))
    }
    try {
      await eventually(
        async () => {
          if (!done()) return false
          const counts = await refunds.getJobCounts('waiting', 'active', 'delayed', 'prioritized')
          return Object.values(counts).every((count) => count === 0)
        },
        { timeoutMs: DRAIN_MS, intervalMs: 100 },
      )
      return []
    } catch (error) {
      return [`not drained: ${error instanceof Error ? error.message : String(error)}`]
    }
  }

  async function failedJobs(): Promise<readonly string[]> {
    const failed = await refunds.getFailed()
    return failed
      .filter(({ data }) => !failing.has(String(data?.no_refund)))
      .map(({ id, failedReason }) => `the job ${id} failed: ${failedReason}`)
  }
}
