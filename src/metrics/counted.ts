import { CALL_BUCKETS_MS, SETTLE_BUCKETS_MS } from '../refund/counts.ts'
import type { RefundEvent } from '../refund/event.ts'
import type { QueryOutcome, SubmitOutcome } from '../refund/outcome.ts'
import { FINAL_STATES } from '../refund/record.ts'
import type { Warning } from '../refund/warnings.ts'
import type { Sample } from './family.ts'
import type { HistogramRow } from './totals-histogram.ts'

type Counts = Readonly<Record<string, number>>

/** A new kind must be named here before anything compiles. */
const namesOf = <Name extends string>(names: Readonly<Record<Name, true>>): readonly string[] => Object.keys(names)

const OUTCOMES = {
  submit: namesOf<SubmitOutcome['kind']>({
    accepted: true,
    already_known: true,
    refused: true,
    needs_operator: true,
    unclear: true,
    never_left: true,
  }),
  query: namesOf<QueryOutcome['kind']>({ found: true, denied: true, needs_operator: true, inconclusive: true }),
}

const CALLS = Object.entries(OUTCOMES).flatMap(([call, outcomes]) => outcomes.map((outcome) => ({ call, outcome })))

export const EVENT_TYPES = namesOf<RefundEvent['type']>({
  'refund.succeeded': true,
  'refund.failed': true,
  'refund.rejected': true,
  'refund.corrected': true,
  'refund.held': true,
})

export const WARNING_NAMES = namesOf<Warning>({
  order_age: true,
  number_of_order: true,
  second_refundno: true,
})

export const NOTICE_RESULTS = [
  'accepted',
  'duplicate',
  'late',
  'mismatch',
  'unmatched',
  'bad_signature',
  'unreadable',
  'limited',
] as const

/** What stands for a code of the gateway that is in no table: one text could be as good as any other there. */
const UNLISTED = 'unlisted'
/** What stands for the code where none came. */
const NO_CODE = 'none'

/** Every outcome has a sample from the start, so that its first rise is seen as one. */
export function callSamples(counts: Counts, isListed: (ret_code: string) => boolean): readonly Sample[] {
  return CALLS.flatMap(({ call, outcome }) => {
    const prefix = `${call}:${outcome}:`
    const totals = new Map([[NO_CODE, 0]])
    for (const [name, count] of Object.entries(counts)) {
      if (!name.startsWith(prefix)) continue
      const ret_code = boundedCode(name.slice(prefix.length), isListed)
      totals.set(ret_code, (totals.get(ret_code) ?? 0) + count)
    }
    return [...totals].map(([ret_code, value]) => ({ labels: { call, outcome, ret_code }, value }))
  })
}

export function callDurations(counts: Counts): readonly HistogramRow[] {
  return CALLS.map((labels) => row(counts, `time:${labels.call}:${labels.outcome}`, CALL_BUCKETS_MS, labels))
}

export function settleDurations(counts: Counts): readonly HistogramRow[] {
  return FINAL_STATES.map((state) => row(counts, `time:settle:${state}`, SETTLE_BUCKETS_MS, { state }))
}

function row(counts: Counts, name: string, bounds: readonly number[], labels: HistogramRow['labels']): HistogramRow {
  return {
    labels,
    buckets: bounds.map((bound) => ({ bound, count: counts[`${name}:${bound}`] ?? 0 })),
    sum: counts[`${name}:sum`] ?? 0,
  }
}

function boundedCode(ret_code: string, isListed: (ret_code: string) => boolean): string {
  return ret_code === NO_CODE || isListed(ret_code) ? ret_code : UNLISTED
}
