import type { Job } from 'bullmq'
import { RefundDataError } from '../refund/errors.ts'
import { type ParsedRefund, parseRefundJob, type ReadableRefund, type RefundJobData } from '../refund/job-data.ts'

/** A refund that was checked, as the job to add. */
export interface PreparedJob {
  readonly name: string
  readonly data: RefundJobData
  readonly opts: { readonly jobId: string }
  readonly parsed: ReadableRefund
}

const UNNAMED = 'default'

/** The id of a refund's job; without a merchant where that was left to the worker. */
export function refundJobId(oid_partner: string | undefined, no_refund: string): string {
  return `refund-${oid_partner ?? UNNAMED}-${no_refund}`
}

/**
 * The worker's own check, as far as it can be made without the worker's settings.
 *
 * @param byDefault the merchant of refunds that name none
 * @throws RefundDataError with every fault of every refund
 */
export function prepare(refunds: readonly RefundJobData[], byDefault: string | undefined): readonly PreparedJob[] {
  const faults: string[] = []
  const jobs = refunds.flatMap((refund, index) => {
    // a merchant that is there without a value is as absent as in the JSON that is stored
    const { oid_partner = byDefault, ...rest } = { ...refund }
    const data = oid_partner === undefined ? rest : { oid_partner, ...rest }
    const parsed = readRefund(data, oid_partner, Date.now())
    if (parsed.ok) return [{ name: 'refund', data, opts: { jobId: refundJobId(oid_partner, data.no_refund) }, parsed }]
    const where = refunds.length > 1 ? `refund ${index + 1}: ` : ''
    faults.push(...parsed.faults.map((fault) => where + fault))
    return []
  })
  if (faults.length > 0) throw new RefundDataError(faults)
  return jobs
}

/**
 * Reads job data; whether its merchant is configured, and has a default notify_url, only the worker knows.
 *
 * @param oid_partner the merchant, where it is known
 * @param kind of a refund that gives none, where it is known
 */
export function readRefund(
  data: unknown,
  oid_partner: string | undefined,
  timestamp: number,
  kind?: RefundJobData['kind'],
): ParsedRefund {
  const merchant = { notifyUrl: 'https://default.invalid/', ...(kind && { kind }) }
  return parseRefundJob(data, { timestamp, merchants: new Map([[oid_partner ?? UNNAMED, merchant]]) })
}

/**
 * Which of them cannot stand beside what is on the queue, or beside each other. BullMQ ignores a second job of an id in
 * silence.
 *
 * @param standing the job of each id, where there is one
 */
export function queueConflicts(
  jobs: readonly PreparedJob[],
  standing: readonly (Job<RefundJobData> | undefined)[],
): readonly boolean[] {
  const known = new Map<string, ParsedRefund>()
  return jobs.map(({ data, opts, parsed }, index) => {
    const job = standing[index]
    const first = known.get(opts.jobId) ?? (job && readRefund(job.data, data.oid_partner, job.timestamp)) ?? parsed
    known.set(opts.jobId, first)
    return !isSame(first, parsed)
  })
}

/** As the ledger sees it: `dt_refund` is compared where the second job gives one. */
function isSame(first: ParsedRefund, second: ReadableRefund): boolean {
  const redated = first.ok && second.dated && second.request.dt_refund !== first.request.dt_refund
  return first.content === second.content && !redated
}
