import type { Cluster, Redis } from 'ioredis'
import { ledgerKeys } from '../ledger/keys.ts'
import { settledRefunds } from '../ledger/settled.ts'
import { type PreparedJob, readRefund } from '../queue/prepared-jobs.ts'
import type { LedgerConflicts } from '../queue/producer.ts'
import type { RefundRecord } from '../refund/record.ts'

/**
 * Which refunds the ledger has with other content. Of what it cannot tell (a merchant that is left to the workers, a refund
 * that was settled so long ago that only its number is remembered, a ledger that cannot be read) the worker has the
 * word: none of it keeps a refund off the queue.
 */
export function ledgerConflicts(redis: Redis | Cluster, prefix: string): LedgerConflicts {
  const ledger = settledRefunds(redis, prefix, ledgerKeys(prefix))
  return async (jobs) => {
    const named = jobs.flatMap((job) => (job.data.oid_partner === undefined ? [] : [job]))
    try {
      const records = await ledger.lookUp(named.map(({ parsed }) => parsed.identity))
      const conflicts = new Set(named.filter((job, index) => isConflict(records[index], job)))
      return jobs.map((job) => conflicts.has(job))
    } catch {
      return []
    }
  }
}

/** As the workers see it: a rejected refund makes room for another one, since it was never sent. */
function isConflict(record: RefundRecord | 'forgotten' | undefined, { data, parsed }: PreparedJob): boolean {
  if (record === undefined || record === 'forgotten') return false
  if (record.state === 'rejected' && !record.contradiction) return false
  // the merchant's own kind, which the producer does not know, is part of the content
  const { content } = readRefund(data, record.oid_partner, record.requested_at, record.request?.kind)
  const redated = parsed.dated && !record.foreign && record.request?.dt_refund !== parsed.request.dt_refund
  return content !== record.content || redated
}
