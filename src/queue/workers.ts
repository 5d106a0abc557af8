import { type Job, type Telemetry, UnrecoverableError, Worker } from 'bullmq'
import type { Cluster, Redis } from 'ioredis'
import { z } from 'zod'
import { DUE } from '../flows/decide.ts'
import { look } from '../flows/look.ts'
import type { Engine, Log } from '../flows/ports.ts'
import { type RefundJob, submitJob, wakeRefund } from '../flows/submit.ts'
import { takeTurns } from '../flows/turns.ts'
import { type JobDefaults, parseRefundJob, type RefundIdentity } from '../refund/job-data.ts'
import { isHeld, type RefundRecord } from '../refund/record.ts'
import { keepTrace } from './begun-trace.ts'
import { isWake, QUERY_QUEUE, REFUND_QUEUE } from './names.ts'
import { processor, type Whose } from './processor.ts'
import { traceparentIn } from './trace-context.ts'
import { isMended, mendJob } from './unreadable.ts'

export interface WorkerSettings {
  /** workers block it only through a copy of their own */
  readonly connection: Redis | Cluster
  readonly prefix: string
  readonly concurrency: number
  readonly lockDurationMs: number
  readonly stalledIntervalMs: number
  readonly log: Log
  /** absent: no traces; what producers gave is handed on even so */
  readonly tracing?: JobTracing
}

export interface JobTracing {
  readonly telemetry: Telemetry
  /** W3C trace context of the work under way */
  traceparent(): string | undefined
}

/** After so long a wake-up tries again whose merchant has its share of the sends. */
const NEXT_TURN_MS = 200

const LONGEST_REASON = 200

const queryJob = z.object({ oid_partner: z.string(), no_refund: z.string() })

/** Takes jobs of `refund`. */
export function submitWorker(edges: Engine, merchants: JobDefaults['merchants'], settings: WorkerSettings): Worker {
  const { log, tracing } = settings
  const turns = takeTurns(settings.concurrency, () => merchants.size > 1)
  const engine: Engine = { ...edges, turns }
  const whose: Whose = (data) => parseRefundJob(data, { timestamp: Date.now(), merchants }).identity
  const worker = start(
    REFUND_QUEUE,
    engine.ledger,
    settings,
    async ({ id = 'none', data, timestamp, opts, attemptsStarted }) => {
      if (isMended(data)) return { kind: 'failed', faults: ['job data: not JSON; the text is kept as `unreadable`'] }
      const given = traceparentIn(opts.telemetry?.metadata)
      const traceparent = given ?? tracing?.traceparent()
      const isFirst = attemptsStarted === 1
      const job: RefundJob = { id, data, timestamp, isFirst, ...(traceparent !== undefined && { traceparent }) }
      const woken = isWake(id) ? queryJob.safeParse(data) : undefined
      if (woken?.success === true && turns.isFull(woken.data.oid_partner))
        return { kind: 'later', delayMs: NEXT_TURN_MS }
      const handled =
        woken?.success === true ? wakeRefund(engine, merchants, woken.data, job) : submitJob(engine, merchants, job)
      const result = await handled
      if (result.kind === 'later' && given === undefined && traceparent !== undefined) await keep(id, traceparent, data)
      return result
    },
    whose,
  )
  return worker

  async function keep(job: string, traceparent: string, data: unknown): Promise<void> {
    try {
      await keepTrace(settings.connection, worker.toKey(job), traceparent)
    } catch (error) {
      log.warn({ err: error, queue: REFUND_QUEUE, job, ...whose(data) }, 'a job could not be put into its trace')
    }
  }
}

/** Takes jobs of `refund-query`, which the sweeper adds. */
export function queryWorker(engine: Engine, settings: WorkerSettings): Worker {
  return start(
    QUERY_QUEUE,
    engine.ledger,
    settings,
    async ({ data }) => {
      const parsed = queryJob.safeParse(data)
      if (!parsed.success) return { kind: 'failed', faults: ['job data: oid_partner and no_refund are expected'] }
      const { record } = await look(engine, parsed.data, DUE)
      return { kind: 'done', state: record ? standing(record) : 'none' }
    },
    whoseQuery,
  )
}

const whoseQuery: Whose = (data) => queryJob.safeParse(data).data

function whoseText(whose: Whose, data: string | null): RefundIdentity | undefined {
  try {
    return data === null ? undefined : whose(JSON.parse(data))
  } catch {
    return undefined
  }
}

const standing = (record: RefundRecord) => (isHeld(record) ? 'held' : record.state)

function start(
  queue: string,
  ledger: Engine['ledger'],
  settings: WorkerSettings,
  handle: Parameters<typeof processor>[0],
  whose: Whose,
): Worker {
  const { connection, prefix, concurrency, lockDurationMs, stalledIntervalMs, log, tracing } = settings
  const worker = new Worker(
    queue,
    processor((job: Job) => handle(job), log, whose),
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
      ...(tracing && { telemetry: tracing.telemetry }),
    },
  )
  worker.on('error', (error) => log.error({ err: error, queue }, 'the worker met an error'))
  worker.on('failed', (job, error) => {
    // any other fault is ours, and the job is seen again
    if (!(error instanceof UnrecoverableError)) return
    void tally('failed')
    if (job?.deferredFailure !== undefined) tellFailed(job)
  })
  worker.on('stalled', (job) => {
    void tally('stalled')
    void tell(job)
    void mend(job)
  })
  return worker

  async function tally(what: 'failed' | 'stalled' | 'unreadable'): Promise<void> {
    const field = `${what}:${queue}`
    try {
      await ledger.count({ [field]: 1 })
    } catch (error) {
      log.error({ err: error, field }, 'not counted')
    }
  }

  /** BullMQ failed it in place of handing it to us: nothing else tells of it. */
  function tellFailed({ id: job, data, deferredFailure }: Job): void {
    const reason = deferredFailure.slice(0, LONGEST_REASON)
    log.warn({ queue, job, ...whose(data), reason }, 'a job was failed by one that names it as its parent')
  }

  async function tell(job: string): Promise<void> {
    const data = await connection.hget(worker.toKey(job), 'data').catch(() => null)
    log.warn({ queue, job, ...whoseText(whose, data) }, 'a job was taken from a worker that went silent')
  }

  async function mend(job: string): Promise<void> {
    try {
      const fields = await mendJob(connection, worker.toKey(job))
      if (fields.length === 0) return
      log.error({ queue, job, fields }, 'a job could not be read: its fields are not what they must be')
      await tally('unreadable')
    } catch (error) {
      log.error({ err: error, queue, job }, 'a stalled job could not be looked at')
    }
  }
}
