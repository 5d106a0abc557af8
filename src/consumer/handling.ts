import { randomUUID } from 'node:crypto'
import { DelayedError, type Job } from 'bullmq'
import { eventJobId } from '../queue/completion.ts'
import { type BackoffPolicy, backoffMs } from '../refund/backoff.ts'
import type { RefundEvent } from '../refund/event.ts'
import type { DeadLetterCode, DeadLetters } from './dead-letters.ts'
import { AbortedError, DeadLetterError } from './errors.ts'
import type { EventMemory, Remembered } from './memory.ts'
import { readEvent } from './read-event.ts'

export interface Handled {
  /** 1 for the first try */
  readonly attempt: number
  /** handed out once more by an operator, or from the dead letters */
  readonly replay: boolean
  /** aborted when the event was lost to another consumer, or the consumer's stop took too long */
  readonly signal: AbortSignal
}

export type EventHandler = (event: RefundEvent, about: Handled) => unknown

/** As pino has it. */
export interface ConsumerLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export interface HandlingOptions {
  readonly handle: EventHandler
  readonly memory: EventMemory
  readonly dead: DeadLetters
  readonly attempts: number
  readonly backoff: BackoffPolicy
  readonly leaseMs: number
  readonly force: boolean
  readonly log: ConsumerLog
  /** aborts when the consumer no longer waits for its handlers */
  readonly stopped: AbortSignal
}

/** What became of a job; BullMQ keeps it as the job's return value. */
type Result = 'handled' | 'handled before' | DeadLetterCode

/** After a fault of ours or of Redis an event is seen again this much later; it spends no attempt. */
const FAULT_DELAY_MS = 5_000
/** A process that ends this often while it handles one event ends because of it. */
const MAX_SILENT = 10

/** Handles the jobs of a completion queue, each event once. */
export function handling(options: HandlingOptions) {
  const { memory, dead, attempts, backoff, force, log } = options

  return async (job: Job, token?: string): Promise<Result> => {
    const { id: jobId = 'none' } = job
    const about = { job: jobId, queue: job.queueName }
    const drop = async (code: DeadLetterCode, reason: string, failed: number): Promise<Result> => {
      const event: unknown = job.data
      const time = new Date().toISOString()
      await dead.add({ id: jobId, name: job.name }, { event, code, reason, attempts: failed, time })
      log.error({ ...about, code, reason }, 'an event went to the dead letters')
      return code
    }

    const read = readEvent(job.data)
    if (!read.ok) return orLater(job, token, about, () => drop(read.code, read.reason, 0))
    const { event } = read
    if (job.stalledCounter >= MAX_SILENT) {
      const reason = `its consumer went silent ${job.stalledCounter} times`
      return orLater(job, token, about, () => drop('silent', reason, job.attemptsMade))
    }
    const replay = jobId.startsWith(`${eventJobId(event.id)}-replay-`)
    const what: Remembered = { event: event.id, ...(replay && force && { replay: jobId }) }
    const lease = randomUUID()
    const claim = await orLater(job, token, about, () => memory.claim(what, lease))
    if (claim.kind === 'handled') return 'handled before'
    if (claim.kind === 'busy') return putOff(job, token, claim.forMs)

    const attempt = job.attemptsMade + 1
    const failure = await tryOnce(options, event, { what, lease, attempt, replay })
    if (failure === undefined) {
      await orLater(job, token, about, () => memory.remember(what, lease))
      return 'handled'
    }
    // whoever has the event now also says what becomes of it
    if (failure.lost) return putOff(job, token, FAULT_DELAY_MS)
    const { error } = failure
    await memory.release(what, lease).catch((fault: unknown) => log.warn({ ...about, err: fault }, 'a lease stays'))
    if (error instanceof DeadLetterError)
      return orLater(job, token, about, () => drop('dead_letter', error.message, attempt))
    if (attempt >= attempts) return orLater(job, token, about, () => drop('attempts_spent', reasonOf(error), attempt))
    const delay = backoffMs(backoff, attempt, Math.random())
    log.warn({ ...about, err: error, attempt, delay }, 'an event was not handled and will be tried again')
    // the retry policy is the consumer's, whatever the publisher gave
    job.opts = { ...job.opts, attempts: attempts + 1, backoff: { type: 'fixed', delay } }
    throw error instanceof Error ? error : new Error(String(error))
  }

  /** Redis failed us, not the handler: the event is seen again. */
  async function orLater<T>(job: Job, token: string | undefined, about: object, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      log.error({ ...about, err: error }, 'an event met a fault of ours and will be seen again')
      return putOff(job, token, FAULT_DELAY_MS)
    }
  }
}

interface Try {
  readonly what: Remembered
  readonly lease: string
  readonly attempt: number
  readonly replay: boolean
}

/** @returns why it was not handled; `lost` when another consumer took the event meanwhile */
async function tryOnce(
  { handle, memory, leaseMs, log, stopped }: HandlingOptions,
  event: RefundEvent,
  { what, lease, attempt, replay }: Try,
): Promise<{ readonly error: unknown; readonly lost: boolean } | undefined> {
  const lost = new AbortController()
  const renewal = setInterval(() => void renew(), leaseMs / 3)
  try {
    await handle(event, { attempt, replay, signal: AbortSignal.any([lost.signal, stopped]) })
    return undefined
  } catch (error) {
    return { error, lost: lost.signal.aborted }
  } finally {
    clearInterval(renewal)
  }

  async function renew(): Promise<void> {
    try {
      if (await memory.renew(what, lease)) return
      lost.abort(new AbortedError('lease_lost', `another consumer has ${event.id}`))
    } catch (error) {
      log.warn({ event: event.id, err: error }, 'a lease could not be renewed')
    }
  }
}

/** Spends no attempt. */
async function putOff(job: Job, token: string | undefined, delayMs: number): Promise<never> {
  // where even this fails, the job stalls and is seen again
  await job.moveToDelayed(Date.now() + delayMs, token).catch(() => undefined)
  throw new DelayedError()
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
