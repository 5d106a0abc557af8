import type { RefundIdentity } from '../refund/job-data.ts'
import type { RefundRecord } from '../refund/record.ts'
import { refundView } from '../refund/view.ts'
import type { FindJob } from './lookup.ts'
import type { RefundBook } from './refund-book.ts'

/**
 * - `cancelled`: the ledger has it as `rejected`, and its completion event says so
 * - `withdrawn`: its job was taken off the queue before any worker saw it; nothing knows the refund, no event follows
 * - `refused`: it may have been sent, is settled or was rejected already, or may have been touched by somebody else (a
 *   backup that was restored, a notification of its number): nothing was changed
 * - `busy`: a worker has just taken it; ask again in a moment
 * - `unknown`: neither the ledger has it nor is its job on the queue
 */
export type CancelOutcome =
  | { readonly outcome: 'cancelled'; readonly refund: ReturnType<typeof refundView> }
  | { readonly outcome: 'refused'; readonly reasons: readonly string[] }
  | { readonly outcome: 'withdrawn' | 'busy' | 'unknown' }

interface Word {
  readonly by: string
  readonly reason: string
}

export async function cancel(
  book: RefundBook,
  findJob: FindJob,
  id: RefundIdentity,
  word: Word,
): Promise<CancelOutcome> {
  const known = await cancelKnown(book, id, word)
  if (known) return known
  const job = await findJob()
  if (job?.finishedOn !== undefined || job === undefined)
    return (await cancelKnown(book, id, word)) ?? { outcome: 'unknown' }
  const { safeStart } = await book.read(id)
  // a worker had it, or another one before a restore, and the ledger that would tell is lost
  if (job.attemptsStarted > 0) return { outcome: 'busy' }
  if (safeStart !== undefined && job.timestamp < safeStart) {
    return { outcome: 'refused', reasons: ['cancel: the job is from before a restore, the refund may have been sent'] }
  }
  try {
    await job.remove()
  } catch (error) {
    // a worker holds its lock
    if ((await job.getState()) === 'active') return { outcome: 'busy' }
    throw error
  }
  // between the look and the removal a worker may have taken the job and accepted the refund
  return (await cancelKnown(book, id, word)) ?? { outcome: 'withdrawn' }
}

async function cancelKnown(book: RefundBook, id: RefundIdentity, word: Word): Promise<CancelOutcome | undefined> {
  const { record, tombstone, unmatched } = await book.read(id)
  if (tombstone) return { outcome: 'refused', reasons: ['cancel: the refund was settled long ago'] }
  if (unmatched && !record) {
    return { outcome: 'refused', reasons: ['cancel: the gateway has sent a notification of this number'] }
  }
  if (!record) return undefined
  const { decision, record: after } = await book.cancel(id, word)
  if (!after) return undefined
  if (decision.kind === 'refuse' && !wasCancelled(after)) return { outcome: 'refused', reasons: decision.faults }
  return { outcome: 'cancelled', refund: refundView(after) }
}

/** Asked once more: the reply to the first word may have been lost. */
function wasCancelled({ state, settled_by }: RefundRecord): boolean {
  return state === 'rejected' && settled_by === 'operator'
}
