import { type Job, Worker } from 'bullmq'
import type { Cluster, Redis } from 'ioredis'
import { z } from 'zod'
import { DUE } from '../flows/decide.ts'
import { look } from '../flows/look.ts'
import type { Engine, Log } from '../flows/ports.ts'
import { type RefundJob, submitJob, wakeRefund } from '../flows/submit.ts'
import type { JobDefaults } from '../refund/job-data.ts'
import { isHeld, type RefundRecord } from '../refund/record.ts'
import { isWake, QUERY_QUEUE, REFUND_QUEUE } from './names.ts'
import { processor } from './processor.ts'
import { isMended, mendJob } from './unreadable.ts'

export interface WorkerSettings {
  /** workers block it only through a copy of their own */
  readonly connection: Redis | Cluster
  readonly prefix: string
  readonly concurrency: number
  readonly lockDurationMs: number
  readonly stalledIntervalMs: number
  readonly log: Log
}

const queryJob = z.object({ oid_partner: z.string(), no_refund: z.string() })

/** Takes jobs of `refund`. */
export function submitWorker(engine: Engine, merchants: JobDefaults['merchants'], settings: WorkerSettings): Worker {
  return start(REFUND_QUEUE, settings, async ({ id = 'none', data, timestamp }) => {
    if (isMended(data)) return { kind: 'failed', faults: ['job data: not JSON; the text is kept as `unreadable`'] }
    const job: RefundJob = { id, data, timestamp }
    const woken = isWake(id) ? queryJob.safeParse(data) : undefined
    return woken?.success === true ? wakeRefund(engine, merchants, woken.data, job) : submitJob(engine, merchants, job)
  })
}

/** Takes jobs of `refund-query`, which the sweeper adds. */
export function queryWorker(engine: Engine, settings: WorkerSettings): Worker {
  return start(QUERY_QUEUE, settings, async ({ data }) => {
    const parsed = queryJob.safeParse(data)
    if (!parsed.success) return { kind: 'failed', faults: ['job data: oid_partner and no_refund are expected'] }
    const { record } = await look(engine, parsed.data, DUE)
    return { kind: 'done', state: record ? standing(record) : 'none' }
  })
}

const standing = (record: RefundRecord) => (isHeld(record) ? 'held' : record.state)

function start(queue: string, settings: WorkerSettings, handle: Parameters<typeof processor>[0]): Worker {
  const { connection, prefix, concurrency, lockDurationMs, stalledIntervalMs, log } = settings
  const worker = new Worker(
    queue,
    processor((job: Job) => handle(job), log),
    {
      connection,
      prefix,
      concurrency,
      lockDuration: lockDurationMs,
      stalledInterval: stalledIntervalMs,
      // how often a job was taken from a dead worker says nothing about the job
      maxStalledCount: 1_000_000,
      removeOnComplete: { age: 3_600, count: 5_000 },
      removeOnFail: { age: 30 * 86_400, count: 50_000 },
    },
  )
  worker.on('error', (error) => log.error({ err: error, queue }, 'the worker met an error'))
  worker.on('stalled', (job) => {
    log.warn({ queue, job }, 'a job was taken from a worker that went silent')
    void mend(job)
  })
  return worker

  async function mend(job: string): Promise<void> {
    try {
      const fields = await mendJob(connection, worker.toKey(job))
      if (fields.length > 0)
        log.error({ queue, job, fields }, 'a job could not be read: its fields are not what they must be')
    } catch (error) {
      log.error({ err: error, queue, job }, 'a stalled job could not be looked at')
    }
  }
}
