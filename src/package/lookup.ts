import type { Job, Queue } from 'bullmq'
import { refundJobId } from '../queue/prepared-jobs.ts'
import type { RefundIdentity, RefundJobData } from '../refund/job-data.ts'
import { refundView } from '../refund/view.ts'
import type { RefundBook } from './refund-book.ts'

/** Finds the job of one refund. */
export type FindJob = () => Promise<Job<RefundJobData> | undefined>

/**
 * - a state of the ledger, with all that it knows
 * - `queued`: no worker has taken it yet
 * - `refused`: its data is at fault, and was never accepted; `reasons` name every fault
 * - `retired`: settled so long ago that only its number is remembered
 */
export type FoundRefund =
  | ReturnType<typeof refundView>
  | (RefundIdentity & { readonly state: 'queued'; readonly requested_at: string })
  | (RefundIdentity & { readonly state: 'refused'; readonly requested_at: string; readonly reasons: readonly string[] })
  | (RefundIdentity & { readonly state: 'retired' })

export async function findRefund(
  book: RefundBook,
  findJob: FindJob,
  id: RefundIdentity,
): Promise<FoundRefund | undefined> {
  const { record, tombstone } = await book.read(id)
  if (record) return refundView(record)
  const job = await findJob()
  if (job?.finishedOn === undefined) {
    // a worker may have taken it since: it is in the ledger then
    if (job) return { ...id, state: 'queued', requested_at: requestedAt(job) }
    return tombstone ? { ...id, state: 'retired' } : settledMeanwhile(book, id)
  }
  if (tombstone) return { ...id, state: 'retired' }
  if (job.failedReason === undefined) return settledMeanwhile(book, id)
  return { ...id, state: 'refused', requested_at: requestedAt(job), reasons: [job.failedReason] }
}

/** A worker accepted the refund, and removed its job, between the two looks. */
async function settledMeanwhile(book: RefundBook, id: RefundIdentity): Promise<FoundRefund | undefined> {
  const { record } = await book.read(id)
  return record && refundView(record)
}

const requestedAt = ({ timestamp }: Job) => new Date(timestamp).toISOString()

/**
 * The job of a refund as a producer of this package adds it; other programs may name theirs as they like.
 *
 * @param orUnnamed whether one that leaves its merchant to the workers may be this refund's
 */
export function jobOf(
  queue: Queue<RefundJobData>,
  { oid_partner, no_refund }: RefundIdentity,
  orUnnamed: boolean,
): FindJob {
  return async () => {
    const named = await queue.getJob(refundJobId(oid_partner, no_refund))
    if (named || !orUnnamed) return named
    return queue.getJob(refundJobId(undefined, no_refund))
  }
}
