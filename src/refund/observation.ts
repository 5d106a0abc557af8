import type { ParsedRefund, ReadableRefund } from './job-data.ts'
import type { GatewayFields, QueryOutcome, SubmitOutcome } from './outcome.ts'
import type { Claim } from './record.ts'

/** Sending is not possible right now; look again then. */
export interface Blocked {
  readonly until: number
  readonly reason: string
}

/** A right to send that the caller has obtained (rate, breaker, stop), or why it has none. */
export type Permit = { readonly claim: Claim } | { readonly blocked: Blocked }

/** Why the ledger would not let a refund stand, or be sent: the others of its order or day, or a person's stop. */
export type LimitBreach = 'over_refund' | 'order_amount_differs' | 'order_frozen' | 'daily_cap' | 'stopped'

/** A refund number whose record was retired: enough to know the number, and whether a job means the same refund. */
export interface Tombstone {
  readonly content: string
}

/** A job of the queue `refund`, with what the ledger knew about its number beside the record. */
export interface JobSeen {
  readonly type: 'job'
  readonly job: string
  /** the job's own timestamp */
  readonly at: number
  readonly parsed: ParsedRefund
  /** W3C trace context that the job carries */
  readonly traceparent?: string
  readonly permit?: Permit
  readonly breaches?: readonly LimitBreach[]
  readonly tombstone?: Tombstone
  /** a verified notice that came before any record of its number */
  readonly unmatched?: { readonly dt_refund?: string }
  /** jobs older than this may have been sent before the ledger was restored */
  readonly safeStart?: number
}

/** A refund that another system has begun, as a person brings it in. Nobody here can know whether it was sent. */
export interface ImportSeen extends Pick<JobSeen, 'at' | 'breaches' | 'tombstone' | 'unmatched' | 'safeStart'> {
  readonly type: 'import'
  readonly parsed: ReadableRefund
  readonly by: string
  readonly reason: string
  /** never sent from here: one that the gateway denies waits for a person */
  readonly askOnly: boolean
}

/** A verified notification, its fields checked for form; absent where missing or malformed. */
export interface Notice {
  readonly fen?: number
  readonly dt_refund?: string
  readonly fields: GatewayFields
}

/**
 * Everything that can be learned about a refund.
 *
 * - `look`: somebody wakes the refund; `permit` when it may want to send; `safeStart`: records older than this were
 *   restored, and their refund may have been sent since
 * - `submit`: the result of a send, under the claim's token
 * - `query`: the result of a query asked at `askedAt`; `permit` when enough denials may lead to a send
 * - `hold`, `release`, `requery`, `cancel`, `resolve`, `replay`, `erase`: an operator's words
 */
export type Observation =
  | JobSeen
  | ImportSeen
  | {
      readonly type: 'look'
      readonly permit?: Permit
      readonly breaches?: readonly LimitBreach[]
      readonly safeStart?: number
    }
  | { readonly type: 'submit'; readonly token: string; readonly outcome: SubmitOutcome }
  | {
      readonly type: 'query'
      readonly askedAt: number
      readonly outcome: QueryOutcome
      readonly permit?: Permit
      readonly breaches?: readonly LimitBreach[]
    }
  | { readonly type: 'notice'; readonly notice: Notice }
  | { readonly type: 'hold'; readonly by: string; readonly reason: string }
  | { readonly type: 'release'; readonly by: string; readonly reason: string }
  | { readonly type: 'requery'; readonly by: string; readonly reason: string }
  | { readonly type: 'replay'; readonly by: string; readonly reason: string }
  | { readonly type: 'erase'; readonly by: string; readonly reason: string }
  | { readonly type: 'cancel'; readonly by: string; readonly reason: string; readonly safeStart?: number }
  | {
      readonly type: 'resolve'
      readonly by: string
      readonly outcome: 'succeeded' | 'failed'
      readonly evidence: string
    }

export type ObservationOf<T extends Observation['type']> = Extract<Observation, { type: T }>
