import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { DelayedError, type Job } from 'bullmq'
import { eventJobId } from '../queue/completion.ts'
import { withoutCommand } from '../redis/error-text.ts'
import { type BackoffPolicy, backoffMs } from '../refund/backoff.ts'
import type { DeadLetterCode, DeadLetters } from './dead-letters.ts'
import { DeadLetterError } from './errors.ts'
import type { Remembered } from './memory.ts'
import { readEvent } from './read-event.ts'
import { type TryOptions, tryOnce } from './trying.ts'

export interface HandlingOptions extends TryOptions {
  readonly dead: DeadLetters
  readonly attempts: number
  readonly backoff: BackoffPolicy
  readonly force: boolean
}

/** What became of a job; BullMQ keeps it as the job's return value. */
type Result = 'handled' | 'handled before' | DeadLetterCode

/** After a fault of ours or of Redis an event is seen again this much later; it spends no attempt. */
const FAULT_DELAY_MS = 5_000
/** A process that ends this often while it handles one event ends because of it. */
const MAX_SILENT = 10
/** Redis may refuse for a moment what it takes the next: better asked again than the event handled again. */
const MARK_AGAIN_MS = [100, 400, 1_500]

/** A job, as one of this consumer's workers has it. */
interface Seen {
  readonly id: string
  readonly job: Job
  readonly token: string | undefined
  /** for the log */
  readonly about: object
}

/** Handles the jobs of a completion queue, each event once. */
export function handling(options: HandlingOptions) {
  const { memory, dead, attempts, backoff, force, log } = options

  return async (job: Job, token?: string): Promise<Result> => {
    const { id = 'none' } = job
    const seen: Seen = { id, job, token, about: { job: id, queue: job.queueName } }
    const read = readEvent(job.data)
    if (!read.ok) return drop(seen, read.code, read.reason, 0)
    const { event } = read
    if (job.stalledCounter >= MAX_SILENT) {
      return drop(seen, 'silent', `its consumer went silent ${job.stalledCounter} times`, job.attemptsMade)
    }
    const replay = id.startsWith(`${eventJobId(event.id)}-replay-`)
    const what: Remembered = { event: event.id, ...(replay && force && { replay: id }) }
    const lease = randomUUID()
    const claim = await orLater(seen, () => memory.claim(what, lease))
    if (claim.kind === 'handled') return 'handled before'
    if (claim.kind === 'busy') return putOff(seen, claim.forMs)

    const attempt = job.attemptsMade + 1
    const tried = await tryOnce(options, event, { what, lease, attempt, replay })
    switch (tried.kind) {
      case 'handled':
        await orLater(seen, () => mark(() => memory.remember(what, lease)))
        return 'handled'
      case 'lost':
        // whoever has the event now also says what becomes of it
        return putOff(seen, FAULT_DELAY_MS)
      case 'stopped':
        // a handler that is still at work keeps the event from others for as long as its lease lasts
        if (!tried.running) await release(seen, what, lease)
        return putOff(seen, 0)
      case 'failed':
        await release(seen, what, lease)
        return failed(seen, tried.error, attempt)
    }
  }

  async function failed(seen: Seen, error: unknown, attempt: number): Promise<Result> {
    if (error instanceof DeadLetterError) return drop(seen, 'dead_letter', error.message, attempt)
    if (attempt >= attempts) return drop(seen, 'attempts_spent', reasonOf(error), attempt)
    const { job, about } = seen
    const delay = backoffMs(backoff, attempt, Math.random())
    log.warn({ ...about, err: error, attempt, delay }, 'an event was not handled and will be tried again')
    // the retry policy is the consumer's, whatever the publisher gave
    job.opts = { ...job.opts, attempts: attempts + 1, backoff: { type: 'fixed', delay } }
    // never the handler's own: to BullMQ some errors are commands (UnrecoverableError, DelayedError, RateLimitError)
    throw new Error(`the handler failed: ${reasonOf(error)}`, { cause: error })
  }

  async function drop(seen: Seen, code: DeadLetterCode, reason: string, tries: number): Promise<Result> {
    const { id, job, about } = seen
    const event: unknown = job.data
    const letter = { event, code, reason, attempts: tries, time: new Date().toISOString() }
    await orLater(seen, () => dead.add({ id, name: job.name }, letter))
    log.error({ ...about, code, reason }, 'an event went to the dead letters')
    return code
  }

  async function release({ about }: Seen, what: Remembered, lease: string): Promise<void> {
    try {
      await memory.release(what, lease)
    } catch (error) {
      log.warn({ ...about, err: withoutCommand(error) }, 'a lease stays')
    }
  }

  async function mark(remember: () => Promise<void>): Promise<void> {
    for (const wait of MARK_AGAIN_MS) {
      try {
        await remember()
        return
      } catch (error) {
        log.warn({ err: withoutCommand(error) }, 'an event was handled and could not be marked')
        if (options.stopped.aborted) break
        await sleep(wait)
      }
    }
    await remember()
  }

  /** Redis failed us, not the handler: the event is seen again. */
  async function orLater<T>(seen: Seen, work: () => Promise<T>): Promise<T> {
    const { about } = seen
    try {
      return await work()
    } catch (error) {
      log.error({ ...about, err: withoutCommand(error) }, 'an event met a fault of ours and will be seen again')
      return putOff(seen, FAULT_DELAY_MS)
    }
  }
}

/** Spends no attempt. */
async function putOff({ job, token }: Seen, delayMs: number): Promise<never> {
  // where even this fails, the job stalls and is seen again
  await job.moveToDelayed(Date.now() + delayMs, token).catch(() => undefined)
  throw new DelayedError()
}

/** Of whatever a handler may throw. */
function reasonOf(error: unknown): string {
  try {
    return error instanceof Error ? error.message : String(error)
  } catch {
    return 'it threw what cannot be written as text'
  }
}
