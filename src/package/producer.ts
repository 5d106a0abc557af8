import { z } from 'zod'
import { type ProducerOptions as EnqueueOptions, type Producer as Enqueuer, openProducer } from '../queue/producer.ts'
import { reach } from '../queue/reach.ts'
import { RefundDataError } from '../refund/errors.ts'
import type { RefundIdentity } from '../refund/job-data.ts'
import { type CancelOutcome, cancel } from './cancel.ts'
import { ledgerConflicts } from './ledger-conflicts.ts'
import { type FoundRefund, findRefund, jobOf } from './lookup.ts'
import { refundBook } from './refund-book.ts'

export type { Enqueued } from '../queue/producer.ts'
export { ProducerOptionsError } from '../queue/producer.ts'
export { QueueUnavailableError } from '../queue/reach.ts'
export type { RedisAddress } from '../redis/connection.ts'
export { RefundDataError, RefundError } from '../refund/errors.ts'
export type { RefundJobData } from '../refund/job-data.ts'
export type { CancelOutcome } from './cancel.ts'
export type { FoundRefund } from './lookup.ts'

export interface ProducerOptions extends EnqueueOptions {
  /** `LEDGER_PREFIX` of the workers; default `{refunds}`; every call looks there */
  readonly ledgerPrefix?: string
}

interface Whose {
  /** default: the producer's own */
  readonly oid_partner?: string
}

export interface Cancellation extends Whose {
  /** stands in the refund's history and on its completion event */
  readonly reason: string
  /** who cancels, for the history; default `producer` */
  readonly by?: string
}

export interface Producer extends Enqueuer {
  /**
   * What is known of a refund: in the ledger, or of a job that no worker has taken yet.
   *
   * @returns undefined when nothing is
   * @throws RefundDataError when neither this call nor the producer names a merchant
   * @throws QueueUnavailableError when Redis is away
   */
  getRefund(no_refund: string, whose?: Whose): Promise<FoundRefund | undefined>
  /**
   * Cancels a refund that was surely never sent, and no other.
   *
   * @throws RefundDataError without a reason, or when neither this call nor the producer names a merchant
   * @throws QueueUnavailableError when Redis is away; whether the refund was cancelled, `getRefund` says
   */
  cancelRefund(no_refund: string, cancellation: Cancellation): Promise<CancelOutcome>
}

const cancellationSchema = z.object({
  reason: z.string('text, why it is cancelled').trim().min(1, 'text, why it is cancelled'),
  by: z.string('text, who cancels').trim().min(1, 'text, who cancels').default('producer'),
})

/**
 * A producer with a connection of its own, which fails fast.
 *
 * @throws ProducerOptionsError
 */
export function createProducer({ ledgerPrefix = '{refunds}', ...options }: ProducerOptions): Producer {
  const opened = openProducer(options, (redis) => ledgerConflicts(redis, ledgerPrefix))
  const { connection, queue, ...enqueuer } = opened
  const book = refundBook(connection, ledgerPrefix)

  function identity(no_refund: string, { oid_partner = options.oid_partner }: Whose): RefundIdentity {
    if (oid_partner === undefined) throw new RefundDataError(['oid_partner: required, as the producer has no default'])
    return { oid_partner, no_refund }
  }

  /** A job that leaves its merchant to the workers is none of another merchant than the producer's own. */
  const findJob = (id: RefundIdentity) =>
    jobOf(queue, id, options.oid_partner === undefined || options.oid_partner === id.oid_partner)

  return {
    ...enqueuer,
    async getRefund(no_refund, whose = {}) {
      const id = identity(no_refund, whose)
      return reach(async () => findRefund(book, findJob(id), id))
    },
    async cancelRefund(no_refund, cancellation) {
      const read = cancellationSchema.safeParse(cancellation)
      if (!read.success) {
        throw new RefundDataError(
          read.error.issues.map(({ path, message }) => `${path.join('.')}: expected ${message}`),
        )
      }
      const id = identity(no_refund, cancellation)
      return reach(async () => cancel(book, findJob(id), id, read.data))
    },
  }
}
