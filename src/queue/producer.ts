import { readFileSync } from 'node:fs'
import { type Job, Queue, type Telemetry } from 'bullmq'
import type { Cluster, Redis } from 'ioredis'
import { connectRedis, type RedisAddress } from '../redis/connection.ts'
import { ADDRESS_EXPECTED, givenAddress } from '../redis/given-address.ts'
import { RefundDataError, RefundError } from '../refund/errors.ts'
import type { RefundJobData } from '../refund/job-data.ts'
import { addSpans } from './add-spans.ts'
import { REFUND_QUEUE } from './names.ts'
import { type PreparedJob, prepare, queueConflicts } from './prepared-jobs.ts'
import { reachInParts } from './reach.ts'

export interface ProducerOptions {
  readonly redis: RedisAddress | string
  /** `QUEUE_PREFIX` of the workers */
  readonly prefix?: string
  /** for refunds that give no `oid_partner` */
  readonly oid_partner?: string
  /** such as `new BullMQOtel()` of bullmq-otel: each refund goes on in the trace of the caller, else begins one */
  readonly telemetry?: Telemetry
}

/** Settings of a producer that cannot be meant. */
export class ProducerOptionsError extends RefundError {
  constructor(message: string) {
    super('producer_options', message)
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
   * @throws RefundDataError with every fault, before anything is added; or with `no_refund_conflict` when the number
   *   stands for a refund with other content, this one is not on the queue then
   * @throws QueueUnavailableError when Redis is away
   */
  enqueueRefund(refund: RefundJobData): Promise<Enqueued>
  /**
   * Many at once: all are checked, and every fault is named, before the first is added. They are added a thousand at a
   * time: when Redis goes away meanwhile, or another producer uses one of the numbers in the same moment, the error
   * tells, and others of them may be on the queue. Adding all of them again is harmless.
   */
  enqueueRefunds(refunds: readonly RefundJobData[]): Promise<Enqueued[]>
  close(): Promise<void>
}

/** Tells which refunds the ledger has with other content, as far as it can; it never throws. */
export type LedgerConflicts = (jobs: readonly PreparedJob[]) => Promise<readonly boolean[]>

interface Standing {
  readonly job: Job<RefundJobData> | undefined
  /** in the ledger, with other content */
  readonly conflict: boolean
}

const removeFinishedScript = readFileSync(new URL('./remove-finished.lua', import.meta.url), 'utf8')

/** Every fault of the connection is told by the call that meets it. */
const ignore = () => undefined

/**
 * A producer with a connection of its own, which fails fast.
 *
 * @throws ProducerOptionsError
 */
export function createProducer(options: ProducerOptions): Producer {
  return openProducer(options, () => async () => [])
}

/** The same, with what it works on. */
export function openProducer(
  { redis, prefix = 'bull', oid_partner, telemetry }: ProducerOptions,
  ledger: (connection: Redis | Cluster) => LedgerConflicts,
) {
  const address = givenAddress(redis)
  if (!address) throw new ProducerOptionsError(ADDRESS_EXPECTED)
  const connection = connectRedis(address, 'hasty', ignore)
  const queue = new Queue<RefundJobData>(REFUND_QUEUE, { connection, prefix, skipWaitingForReady: true })
  queue.on('error', ignore)
  const traced = addSpans(telemetry, REFUND_QUEUE)
  const ledgerConflicts = ledger(connection)

  async function add(refunds: readonly RefundJobData[]): Promise<Enqueued[]> {
    const jobs = prepare(refunds, oid_partner)
    const before = await reachInParts(jobs, look)
    // one that has finished makes room
    refuseConflicts(
      jobs,
      before.map(({ job, conflict }) => ({ job: isFinished(job) ? undefined : job, conflict })),
    )
    const finished = new Set(before.flatMap(({ job }) => (isFinished(job) ? [job?.id] : [])))
    const after = await reachInParts(jobs, async (part) => {
      // a finished job of the same id would make BullMQ ignore this one in silence
      await Promise.all(part.filter(({ opts }) => finished.has(opts.jobId)).map(removeFinished))
      await traced(part, async (spanned) => queue.addBulk(spanned))
      return look(part)
    })
    // another producer may have been first since the look
    refuseConflicts(jobs, after)
    return jobs.map(({ data, opts }) => ({ no_refund: data.no_refund, job: opts.jobId }))
  }

  async function look(jobs: readonly PreparedJob[]): Promise<readonly Standing[]> {
    const [standing, conflicts] = await Promise.all([
      Promise.all(jobs.map(async ({ opts }) => queue.getJob(opts.jobId))),
      ledgerConflicts(jobs),
    ])
    return standing.map((job, index) => ({ job, conflict: conflicts[index] ?? false }))
  }

  async function removeFinished({ opts: { jobId } }: PreparedJob): Promise<void> {
    const keys = [jobId, 'completed', 'failed', `${jobId}:logs`].map((name) => queue.toKey(name))
    await connection.eval(removeFinishedScript, keys.length, ...keys, jobId)
  }

  return {
    connection,
    queue,
    async enqueueRefund(refund: RefundJobData): Promise<Enqueued> {
      const [enqueued] = await add([refund])
      if (!enqueued) throw new TypeError('a refund was added without a job')
      return enqueued
    },
    enqueueRefunds: add,
    async close(): Promise<void> {
      await queue.close()
      connection.disconnect()
    },
  }
}

const isFinished = (job: Job | undefined): boolean => job?.finishedOn !== undefined

function refuseConflicts(jobs: readonly PreparedJob[], standing: readonly Standing[]): void {
  const queued = queueConflicts(
    jobs,
    standing.map(({ job }) => job),
  )
  const faults = jobs.flatMap(({ data }, index) => {
    if (queued[index] === true) return [`no_refund_conflict: ${data.no_refund} is on the queue with other content`]
    if (standing[index]?.conflict !== true) return []
    return [`no_refund_conflict: ${data.no_refund} was already used for a refund with other content`]
  })
  if (faults.length > 0) throw new RefundDataError(faults)
}
