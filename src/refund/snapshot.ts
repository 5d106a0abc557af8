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
  /** a new refund of its merchant may be sent without asking: no door is shut or watched, no stop stands, no call rate is set */
  readonly open?: true
  /** nothing was read: most new numbers find this, and the commit checks whether this one does */
  readonly guessed?: true
}

/** What the ledger knows of a number beside its record. */
export function besideRecord({
  tombstone,
  unmatched,
  safeStart,
}: Snapshot): Pick<Snapshot, 'tombstone' | 'unmatched' | 'safeStart'> {
  return {
    ...(tombstone && { tombstone }),
    ...(unmatched && { unmatched }),
    ...(safeStart !== undefined && { safeStart }),
  }
}

/**
 * - `done`: written, in this version and under this token
 * - `stale`: somebody else wrote first: read again and decide again
 * - `breach`: a new refund may not stand beside the others of its order or day
 */
export type CommitResult =
  | { readonly kind: 'done'; readonly version: number; readonly token: string }
  | { readonly kind: 'stale' }
  | { readonly kind: 'breach'; readonly breach: LimitBreach }
