import { wakesThrough } from '../refund/due.ts'
import type { RefundRecord } from '../refund/record.ts'
import type { Ledger } from './ports.ts'

type WakeQueue = ReturnType<typeof wakesThrough>

export interface Wakes {
  /** jobs that wait in the queue */
  waiting(queue: WakeQueue): Promise<number>
  /**
   * Adds a wake-up for each; adding one that is still there does nothing. Those of `refund`, also of earlier calls, are
   * given their places among the jobs of producers.
   */
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

export interface Swept {
  /** there is more to do at once */
  readonly more: boolean
  /** somebody who waits for a call may be called after that many milliseconds */
  readonly restMs?: number
}

/** Wakes every refund that is due and may be looked at: what waits for its outcome or a call, and what lost its job. */
export async function sweep({ ledger, wakes, leaseMs, retentionMs }: SweepOptions): Promise<Swept> {
  const { records: due, restMs } = await ledger.takeDue(BATCH, leaseMs)
  const through = (queue: WakeQueue) => due.filter((record) => wakesThrough(record) === queue)
  // never many; also with none, for those that were put off and come back
  await wakes.wake('refund', through('refund'))
  const asked = through('refund-query')
  if (asked.length > 0 && (await wakes.waiting('refund-query')) < LONG_QUEUE) await wakes.wake('refund-query', asked)
  const retired = await ledger.retire(retentionMs, BATCH)
  const more = due.length === BATCH || retired >= BATCH || restMs === 0
  return { more, ...(restMs !== undefined && { restMs }) }
}
