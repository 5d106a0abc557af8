import { type JobDefaults, type ParsedRefund, parseRefundJob, type RefundIdentity } from '../refund/job-data.ts'
import type { ObservationOf } from '../refund/observation.ts'
import { isHeld } from '../refund/record.ts'
import { besideRecord } from '../refund/snapshot.ts'
import { decide } from './decide.ts'
import { type Looked, look } from './look.ts'
import type { Engine } from './ports.ts'
import { sending } from './send.ts'

/** A job of the queue `refund`, as any producer wrote it. */
export interface RefundJob {
  readonly id: string
  readonly data: unknown
  /** when it was added, epoch ms */
  readonly timestamp: number
  /** W3C trace context that it carries */
  readonly traceparent?: string
  /** it was never taken before, so that its number is most likely new */
  readonly isFirst?: boolean
}

/**
 * - `done`: the refund no longer needs this job
 * - `later`: the job carries the next look, after that many milliseconds
 * - `failed`: the data is at fault; every fault is named
 */
export type JobResult =
  | { readonly kind: 'done'; readonly state: string }
  | { readonly kind: 'later'; readonly delayMs: number }
  | { readonly kind: 'failed'; readonly faults: readonly string[] }

/** How soon a refund is seen again that the ledger, or its replicas, do not have. */
const NOT_KEPT_MS = 1_000

/**
 * A refund job: accepted into the ledger, sent, and looked at again until its refund no longer needs it. The job may end
 * only when the replicas have what it leaves behind: in a cluster it stands on another server, and a failover of the
 * ledger's would else leave no trace of the refund anywhere.
 */
export async function submitJob(
  engine: Engine,
  merchants: JobDefaults['merchants'],
  job: RefundJob,
): Promise<JobResult> {
  const parsed = parseRefundJob(job.data, { timestamp: job.timestamp, merchants })
  const { identity } = parsed
  if (!identity) return refuse(engine, job, parsed.ok ? [] : parsed.faults)

  const { result, version } = await handle(engine, identity, parsed, job)
  if (result.kind === 'later' || version === undefined) return result
  if (await engine.ledger.confirmed({ ...identity, version })) return result
  return { kind: 'later', delayMs: NOT_KEPT_MS }
}

/**
 * A wake-up of the sweeper, which carries the refund's data in case that the ledger lost it. Where it did not, the record
 * alone decides: also for a merchant that is configured no more, whose refunds must still be asked about.
 */
export async function wakeRefund(
  engine: Engine,
  merchants: JobDefaults['merchants'],
  id: RefundIdentity,
  job: RefundJob,
): Promise<JobResult> {
  const looked = await look(engine, id, job.id)
  return looked.record ? resultFor(job, looked) : submitJob(engine, merchants, job)
}

interface Handled {
  readonly result: JobResult
  /** the last that was seen or written of the record; absent when the ledger has none */
  readonly version?: number
}

async function handle(
  engine: Engine,
  identity: RefundIdentity,
  parsed: ParsedRefund,
  job: RefundJob,
): Promise<Handled> {
  using wish = sending(engine, identity, job.id)
  const accepted = await decide(
    engine,
    identity,
    (snapshot, breaches) => {
      const seen: ObservationOf<'job'> = {
        type: 'job',
        job: job.id,
        at: job.timestamp,
        parsed,
        ...(job.traceparent !== undefined && { traceparent: job.traceparent }),
        ...besideRecord(snapshot),
        breaches,
      }
      return wish.offer(snapshot, seen)
    },
    { carrier: job.id, known: job.isFirst === true ? engine.ledger.guess(identity) : undefined },
  )
  const { decision, record } = accepted
  if (!record) {
    const settled: JobResult = { kind: 'done', state: 'settled long ago' }
    return { result: decision.kind === 'refuse' ? refuse(engine, job, decision.faults, identity) : settled }
  }
  const { version } = record
  if (decision.kind === 'refuse') return { result: refuse(engine, job, decision.faults, identity), version }
  if (decision.kind === 'commit' && record.state === 'rejected') {
    return { result: { kind: 'failed', faults: record.reasons }, version }
  }
  const followed = await wish.follow(accepted)
  const rests = followed !== accepted || wish.isBlocked()
  const looked = rests ? followed : await look(engine, identity, job.id)
  return { result: resultFor(job, looked), version: Math.max(version, looked.record?.version ?? 0) }
}

/** No record tells of this job, and no event: the log has to. */
function refuse({ log }: Engine, job: RefundJob, faults: readonly string[], identity?: RefundIdentity): JobResult {
  log.warn({ ...identity, job: job.id, faults }, 'a job was refused')
  return { kind: 'failed', faults }
}

function resultFor(job: RefundJob, { record, now }: Looked): JobResult {
  // a failover lost what was accepted: this job is the last trace of the refund
  if (!record) return { kind: 'later', delayMs: NOT_KEPT_MS }
  const { state } = record
  const needsJob = (state === 'waiting' || state === 'unknown') && !isHeld(record) && record.job === job.id
  return needsJob ? { kind: 'later', delayMs: Math.max(0, (record.next_look ?? now) - now) } : { kind: 'done', state }
}
