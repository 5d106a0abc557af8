import type { BackoffPolicy } from './backoff.ts'
import type { Quarantine } from './outcome.ts'

/** How long and how often the gateway must deny knowing a refund before the same request may be sent again. */
export interface QuarantinePolicy {
  readonly minAgeMs: number
  readonly minCount: number
}

/** Every figure that a decision depends on; all of it comes from the settings. */
export interface Policy {
  readonly retry: BackoffPolicy
  /** sends that may have left; spent ones end in a hold */
  readonly maxAttempts: number
  readonly quarantine: Readonly<Record<Quarantine, QuarantinePolicy>>
  /** waits between status queries of an accepted refund; the last repeats */
  readonly queryDelaysMs: readonly [number, ...number[]]
  readonly queryGiveUpMs: number
  /** slow look at a held refund, and at one whose merchant may not send */
  readonly holdLookMs: number
  readonly maxJobAgeMs: number
  /** a refund of an older order is warned of */
  readonly orderMaxAgeMs: number
  /** how long a refund's own job may be late before `due` wakes it as well */
  readonly graceMs: number
  readonly maxRefundFen?: number
  readonly dailyCapFen?: number
  readonly heldEvents: boolean
}
