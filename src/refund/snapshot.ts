import type { LimitBreach, Tombstone } from './observation.ts'
import type { RefundRecord } from './record.ts'

/** What the ledger knows about a number at one moment. */
export interface Snapshot {
  /** Redis TIME, epoch ms */
  readonly now: number
  readonly record?: RefundRecord
  readonly tombstone?: Tombstone
  readonly unmatched?: { readonly dt_refund?: string }
  readonly safeStart?: number
}

/**
 * - `done`: written
 * - `stale`: somebody else wrote first: read again and decide again
 * - `breach`: a new refund may not stand beside the others of its order or day
 */
export type CommitResult =
  | { readonly kind: 'done'; readonly version: number }
  | { readonly kind: 'stale' }
  | { readonly kind: 'breach'; readonly breach: LimitBreach }
