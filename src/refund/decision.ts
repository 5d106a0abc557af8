import { completionEvent, heldEvent, type RefundEvent } from './event.ts'
import type { Observation } from './observation.ts'
import type { Policy } from './policy.ts'
import { type CompletionType, type FinalState, isFinal, isHeld, type RefundRecord, type State } from './record.ts'
import { WARNINGS, type Warning } from './warnings.ts'

/** When a decision is made, and the randomness it may use; both come from outside. */
export interface Moment {
  /** epoch ms by Redis TIME */
  readonly now: number
  /** in [0, 1) */
  readonly random: number
}

/** One line of a refund's history: what was learned, what it changed, and why. */
export interface TrailLine {
  readonly at: number
  readonly observation: Observation['type']
  readonly from: State | 'none'
  readonly to: State
  /** why it waits for a person, where it does */
  readonly holds?: readonly string[]
  readonly note: string
  readonly attempt?: number
  readonly ret_code?: string
  readonly by?: string
  readonly warnings?: readonly Warning[]
  /** so many looks in a row said the same, the first of them then; the line stands in the place of theirs */
  readonly times?: number
  readonly since?: number
}

/**
 * - `commit`: write this record, if its version is still the one it was made from
 * - `keep`: nothing new; nothing to write
 * - `refuse`: the job or command cannot be followed
 * - `unmatched`: a verified notice for a number without a record: keep it for a person
 */
export type Decision =
  | { readonly kind: 'commit'; readonly record: RefundRecord; readonly trail: TrailLine; readonly event?: RefundEvent }
  | { readonly kind: 'keep'; readonly note: string }
  | { readonly kind: 'refuse'; readonly faults: readonly string[] }
  | { readonly kind: 'unmatched' }

export interface Context {
  readonly record: RefundRecord
  readonly policy: Policy
  readonly moment: Moment
  /** of what was seen, whatever becomes of it; told with the commit */
  readonly warnings?: readonly Warning[]
}

/** What a line of the trail tells beside the states. */
export interface Told {
  readonly note: string
  readonly ret_code?: string | undefined
  readonly attempt?: number | undefined
  readonly by?: string | undefined
  readonly warnings?: readonly Warning[]
}

export const keep = (note: string): Decision => ({ kind: 'keep', note })
export const refuse = (...faults: string[]): Decision => ({ kind: 'refuse', faults })

/**
 * Writes a changed record down: the one place where a record that becomes final gets its event, and one that becomes
 * held gets its word.
 *
 * @param context with the record that the decision was made from, absent for a new one
 * @param completes the event of a record that was final before and is settled anew
 */
export function commit(
  { record: before, policy, moment, warnings = [] }: Omit<Context, 'record'> & { record: RefundRecord | undefined },
  changed: RefundRecord,
  observation: Observation['type'],
  { warnings: ofRule = [], ...saying }: Told,
  completes?: CompletionType,
): Decision {
  const { now } = moment
  const told = { ...saying, warnings: [...ofRule, ...warnings] }
  const { repeated: _former, ...fresh } = changed
  const repeated = repetition(before, changed, observation, told, now)
  let record: RefundRecord = { ...fresh, updated_at: now, ...(repeated && { repeated }) }
  let event: RefundEvent | undefined
  const settles = isFinal(record) && !(before && isFinal(before))
  if (settles || completes) {
    const final = closed(record)
    const made = { type: completes ?? (`refund.${final.state}` as const), time: now }
    const counted = { ...final, events: record.events + 1, event: made }
    record = counted
    event = completionEvent(counted, made)
  } else if (policy.heldEvents && isHeld(record) && !(before && isHeld(before))) {
    record = { ...record, held_events: record.held_events + 1 }
    event = heldEvent(record, now)
  }
  const trail: TrailLine = {
    at: now,
    observation,
    from: before?.state ?? 'none',
    to: record.state,
    ...(record.holds.length > 0 && { holds: record.holds }),
    note: noteOf(told),
    ...(told.attempt !== undefined && { attempt: told.attempt }),
    ...(told.ret_code !== undefined && { ret_code: told.ret_code }),
    ...(told.by !== undefined && { by: told.by }),
    ...(told.warnings.length > 0 && { warnings: told.warnings }),
    ...(repeated && repeated.times > 1 && { times: repeated.times, since: repeated.since }),
  }
  return { kind: 'commit', record, trail, ...(event && { event }) }
}

function noteOf({ note, warnings = [] }: Told): string {
  return [note, ...warnings.map((warning) => `warning: ${WARNINGS[warning]}`)].join('; ')
}

/** A look that changes nothing but when the next one comes, told in the same words as the one before, and without a warning. */
function repetition(
  before: RefundRecord | undefined,
  changed: RefundRecord,
  observation: Observation['type'],
  { note, ret_code, by, warnings = [] }: Told,
  now: number,
): RefundRecord['repeated'] {
  const looks = observation === 'look' || observation === 'query' || observation === 'requery'
  const same = before?.state === changed.state && before.holds.length === changed.holds.length
  if (warnings.length > 0 || !looks || !same || before.contradiction !== changed.contradiction) return undefined
  const said = [observation, note, ret_code, by].filter((part) => part !== undefined).join(' | ')
  const { repeated: former } = before
  if (former?.said !== said) return { said, since: now, times: 1 }
  return { ...former, times: former.times + 1 }
}

/** Nothing more is to be done about a final record: no hold, no claim, no look, no job. */
function closed(record: RefundRecord): RefundRecord & { readonly state: FinalState } {
  const { claim: _claim, next_look: _look, job: _job, state, ...rest } = record
  if (state !== 'succeeded' && state !== 'failed' && state !== 'rejected') {
    throw new TypeError(`a completion event for a refund that is ${state}`)
  }
  return { ...rest, state, holds: [] }
}
