import { type Job, Queue, type Telemetry } from 'bullmq'
import { connectRedis, type RedisAddress } from '../redis/connection.ts'
import { RefundDataError, RefundError } from '../refund/errors.ts'
import { type ParsedRefund, parseRefundJob, type RefundJobData } from '../refund/job-data.ts'
import { addSpans } from './add-spans.ts'
import { REFUND_QUEUE } from './names.ts'

export interface ProducerOptions {
  readonly redis: RedisAddress | string
  /** `QUEUE_PREFIX` of the workers */
  readonly prefix?: string
  /** for refunds that give no `oid_partner` */
  readonly oid_partner?: string
  /** such as `new BullMQOtel()` of bullmq-otel: each refund goes on in the trace of the caller, else begins one */
  readonly telemetry?: Telemetry
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
  /** Many at once: all are checked, and every fault is named, before the first is added. */
  enqueueRefunds(refunds: readonly RefundJobData[]): Promise<Enqueued[]>
  close(): Promise<void>
}

const UNNAMED = 'default'

/** The id of a refund's job; without a merchant where that was left to the worker. */
export function refundJobId(oid_partner: string | undefined, no_refund: string): string {
  return `refund-${oid_partner ?? UNNAMED}-${no_refund}`
}

/** A call that takes longer finds no Redis: a cluster without nodes would be searched for ever. */
const REACH_WITHIN_MS = 5_000

/** Every fault of the connection is told by the call that meets it. */
const ignore = () => undefined

/** A producer with a connection of its own, which fails fast. */
export function createProducer(options: ProducerOptions): Producer {
  return openProducer(options)
}

/** The same, with what it works on. */
export function openProducer({ redis, prefix = 'bull', oid_partner, telemetry }: ProducerOptions) {
  const address: RedisAddress = typeof redis === 'string' ? { mode: 'single', url: redis } : redis
  const connection = connectRedis(address, 'hasty', ignore)
  const queue = new Queue<RefundJobData>(REFUND_QUEUE, { connection, prefix, skipWaitingForReady: true })
  queue.on('error', ignore)
  const traced = addSpans(telemetry, REFUND_QUEUE)

  async function add(refunds: readonly RefundJobData[]): Promise<Enqueued[]> {
    const jobs = prepare(refunds, oid_partner)
    const kept = await reach(async () => Promise.all(jobs.map(async ({ opts }) => queue.getJob(opts.jobId))))
    refuseConflicts(jobs, kept)
    await reach(async () => {
      // a finished job of the same id would make BullMQ ignore this one in silence
      await Promise.all(kept.map(removeFinished))
      await traced(jobs, async (spanned) => queue.addBulk(spanned))
    })
    return jobs.map(({ data, opts }) => ({ no_refund: data.no_refund, job: opts.jobId }))
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

interface PreparedJob {
  readonly name: string
  readonly data: RefundJobData
  readonly opts: { readonly jobId: string }
  readonly parsed: ParsedRefund
}

/** @throws QueueUnavailableError when Redis does not do it in time */
export async function reach<T>(work: () => Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error('no answer in time')), REACH_WITHIN_MS)
  try {
    return await Promise.race([work(), late])
  } catch (error) {
    throw new QueueUnavailableError('the refund queue cannot be reached', { cause: error })
  } finally {
    clearTimeout(timer)
  }
}

async function removeFinished(job: Job | undefined): Promise<void> {
  if (job?.finishedOn !== undefined) await job.remove()
}

/** The worker's own check, as far as it can be made without the worker's settings. */
function prepare(refunds: readonly RefundJobData[], oid_partner: string | undefined): PreparedJob[] {
  const faults: string[] = []
  const jobs = refunds.map((refund, index) => {
    const data = oid_partner === undefined ? refund : { oid_partner, ...refund }
    const partner = data.oid_partner ?? UNNAMED
    const parsed = parse(data, partner, Date.now())
    const where = refunds.length > 1 ? `refund ${index + 1}: ` : ''
    if (!parsed.ok) faults.push(...parsed.faults.map((fault) => where + fault))
    return { name: 'refund', data, opts: { jobId: refundJobId(data.oid_partner, data.no_refund) }, parsed }
  })
  if (faults.length > 0) throw new RefundDataError(faults)
  return jobs
}

/** Whether the merchant is configured, and has a default notify_url, only the worker knows. */
function parse(data: unknown, partner: string, timestamp: number): ParsedRefund {
  const merchants = new Map([[partner, { notifyUrl: 'https://default.invalid/' }]])
  return parseRefundJob(data, { timestamp, merchants })
}

/** BullMQ would ignore a second job of a number in silence; one with other content must be told. */
function refuseConflicts(jobs: readonly PreparedJob[], kept: readonly (Job<RefundJobData> | undefined)[]): void {
  const known = new Map<string, ParsedRefund>()
  const conflicts = jobs.filter(({ data, opts, parsed }, index) => {
    const job = kept[index]
    const waiting = job?.finishedOn === undefined ? job : undefined
    const onQueue = waiting && parse(waiting.data, data.oid_partner ?? UNNAMED, waiting.timestamp)
    const first = known.get(opts.jobId) ?? onQueue ?? parsed
    known.set(opts.jobId, first)
    return !isSame(first, parsed)
  })
  if (conflicts.length === 0) return
  throw new RefundDataError(
    conflicts.map(({ data }) => `no_refund_conflict: ${data.no_refund} is on the queue with other content`),
  )
}

/** As the ledger sees it: `dt_refund` is compared where the second job gives one. */
function isSame(first: ParsedRefund, second: ParsedRefund): boolean {
  const redated = first.ok && second.ok && second.dated && second.request.dt_refund !== first.request.dt_refund
  return first.content === second.content && !redated
}
