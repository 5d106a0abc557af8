import type { Decision } from './decision.ts'
import type { QueryOutcome, SubmitOutcome } from './outcome.ts'
import { isFinal, type RefundRecord } from './record.ts'

/**
 * How the facts of the fleet are counted in the ledger, each with the commit that they belong to: a name, and by how much it
 * rises. What begins with `time:` is a histogram; the rest is also kept for the last hour.
 *
 * - `submit:<kind>:<ret_code>`, `query:<kind>:<ret_code>`: calls of the gateway; `none` where no code came
 * - `notice:<result>`: `accepted`, `duplicate`, `late`, `mismatch`, `unmatched`, `bad_signature`, `unreadable`,
 *   `limited`
 * - `event:<type>`: events that left with a commit; `published`: events that all subscribers have
 * - `warning:<which>`: refunds that were accepted with a warning, see `warnings.ts`
 * - `stalled:<queue>`, `failed:<queue>`, `unreadable:<queue>`: jobs of BullMQ
 * - `time:submit:<kind>:<le>`, `time:query:<kind>:<le>`, `time:settle:<state>:<le>`: ms up to a bound, `Infinity` the
 *   last; `...:sum` all of them together
 */
export type Counts = Readonly<Record<string, number>>

type Call = 'submit' | 'query'

/** Upper bounds in ms. */
export const CALL_BUCKETS_MS = [50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, Number.POSITIVE_INFINITY]
const MINUTE = 60_000
const HOUR = 60 * MINUTE
export const SETTLE_BUCKETS_MS = [
  1_000,
  5_000,
  30_000,
  MINUTE,
  5 * MINUTE,
  15 * MINUTE,
  HOUR,
  4 * HOUR,
  12 * HOUR,
  24 * HOUR,
  72 * HOUR,
  168 * HOUR,
  Number.POSITIVE_INFINITY,
]

/** One call of the gateway; `ms` is how long it took, absent when it never left. */
export function countCall(call: Call, outcome: SubmitOutcome | QueryOutcome, ms?: number): Counts {
  const ret_code = 'fields' in outcome ? outcome.fields.ret_code : undefined
  return {
    [`${call}:${outcome.kind}:${ret_code ?? 'none'}`]: 1,
    ...(ms !== undefined && timed(`time:${call}:${outcome.kind}`, ms, CALL_BUCKETS_MS)),
  }
}

/** What a decision counts by itself: its event, its warnings, and how long it took from the job to the end. */
export function countChange(
  before: RefundRecord | undefined,
  { record, event, trail }: Extract<Decision, { kind: 'commit' }>,
): Counts {
  const settles = isFinal(record) && !(before && isFinal(before))
  return {
    ...(event && { [`event:${event.type}`]: 1 }),
    ...Object.fromEntries((trail.warnings ?? []).map((warning) => [`warning:${warning}`, 1])),
    ...(settles && timed(`time:settle:${record.state}`, record.updated_at - record.requested_at, SETTLE_BUCKETS_MS)),
  }
}

function timed(name: string, ms: number, bounds: readonly number[]): Counts {
  const whole = Math.max(0, Math.round(ms))
  const bound = bounds.find((each) => whole <= each) ?? Number.POSITIVE_INFINITY
  return { [`${name}:${bound}`]: 1, [`${name}:sum`]: whole }
}
