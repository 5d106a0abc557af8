import { type Job, Queue } from 'bullmq'
import { RefundDataError, RefundError } from '../refund/errors.ts'
import { parseRefundJob, type RefundJobData } from '../refund/job-data.ts'
import { connectRedis, type RedisAddress } from './connection.ts'
import { REFUND_QUEUE } from './workers.ts'

export interface ProducerOptions {
  readonly redis: RedisAddress | string
  /** `QUEUE_PREFIX` of the workers */
  readonly prefix?: string
  /** for refunds that give no `oid_partner` */
  readonly oid_partner?: string
}

/** Redis could not be reached: nothing was promised, add it again. */
export class QueueUnavailableError extends RefundError {
  constructor(message: string, options: ErrorOptions) {
    super('queue_unavailable', message, options)
  }
}

export interface Enqueued {
  readonly no_refund: string
  /** id of the job in the queue `refund` */
  readonly job: string
}

export interface Producer {
  /**
   * Puts one refund on the queue. Adding the same refund again is harmless.
   *
   * @throws RefundDataError with every fault, before anything is added
   * @throws QueueUnavailableError when Redis is away
   */
  enqueueRefund(refund: RefundJobData): Promise<Enqueued>
  /** Many at once: all are checked before the first is added. */
  enqueueRefunds(refunds: readonly RefundJobData[]): Promise<Enqueued[]>
  close(): Promise<void>
}

const UNNAMED = 'default'

/** A producer with a connection of its own, which fails fast. */
export function createProducer({ redis, prefix = 'bull', oid_partner }: ProducerOptions): Producer {
  const address: RedisAddress = typeof redis === 'string' ? { mode: 'single', url: redis } : redis
  const connection = connectRedis(address, 'hasty', () => {})
  const queue = new Queue(REFUND_QUEUE, { connection, prefix, skipWaitingForReady: true })
  queue.on('error', () => {})

  async function add(refunds: readonly RefundJobData[]): Promise<Enqueued[]> {
    const jobs = refunds.map((refund, index) => prepare(refund, oid_partner, refunds.length > 1 ? index : undefined))
    try {
      // a finished job of the same id would make BullMQ ignore this one in silence
      const kept = await Promise.all(jobs.map(({ opts }) => queue.getJob(opts.jobId)))
      await Promise.all(kept.map(removeFinished))
      await queue.addBulk(jobs)
    } catch (error) {
      throw new QueueUnavailableError('the refund queue cannot be reached', { cause: error })
    }
    return jobs.map(({ data, opts }) => ({ no_refund: data.no_refund, job: opts.jobId }))
  }

  return {
    async enqueueRefund(refund) {
      const [enqueued] = await add([refund])
      if (!enqueued) throw new TypeError('a refund was added without a job')
      return enqueued
    },
    enqueueRefunds: add,
    async close() {
      await queue.close()
      connection.disconnect()
    },
  }
}

async function removeFinished(job: Job | undefined): Promise<void> {
  if (job?.finishedOn !== undefined) await job.remove()
}

/** The worker's own check, as far as it can be made without the worker's settings. */
function prepare(refund: RefundJobData, oid_partner: string | undefined, index: number | undefined) {
  const data = oid_partner === undefined ? refund : { oid_partner, ...refund }
  const partner = typeof data?.oid_partner === 'string' ? data.oid_partner : UNNAMED
  // whether the merchant is configured, and has a default notify_url, only the worker knows
  const merchants = new Map([[partner, { notifyUrl: 'https://default.invalid/' }]])
  const parsed = parseRefundJob(data, { timestamp: Date.now(), merchants })
  if (!parsed.ok) {
    const where = index === undefined ? '' : `refund ${index + 1}: `
    throw new RefundDataError(parsed.faults.map((fault) => where + fault))
  }
  return { name: 'refund', data, opts: { jobId: `refund-${partner}-${data.no_refund}` } }
}
