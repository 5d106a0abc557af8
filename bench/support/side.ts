import { setTimeout as sleep } from 'node:timers/promises'
import { Queue } from 'bullmq'
import { Redis } from 'ioredis'
import { LEDGER } from './clones.ts'
import type { BenchGateway, Mode } from './gateway.ts'
import { fleetEnv } from './our-env.ts'
import type { Program, Usage } from './program.ts'
import { jobData, OID_PARTNER } from './refunds.ts'
import type { Stage } from './stage.ts'

/** One of two that are compared: workers of a kind, with a Redis of their own. */
export interface SideOptions {
  readonly name: string
  readonly kind: 'naive' | 'ours'
  readonly gateway: BenchGateway
  /** worker processes */
  readonly processes?: number
  /** on top of what it is given anyway */
  readonly env?: Readonly<Record<string, string>>
  readonly mode?: Mode
  readonly redisSettings?: Readonly<Record<string, string>>
}

/** What it took from the first job until the last refund's event stands in the queue `refund-completed`. */
export interface Round {
  readonly refunds: number
  readonly perSecond: number
  /** CPU of the worker processes and of Redis, ms for each refund */
  readonly workerMs: number
  readonly redisMs: number
  /** the gateway's, which is the same on every side and counts for none */
  readonly gatewayMs: number
}

export interface Side {
  readonly name: string
  readonly redis: Redis
  readonly workers: readonly Program[]
  /** Puts refunds on the queue, which rests until `run`. */
  load(from: number, count: number): Promise<void>
  /** Lets the workers work until so many more refunds have their event, and waits until they rest. */
  run(count: number): Promise<Round>
}

const BATCH = 1000
const LOOK_MS = 10
const STUCK_MS = 60_000
const SETTLE_MS = 300

export async function openSide(stage: Stage, options: SideOptions): Promise<Side> {
  const { name, kind, gateway, processes = 1, env = {}, mode = 'paid', redisSettings } = options
  const server = await stage.redis(redisSettings)
  const redis = new Redis(server.url, { maxRetriesPerRequest: null })
  stage.onEnd(`connection of ${name}`, () => redis.disconnect())
  const refunds = new Queue('refund', { connection: redis })
  stage.onEnd(`queue of ${name}`, () => refunds.close())
  const url = gateway.urlFor(name, mode)
  const workers = await Promise.all(
    Array.from({ length: processes }, (_, index) =>
      kind === 'naive'
        ? stage.program({
            program: 'naive-worker',
            name: `${name}-${index}`,
            env: { ...naiveEnv(stage, server.url, url), ...env },
          })
        : stage.program({
            program: 'our-worker',
            name: `${name}-${index}`,
            args: ['submit', 'query', 'publish'],
            env: { ...fleetEnv(stage, server.url, url), ...env },
          }),
    ),
  )
  // of a gateway that only accepts, there is no event yet
  const finished = async () =>
    mode === 'accepted' ? redis.zcard(`${LEDGER}:state:processing`) : redis.llen('bull:refund-completed:wait')

  async function used(): Promise<Record<'workerMs' | 'redisMs' | 'gatewayMs', number>> {
    const all: Usage[] = await Promise.all(workers.map((worker) => worker.usage()))
    return {
      workerMs: all.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
      redisMs: await redisCpuMs(redis),
      gatewayMs: (await gateway.usage()).cpuMs,
    }
  }

  async function until(wanted: number): Promise<void> {
    let [last, seenAt] = [0, performance.now()]
    for (let now = await finished(); now < wanted; now = await finished()) {
      if (now > last) [last, seenAt] = [now, performance.now()]
      if (performance.now() - seenAt > STUCK_MS) throw new Error(`${name}: no refund was finished for ${STUCK_MS} ms`)
      await sleep(LOOK_MS)
    }
  }

  return {
    name,
    redis,
    workers,
    async load(from, count) {
      await refunds.pause()
      for (let at = from; at < from + count; at += BATCH) {
        const batch = Array.from({ length: Math.min(BATCH, from + count - at) }, (_, index) => at + index)
        await refunds.addBulk(batch.map((index) => ({ name: 'refund', data: jobData(index), opts: JOB_OPTIONS[kind] })))
      }
    },
    async run(count) {
      await sleep(SETTLE_MS)
      const [before, base] = [await used(), await finished()]
      const began = performance.now()
      await refunds.resume()
      await until(base + count)
      const seconds = (performance.now() - began) / 1000
      await refunds.pause()
      while ((await refunds.getActiveCount()) > 0) await sleep(LOOK_MS)
      await sleep(SETTLE_MS)
      const [after, reached, failed] = [await used(), await finished(), await refunds.getJobCounts('failed', 'delayed')]
      if ((failed.failed ?? 0) + (failed.delayed ?? 0) > 0) throw new Error(`${name}: jobs failed, or were put off`)
      const done = reached - base
      return {
        refunds: done,
        perSecond: count / seconds,
        workerMs: (after.workerMs - before.workerMs) / done,
        redisMs: (after.redisMs - before.redisMs) / done,
        gatewayMs: (after.gatewayMs - before.gatewayMs) / done,
      }
    },
  }
}

/** Ours needs none: the retry policy is the worker's. */
const JOB_OPTIONS = { naive: { attempts: 12, backoff: { type: 'exponential', delay: 2_000 } }, ours: {} } as const

function naiveEnv({ merchant, gateway }: Stage, redisUrl: string, gatewayUrl: string): Record<string, string> {
  return {
    REDIS_URL: redisUrl,
    GATEWAY_URL: `${gatewayUrl}/refund.htm`,
    NOTIFY_URL: 'http://127.0.0.1/notifications/refund',
    OID_PARTNER,
    PRIVATE_KEY: merchant.privateKey,
    PUBLIC_KEY: gateway.publicKey,
  }
}

export async function redisCpuMs(redis: Redis): Promise<number> {
  const info = await redis.info('cpu')
  const of = (field: string) => Number(new RegExp(`^${field}:([\\d.]+)`, 'm').exec(info)?.[1])
  return (of('used_cpu_user') + of('used_cpu_sys')) * 1000
}
