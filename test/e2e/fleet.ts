import { randomUUID } from 'node:crypto'
import { Queue } from 'bullmq'
import { Redis } from 'ioredis'
import { inject } from 'vitest'
import { z } from 'zod'
import { decodeRecord } from '../../src/ledger/codec.ts'
import type { SimulatorOptions } from '../../src/simulator/options.ts'
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts'
import { eventually, type Patience } from '../support/eventually.ts'
import { freePort } from '../support/free-port.ts'
import { forTests } from '../support/redis-users.ts'
import { findLeaks } from './leaked-secrets.ts'
import { fleetSettings, gatewayKeys, merchantKeys, PARTNER } from './settings.ts'
import { type Program, startProgram, type WorkerProcess } from './worker-process.ts'

/** A completion event as a subscriber reads it, no field taken for granted. */
const eventSchema = z.looseObject({
  id: z.string(),
  type: z.string(),
  subject: z.string(),
  data: z.looseObject({}),
})
export type FleetEvent = z.infer<typeof eventSchema>

export interface RefundData {
  readonly no_refund: string
  readonly [field: string]: unknown
}

/** What the ledger says of a refund (DESIGN, the record). */
export interface Standing {
  readonly state: string
  readonly holds: readonly string[]
  readonly contradiction: boolean
}

export interface FleetOptions {
  /** default: everything in one process */
  readonly programs?: readonly Program[]
  readonly settings?: Readonly<Record<string, string>>
  readonly simulator?: Partial<SimulatorOptions>
  /** default: the run's Redis */
  readonly redisUrl?: string
  /** leaves QUEUE_PREFIX and LEDGER_PREFIX unset; only on a Redis of the test's own */
  readonly defaultPrefixes?: boolean
}

/** A gateway, workers as real processes, and a producer and subscriber that know only the contract. */
export interface Fleet {
  readonly simulator: Simulator
  readonly settings: Readonly<Record<string, string>>
  /** the producer's side: a plain BullMQ queue */
  readonly refunds: Queue
  readonly redis: Redis
  readonly notifyUrl: string
  readonly adminUrl: string
  readonly workers: readonly WorkerProcess[]
  queue(name: string): Queue
  /** Starts one more process; resolves when it has started. */
  start(program: Program, settings?: Readonly<Record<string, string>>): Promise<WorkerProcess>
  /** Adds a refund of 1.00 yuan unless the data say otherwise. */
  add(data: RefundData, options?: Parameters<Queue['add']>[2]): Promise<string>
  /** Waits for a refund's first completion event. */
  event(no_refund: string, patience?: Patience): Promise<FleetEvent>
  /** All events of a refund, or of all, that subscribers of this queue can see. */
  events(no_refund?: string, queue?: string): Promise<FleetEvent[]>
  standing(no_refund: string): Promise<Standing | undefined>
  /** Waits until a refund is held. */
  held(no_refund: string, patience?: Patience): Promise<Standing>
  /** How often money moved for a refund. */
  moved(no_refund: string): number
  submits(no_refund: string): Simulator['requests']
  queries(no_refund: string): Simulator['requests']
  /** Ends every process and removes every key. @throws when a secret was written anywhere */
  stop(): Promise<void>
}

export async function startFleet(options: FleetOptions = {}): Promise<Fleet> {
  const { programs = ['all'], redisUrl = inject('redisUrl') } = options
  const name = `e2e-${randomUUID()}`
  const [receiverPort, adminPort] = [await freePort(), await freePort()]
  const simulator = await startSimulator({
    merchants: [{ oid_partner: PARTNER, publicKey: merchantKeys.publicKey }],
    gatewayPrivateKey: gatewayKeys.privateKey,
    repeated: 'pay_again',
    settleMs: 50,
    notifyRepeatMs: 200,
    ...options.simulator,
  })
  const settings: Record<string, string> = {
    ...fleetSettings(simulator, { receiver: receiverPort, admin: adminPort }),
    REDIS_URL: redisUrl,
    ...(options.defaultPrefixes !== true && {
      QUEUE_PREFIX: `{${name}-queue}`,
      LEDGER_PREFIX: `{${name}-ledger}`,
    }),
    ...options.settings,
  }
  const prefix = settings.QUEUE_PREFIX ?? 'bull'
  const ledger = settings.LEDGER_PREFIX ?? '{refunds}'
  const redis = new Redis(forTests(redisUrl), { maxRetriesPerRequest: null })
  redis.on('error', () => {})
  const queues = new Map<string, Queue>()
  const workers: WorkerProcess[] = []

  function queue(queueName: string): Queue {
    const known = queues.get(queueName)
    if (known) return known
    const open = new Queue(queueName, { connection: redis, prefix })
    // tests that take Redis away expect it
    open.on('error', () => {})
    queues.set(queueName, open)
    return open
  }

  async function standing(no_refund: string): Promise<Standing | undefined> {
    const stored = await redis.get(`${ledger}:r:${PARTNER}:${no_refund}`)
    if (stored === null) return undefined
    const { state, holds, contradiction } = decodeRecord({ oid_partner: PARTNER, no_refund }, stored)
    return { state, holds, contradiction }
  }

  const calls = (no_refund: string, paths: readonly string[]) =>
    simulator.requests.filter(({ path, fields }) => fields.no_refund === no_refund && paths.includes(path))

  const fleet: Fleet = {
    simulator,
    settings,
    redis,
    notifyUrl: `http://127.0.0.1:${receiverPort}/notifications/refund`,
    adminUrl: `http://127.0.0.1:${adminPort}`,
    workers,
    queue,
    get refunds() {
      return queue('refund')
    },
    async start(program, more = {}) {
      const worker = startProgram(program, { ...settings, ...more })
      workers.push(worker)
      await worker.started()
      return worker
    },
    async add(data, jobOptions) {
      const job = await queue('refund').add(
        'refund',
        { money_refund: '1.00', no_order: data.no_refund, ...data },
        jobOptions,
      )
      return job.id ?? ''
    },
    async event(no_refund, patience) {
      const id = `${PARTNER}-${no_refund}-1`
      const job = await eventually(async () => (await queue('refund-completed').getJob(id)) ?? false, {
        timeoutMs: 20_000,
        intervalMs: 40,
        ...patience,
      })
      return eventSchema.parse(job.data)
    },
    async events(no_refund, subscriber = 'refund-completed') {
      const jobs = await queue(subscriber).getJobs()
      const events = jobs.map(({ data }) => eventSchema.parse(data))
      return no_refund === undefined ? events : events.filter(({ subject }) => subject === no_refund)
    },
    standing,
    held: async (no_refund, patience) =>
      await eventually(
        async () => {
          const now = await standing(no_refund)
          return now !== undefined && now.holds.length > 0 && now
        },
        { timeoutMs: 20_000, ...patience },
      ),
    moved: (no_refund) => simulator.book.filter((entry) => entry.no_refund === no_refund).length,
    submits: (no_refund) => calls(no_refund, ['/refund.htm', '/exchangerefund.htm']),
    queries: (no_refund) => calls(no_refund, ['/refundquery.htm']),
    async stop() {
      for (const worker of workers) worker.signal('SIGKILL')
      await Promise.all(workers.map(({ ended }) => ended))
      await simulator.stop()
      await Promise.all([...queues.values()].map((open) => open.close()))
      if (redis.status === 'ready') await removeKeys(redis, name)
      redis.disconnect()
      const leaks = findLeaks(workers, simulator.requests, settings)
      if (leaks.length > 0) throw new Error(`secrets in the workers' output:\n${leaks.join('\n')}`)
    },
  }

  try {
    await Promise.all(programs.map((program) => fleet.start(program)))
  } catch (error) {
    await fleet.stop()
    throw error
  }
  return fleet
}

async function removeKeys(redis: Redis, name: string): Promise<void> {
  for await (const keys of redis.scanStream({ match: `{${name}-*`, count: 500 })) {
    if (Array.isArray(keys) && keys.length > 0) await redis.unlink(keys.map(String))
  }
}
