import type { GatewayFields, Quarantine } from './outcome.ts'
import type { LegibleRefund, RefundRequest } from './request.ts'

/** Raised when the meaning of a stored field changes. A worker reads older formats and leaves newer ones alone. */
export const RECORD_FORMAT = 1

export const OPEN_STATES = ['waiting', 'sending', 'unknown', 'processing'] as const
export const FINAL_STATES = ['succeeded', 'failed', 'rejected'] as const
export const STATES = [...OPEN_STATES, ...FINAL_STATES] as const

/**
 * - `waiting`: no attempt may have left; also the first state
 * - `sending`: the fence: a request may be under way
 * - `unknown`: an attempt may have left and its fate is not known
 * - `processing`: the gateway has it; leaves only to a final state
 */
export type State = (typeof STATES)[number]
export type FinalState = (typeof FINAL_STATES)[number]

export const HOLD_REASONS = [
  'insufficient_balance',
  'configuration',
  'amount_mismatch',
  'contradiction',
  'attempts_spent',
  'silence',
  'cap',
  'operator',
] as const
/** Why a refund waits for a person. Any hold forbids sending. */
export type HoldReason = (typeof HOLD_REASONS)[number]

export type CompletionType = 'refund.succeeded' | 'refund.failed' | 'refund.rejected' | 'refund.corrected'

export type SettledBy = 'notification' | 'response' | 'query' | 'validation' | 'operator'

/**
 * What became of one send.
 *
 * - `open`: it may have left and nothing conclusive came back
 * - `refused`: answered with a definite refusal that could not end the refund by itself
 * - `accepted`: the gateway has it
 * - `never_left`: it provably never reached the gateway
 */
export type Fate = 'open' | 'refused' | 'accepted' | 'never_left'

export interface Attempt {
  /** from 1; 0 stands for a send of unknown origin (an old job, an unmatched notice) and is not counted */
  readonly number: number
  readonly fate: Fate
  readonly quarantine: Quarantine
  readonly claimed_at: number
  /** when the quarantine began: the commit of the outcome, else the claim's deadline; absent while under way */
  readonly quarantined_from?: number
  readonly denials: number
  readonly last_denial_at?: number
  readonly ret_code?: string
  /** answered that the merchant has no balance: it does not count against the policy's attempts */
  readonly no_balance?: true
}

/** The right to send, held by one worker until the deadline (epoch ms by Redis TIME). */
export interface Claim {
  readonly token: string
  readonly deadline: number
}

/** The truth about one refund. All times are epoch milliseconds by Redis TIME. */
export interface RefundRecord {
  /** 0 until first stored; raised by every commit */
  readonly version: number
  /** of the commit that wrote it: after a failover two histories may have the same version */
  readonly token?: string
  readonly oid_partner: string
  readonly no_refund: string
  readonly state: State
  readonly holds: readonly HoldReason[]
  /** hash of the content, see `contentHash`; tells the same refund from a reused number */
  readonly content: string
  /** absent only in a record that was rejected because its data could not be read */
  readonly request?: RefundRequest
  /** stands in for the request on the event of such a record */
  readonly legible?: LegibleRefund
  /** fen; the amount of the original order, when the producer knows it */
  readonly order_amount?: number
  readonly metadata?: Readonly<Record<string, string>>
  readonly attempts: readonly Attempt[]
  readonly claim?: Claim
  /** looks in a row that brought nothing: the exponent of the backoff */
  readonly looks: number
  /** status queries since the gateway has it */
  readonly queries: number
  /** when to look again; absent in a final record */
  readonly next_look?: number
  /** id of the BullMQ job that carries the retries; absent when only `due` wakes the refund */
  readonly job?: string
  /** what the gateway said last */
  readonly answer: GatewayFields
  /** another `oid_refundno` than the one in `answer`: the gateway may hold two refunds under our one number */
  readonly second_refundno?: string
  readonly reasons: readonly string[]
  readonly settled_by?: SettledBy
  /** facts that cannot both be true were seen; set until an operator resolves it, and for ever if never */
  readonly contradiction: boolean
  /** the last of them, in words */
  readonly contradiction_note?: string
  /** a verified notice came for this number before any job: it was sent by somebody else */
  readonly foreign: boolean
  /** a person let it go on although its order is frozen, or may be paid beyond its amount */
  readonly order_waived?: true
  /** sends granted by a person beyond the policy's attempts */
  readonly granted: number
  /** completion events so far; the next one has this number + 1 */
  readonly events: number
  readonly held_events: number
  /** of the last completion event, which can be made again from it; see `eventOf` */
  readonly event?: { readonly type: CompletionType; readonly time: number }
  /** W3C trace context of the job that opened it */
  readonly traceparent?: string
  /** the last line of the trail, while one look after the other says the same */
  readonly repeated?: { readonly said: string; readonly since: number; readonly times: number }
  readonly requested_at: number
  readonly created_at: number
  readonly updated_at: number
  /** the last send or release: silence is measured from here */
  readonly quiet_since: number
  /** the safe start that this record was doubted for; see `rules/restored.ts` */
  readonly safe_start?: number
}

/** What a new record has while nothing was learned; the ledger stores none of it. */
export const NOTHING_LEARNED = {
  attempts: [],
  looks: 0,
  queries: 0,
  answer: {},
  reasons: [],
  contradiction: false,
  foreign: false,
  granted: 0,
  events: 0,
  held_events: 0,
} as const satisfies Partial<RefundRecord>

export function isFinal(record: RefundRecord): boolean {
  return (FINAL_STATES as readonly State[]).includes(record.state)
}

/** What outsiders call `held`: open, and waiting for a person. */
export function isHeld(record: RefundRecord): boolean {
  return record.holds.length > 0 && !isFinal(record)
}

/** Sends that may have left; attempt 0 is not ours and not counted. */
export function countSends(record: RefundRecord): number {
  return record.attempts.filter((attempt) => attempt.number > 0 && attempt.fate !== 'never_left').length
}

/** Whether any request for this refund may ever have reached the gateway. */
export function mayHaveLeft(record: RefundRecord): boolean {
  return record.attempts.some((attempt) => attempt.fate !== 'never_left')
}
