import { wakesThrough } from '../refund/due.ts'
import type { RefundRecord } from '../refund/record.ts'
import type { Ledger } from './ports.ts'

type WakeQueue = ReturnType<typeof wakesThrough>

export interface Wakes {
  /** jobs that wait in the queue */
  waiting(queue: WakeQueue): Promise<number>
  /** adds a wake-up for each; adding one that is still there does nothing */
  wake(queue: WakeQueue, records: readonly RefundRecord[]): Promise<void>
}

export interface SweepOptions {
  readonly ledger: Pick<Ledger, 'takeDue' | 'retire'>
  readonly wakes: Wakes
  /** how long a wake-up has before the sweeper gives another */
  readonly leaseMs: number
  readonly retentionMs: number
}

const BATCH = 500
/** A queue this long has enough to do: what is left out stays due. */
const LONG_QUEUE = 5000

/**
 * Wakes every refund that is due: what waits for its outcome, and whatever lost its job.
 *
 * @returns how many were taken; a full batch means that more are due
 */
export async function sweep({ ledger, wakes, leaseMs, retentionMs }: SweepOptions): Promise<{ more: boolean }> {
  const due = await ledger.takeDue(BATCH, leaseMs)
  for (const queue of ['refund', 'refund-query'] as const) {
    const records = due.filter((record) => wakesThrough(record) === queue)
    if (records.length > 0 && (await wakes.waiting(queue)) < LONG_QUEUE) await wakes.wake(queue, records)
  }
  const retired = await ledger.retire(retentionMs, BATCH)
  return { more: due.length === BATCH || retired >= BATCH }
}
