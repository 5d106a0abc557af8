import type { RefundIdentity } from '../refund/job-data.ts'
import type { HoldReason, State } from '../refund/record.ts'
import type { KeyView, LoadedSettings } from './key-view.ts'

/** Refunds, and the sum of their money in fen. */
export interface Sum {
  readonly count: number
  readonly fen: number
}

/** The refund that has been somewhere longest; `since` is epoch ms. */
export interface Oldest extends RefundIdentity {
  readonly since: number
}

/** A person's order that nothing may be sent. */
export interface Stop {
  readonly by: string
  /** epoch ms */
  readonly at: number
  readonly reason: string
}

/**
 * - `open`: calls go through
 * - `shut`: none does
 * - `probing`: one does, to see whether the door may open
 */
export type Door = 'open' | 'shut' | 'probing'

/** Whether a merchant's refunds may be sent. */
export interface MerchantGate {
  readonly oid_partner: string
  /** shut while the gateway cannot be reached */
  readonly breaker: Door
  /** shut while the merchant has no balance */
  readonly balance: Door
  readonly stopped?: Stop
}

/** A process of the fleet that was heard of lately. */
export interface AliveProcess {
  readonly host: string
  readonly pid: number
  readonly roles: readonly string[]
  /** epoch ms */
  readonly seen: number
}

/** What an operator did to the fleet, and not to one refund. */
export interface Operation {
  /** epoch ms */
  readonly at: number
  readonly by: string
  /** e.g. `stop`, `pause refund` */
  readonly action: string
  readonly reason: string
}

/** How a merchant's books and the gateway's agree, over all periods that were compared. */
export interface BooksView {
  readonly oid_partner: string
  /** when they were last compared, epoch ms */
  readonly at: number
  /** how many of each kind; see `DIFFERENCE_KINDS` in `src/books/difference.ts` */
  readonly differences: Readonly<Record<string, number>>
}

/** Refunds that wait for a merchant that is in no settings: nothing is sent for it, and nothing asked. */
export interface Unconfigured {
  readonly oid_partner: string
  readonly refunds: number
}

/** The ledger at one moment. */
export interface LedgerView {
  /** Redis TIME, epoch ms */
  readonly now: number
  readonly states: Readonly<Record<State, Sum>>
  readonly open: Sum
  /** open, and waiting for a person; a refund with two reasons counts once */
  readonly held: Sum
  /** a refund with two reasons counts under each */
  readonly holds: Readonly<Record<HoldReason, Sum>>
  /** refunds of any state with a contradiction that nobody has resolved */
  readonly contradicted: Sum
  /** verified notices of refunds that the ledger does not know */
  readonly unmatched: number
  readonly oldestOpen?: Oldest
  /** longest in `unknown` without a break */
  readonly oldestUnknown?: Oldest
  readonly oldestHeld?: Oldest
  /** events that wait to be published; `since` of the oldest, epoch ms */
  readonly outbox: { readonly count: number; readonly since?: number }
  /** refunds whose look is overdue; `since` of the oldest, epoch ms */
  readonly due: { readonly count: number; readonly since?: number }
  /** everything that was ever counted; see `counts.ts` for the names */
  readonly counts: Readonly<Record<string, number>>
  /** the same of the last hour, without the histograms */
  readonly lastHour: Readonly<Record<string, number>>
  readonly gates: readonly MerchantGate[]
  readonly unconfigured: readonly Unconfigured[]
  /** of the processes that are alive */
  readonly loaded: readonly LoadedSettings[]
  /** every key that the settings ever had */
  readonly keys: readonly KeyView[]
  /** the whole fleet may send nothing */
  readonly stopped?: Stop
  readonly alive: readonly AliveProcess[]
  /** newest first */
  readonly operations: readonly Operation[]
  /** what comparisons with the gateway's reports found, a merchant each that ever had one */
  readonly books: readonly BooksView[]
  /** jobs and records older than this are doubted, epoch ms */
  readonly safeStart?: number
}

export const JOB_STATES = ['waiting', 'prioritized', 'active', 'delayed', 'failed', 'completed'] as const
export type JobState = (typeof JOB_STATES)[number]

/** A BullMQ queue at one moment. */
export interface QueueView {
  readonly name: string
  readonly paused: boolean
  readonly jobs: Readonly<Record<JobState, number>>
  /** when the longest waiting job was added, epoch ms */
  readonly oldestWaiting?: number
}

/** The whole fleet at one moment: what the status page, /metrics and refundctl tell. */
export interface Overview extends LedgerView {
  readonly queues: readonly QueueView[]
  /** why Redis could lose what it acknowledged; empty when nothing was found */
  readonly durabilityFaults: readonly string[]
}

/** What the overview is read from. */
export interface OverviewSources {
  readonly ledger: () => Promise<LedgerView>
  readonly queues: () => Promise<readonly QueueView[]>
  readonly durabilityFaults: () => Promise<readonly string[]>
}

export async function overview(sources: OverviewSources): Promise<Overview> {
  const [ledger, queues, durabilityFaults] = await Promise.all([
    sources.ledger(),
    sources.queues(),
    sources.durabilityFaults(),
  ])
  return { ...ledger, queues, durabilityFaults }
}
