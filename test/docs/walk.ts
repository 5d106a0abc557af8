import type { Observation } from '../../src/refund/observation.ts'
import type { Policy } from '../../src/refund/policy.ts'
import {
  HOLD_REASONS,
  type HoldReason,
  isFinal,
  OPEN_STATES,
  type RefundRecord,
  type State,
} from '../../src/refund/record.ts'
import { transition } from '../../src/refund/transition.ts'
import { EAGER, POLICY } from '../refund/builders.ts'
import { CASES } from '../refund/cases.ts'
import { FIRST_JOBS, HAPPENINGS } from '../refund/observations.ts'
import { IN_STATE, Story } from '../refund/story.ts'
import { type Seen, sightOf } from './sight.ts'

export type From = State | 'none'

/** One way from state to state that `transition` took, and what was seen. */
export interface Way {
  readonly from: From
  readonly to: State
  readonly seen: Seen
}

/** A hold that `transition` set or took away. */
export interface Held {
  readonly reason: HoldReason
  readonly set: boolean
  readonly seen: Seen
  readonly state: State
}

/** A fact that cannot be true beside a final state. */
export interface Contradicted {
  readonly state: State
  readonly seen: Seen
}

export interface Walk {
  readonly ways: readonly Way[]
  readonly holds: readonly Held[]
  readonly contradictions: readonly Contradicted[]
}

const POLICIES: readonly Policy[] = [POLICY, EAGER, { ...EAGER, maxAttempts: 1 }, { ...POLICY, maxRefundFen: 1 }]
const JOB_HOLDS: Readonly<Partial<Record<HoldReason, string>>> = {
  cap: 'above a cap',
  contradiction: 'its order has a contradiction, or would be passed',
}

interface Meeting {
  readonly policy: Policy
  readonly before: RefundRecord | undefined
  readonly observation: Observation
  readonly now: number
}

/** Shows `transition` every observation of the tests in every state and special case, and notes what changed. */
export function walk(): Walk {
  const ways: Way[] = []
  const holds: Held[] = []
  const contradictions: Contradicted[] = []
  for (const { policy, before, observation, now } of meetings()) {
    const decision = transition(before, observation, policy, { now, random: 0.5 })
    if (decision.kind !== 'commit') continue
    const after = decision.record
    const { state } = after
    const from = before?.state ?? 'none'
    const seen = sightOf(observation, before, after)
    // an end that is told anew is a way, too
    if (from !== state || decision.event) ways.push({ from, to: state, seen })
    if (after.contradiction && !before?.contradiction) contradictions.push({ state, seen })
    holds.push(...changesOfHolds(before, after, seen))
  }
  return { ways, holds, contradictions }
}

function* meetings(): Generator<Meeting> {
  const seen = CASES.map(([, build]) => build())
  const held = OPEN_STATES.flatMap((state) => HOLD_REASONS.map((reason) => [IN_STATE[state](), [reason]] as const))
  for (const policy of POLICIES) {
    for (const happening of FIRST_JOBS) {
      const story = new Story(policy)
      const observation = happening(story)
      yield { policy, before: undefined, observation, now: story.now }
    }
    for (const story of seen) yield* meetingsOf(policy, story, story.record)
    for (const [story, holds] of held) yield* meetingsOf(policy, story, { ...story.record, holds })
  }
}

function* meetingsOf(policy: Policy, story: Story, before: RefundRecord): Generator<Meeting> {
  const { now } = story
  for (const happening of HAPPENINGS) {
    const observation = happening(story)
    yield { policy, before, observation, now: story.now }
    // some happen later: the next begins where this one began
    story.now = now
  }
}

function changesOfHolds(before: RefundRecord | undefined, after: RefundRecord, seen: Seen): Held[] {
  const { state } = after
  // a number that is opened again begins anew
  const had = before?.state === 'rejected' ? [] : (before?.holds ?? [])
  const set = after.holds.filter((reason) => !had.includes(reason))
  // an end takes every hold away, which is not worth telling of each
  const freed = isFinal(after) ? [] : had.filter((reason) => !after.holds.includes(reason))
  return [
    ...set.map((reason) => ({ reason, set: true, state, seen: { ...seen, said: heldSaid(seen, reason) } })),
    ...freed.map((reason) => ({ reason, set: false, state, seen })),
  ]
}

const heldSaid = ({ who, said }: Seen, reason: HoldReason) => (who === 'job' ? (JOB_HOLDS[reason] ?? said) : said)
