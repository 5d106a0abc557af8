import type { Counts } from '../refund/counts.ts'
import type { Decision } from '../refund/decision.ts'
import type { RefundIdentity } from '../refund/job-data.ts'
import type { LimitBreach, Notice } from '../refund/observation.ts'
import type { QueryOutcome, SubmitOutcome } from '../refund/outcome.ts'
import type { Policy } from '../refund/policy.ts'
import type { RefundRecord } from '../refund/record.ts'
import type { RefundRequest } from '../refund/request.ts'
import type { CommitResult, Snapshot } from '../refund/snapshot.ts'
import type { Trace } from './trace.ts'
import type { Turns } from './turns.ts'

/** The edges of the flows, as the flows see them. `workers/` hands in the real ones. */

export interface Ledger {
  read(id: RefundIdentity): Promise<Snapshot>
  /** what a new number most likely finds, without asking; the commit of what was decided from it checks it */
  guess(id: RefundIdentity): Snapshot | undefined
  commit(
    before: RefundRecord | undefined,
    decision: Extract<Decision, { kind: 'commit' }>,
    extras: {
      readonly breaches?: readonly LimitBreach[]
      readonly early?: boolean
      readonly guessed?: boolean
      readonly counts?: Counts | undefined
    },
  ): Promise<CommitResult>
  admit(
    id: RefundIdentity,
    call: 'send' | 'resend' | 'lift' | 'query',
  ): Promise<
    | { readonly go: true; readonly now: number; readonly watched: boolean }
    | { readonly go: false; readonly now: number; readonly until: number; readonly reason: string }
  >
  report(id: RefundIdentity, report: 'unreachable' | 'reached' | 'answered' | 'no_balance'): Promise<void>
  /** whether enough replicas have the record in this version or a later one, and in it the claim with this token */
  confirmed(record: RefundIdentity & { readonly version?: number }, token?: string): Promise<boolean>
  keepUnmatched(id: RefundIdentity, notice: Notice): Promise<'kept' | 'known' | 'matched'>
  /** @returns with `restMs`: when somebody else of those who wait may be called, where that is known */
  takeDue(
    limit: number,
    leaseMs: number,
  ): Promise<{ readonly records: readonly RefundRecord[]; readonly restMs?: number }>
  retire(keepMs: number, limit: number): Promise<number>
  count(counts: Counts): Promise<void>
}

export interface Gateway {
  /** @param mayWrite asked right before the request is written; `false` means that it must not leave any more */
  submit(request: RefundRequest, mayWrite: () => boolean): Promise<SubmitOutcome>
  query(request: RefundRequest): Promise<QueryOutcome>
}

export interface Clock {
  /** epoch ms */
  wall(): number
  /** ms from anywhere; never jumps */
  monotonic(): number
}

export interface Log {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** What every flow about a refund needs. */
export interface Engine {
  readonly ledger: Ledger
  readonly gatewayOf: (oid_partner: string) => Gateway | undefined
  readonly policy: Policy
  /** of a merchant with figures of its own */
  readonly policyOf?: (oid_partner: string) => Policy | undefined
  /** limit of one call to the gateway, all of it */
  readonly gatewayTimeoutMs: number
  readonly clock: Clock
  readonly random: () => number
  readonly newToken: () => string
  readonly log: Log
  /** absent: no traces */
  readonly trace?: Trace
  /** absent: every send may begin at once */
  readonly turns?: Turns
}
