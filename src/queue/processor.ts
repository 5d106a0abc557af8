import { DelayedError, type Job, UnrecoverableError } from 'bullmq'
import type { JobResult } from '../flows/submit.ts'
import type { RefundIdentity } from '../refund/job-data.ts'
import { isWake } from './names.ts'

interface ProcessorLog {
  error(fields: object, message: string): void
}

/** The refund that a job is about, where its data say; told with every line about the job. */
export type Whose = (data: unknown) => RefundIdentity | undefined

/** After a fault of our own (Redis, a bug) a job is seen again this much later: only faulty data fails a job. */
const FAULT_DELAY_MS = 5_000

/**
 * Turns the result of a flow into what BullMQ understands. The retry policy is ours, whatever options the producer
 * gave: `later` goes to the delayed set, which spends no attempt of BullMQ, and finished jobs are kept as the worker says
 * (wake-ups are not kept at all: a kept one would block the next).
 */
export function processor(handle: (job: Job) => Promise<JobResult>, log: ProcessorLog, whose: Whose = () => undefined) {
  return async (job: Job, token?: string): Promise<string> => {
    const { removeOnComplete: _completed, removeOnFail: _failed, ...given } = job.opts
    // BullMQ takes a completion write that Redis refused for a failure of the job, which only faulty data may be
    const opts = { ...given, attempts: 1_000_000, backoff: { type: 'fixed', delay: FAULT_DELAY_MS } }
    job.opts = isWake(job.id) ? { ...opts, removeOnComplete: true, removeOnFail: true } : opts
    const about = () => ({ queue: job.queueName, job: job.id, ...whose(job.data) })
    const result = await attempt(handle, job, about, log)
    switch (result.kind) {
      case 'done':
        return result.state
      case 'failed':
        throw new UnrecoverableError(result.faults.join('; '))
      case 'later':
        return putOff(job, token, result.delayMs, about, log)
    }
  }
}

async function attempt(
  handle: (job: Job) => Promise<JobResult>,
  job: Job,
  about: () => object,
  log: ProcessorLog,
): Promise<JobResult> {
  try {
    return await handle(job)
  } catch (error) {
    log.error({ err: error, ...about() }, 'a job met a fault of ours and will be seen again')
    return { kind: 'later', delayMs: FAULT_DELAY_MS }
  }
}

async function putOff(
  job: Job,
  token: string | undefined,
  delayMs: number,
  about: () => object,
  log: ProcessorLog,
): Promise<never> {
  try {
    await job.moveToDelayed(Date.now() + delayMs, token)
  } catch (error) {
    // the lock was lost or Redis is away: the job stalls and is seen again, instead of being failed here
    log.error({ err: error, ...about() }, 'a job could not be put off')
  }
  throw new DelayedError()
}
