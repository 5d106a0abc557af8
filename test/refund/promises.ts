import type { Decision } from '../../src/refund/decision.ts'
import type { ParsedRefund } from '../../src/refund/job-data.ts'
import type { Observation } from '../../src/refund/observation.ts'
import type { Policy } from '../../src/refund/policy.ts'
import { type Attempt, countSends, isFinal, mayHaveLeft, type RefundRecord } from '../../src/refund/record.ts'

interface Seen {
  readonly before: RefundRecord | undefined
  readonly observation: Observation
  readonly decision: Decision
  readonly policy: Policy
  readonly now: number
}

type Commit = Extract<Decision, { kind: 'commit' }>
type Change = Seen & { readonly after: RefundRecord; readonly decision: Commit }
type Promised = (change: Change) => boolean

/** What must hold of every single change of every refund, whatever was seen before. */
const PROMISES: Readonly<Record<string, Promised>> = {
  'a claim follows only a wait without attempts, or a denial of every attempt in this very decision': (change) =>
    !claims(change) || claimedFromWaiting(change) || claimedByDenial(change),

  'a held refund gets no claim': (change) =>
    !claims(change) || ((isReopened(change) || !change.before?.holds.length) && change.after.holds.length === 0),

  'a claim stands until its deadline, however the clock goes': ({ before, after, observation, now }) =>
    observation.type !== 'look' || !before?.claim || now >= before.claim.deadline || after.claim !== undefined,

  'an attempt number is never used twice': ({ before, after }) => {
    const numbers = after.attempts.map((attempt) => attempt.number)
    const grow = numbers.every((number, at) => at === 0 || number > (numbers[at - 1] ?? 0))
    return grow && (numbers.at(-1) ?? 0) >= (before && before.state !== 'rejected' ? lastNumber(before) : 0)
  },

  'a final state changes only by a resolved contradiction, or a rejected one by other content': (change) => {
    const { before, after, observation } = change
    if (!before || !isFinal(before) || before.state === after.state) return true
    return (observation.type === 'resolve' && before.contradiction) || isReopened(change)
  },

  'a number that was contradicted never opens again': ({ before, after }) =>
    !(before?.contradiction && isFinal(before)) || isFinal(after),

  'time alone settles nothing': ({ before, after, observation }) =>
    observation.type !== 'look' || isFinal(after) === (before !== undefined && isFinal(before)),

  'failed rests on a refusal, a sta_refund 3 of this refund, or a person': (change) =>
    !enters(change, 'failed') || mayFail(change),

  'succeeded rests on a sta_refund 2 of this refund, or a person': (change) =>
    !enters(change, 'succeeded') || saysStatus(change, '2') || isResolve(change.observation, 'succeeded'),

  'rejected is only what never may have left': (change) =>
    !enters(change, 'rejected') || !(change.before && mayHaveLeft(change.before)),

  'processing leaves only to a final state': ({ before, after }) =>
    before?.state !== 'processing' || after.state === 'processing' || isFinal(after),

  'each final entry has exactly one event, and nothing else has a completion event': (change) => {
    const { before, after, decision, observation } = change
    const anew =
      before !== undefined && isFinal(before) && (observation.type === 'resolve' || observation.type === 'job')
    const completes = isFinal(after) && (anew || !(before && isFinal(before)))
    const told = decision.event !== undefined && decision.event.type !== 'refund.held'
    return completes === told && after.events === (before?.events ?? 0) + (completes ? 1 : 0)
  },

  'the version of an event is the number of events': ({ after, decision }) =>
    decision.event === undefined ||
    decision.event.id.endsWith(
      decision.event.type === 'refund.held' ? `/held-${after.held_events}` : `/${after.events}`,
    ),

  'an event says what the record says': ({ after, decision: { event } }) =>
    event === undefined || event.type === 'refund.held' || event.data.outcome === after.state,

  // a policy that was lowered meanwhile does not undo what was sent
  'sends never exceed the attempts and what was granted': ({ before, after, policy }) =>
    counted(after) <= Math.max(policy.maxAttempts + after.granted, before ? counted(before) : 0),

  'sends are never forgotten, but for the one that never left': ({ before, after, observation }) => {
    const forgotten = (before && before.state !== 'rejected' ? countSends(before) : 0) - countSends(after)
    const undone = observation.type === 'submit' && observation.outcome.kind === 'never_left'
    return forgotten <= (undone ? 1 : 0)
  },

  'every open refund is due, and only the one being sent has a claim': ({ after }) =>
    (after.claim !== undefined) === (after.state === 'sending') && (after.next_look !== undefined) === !isFinal(after),

  'a settled refund has no hold and no job': ({ after }) =>
    !isFinal(after) || (after.holds.length === 0 && after.job === undefined),

  'what waits never left; what is unknown may have, and its quarantine runs': ({ after }) => {
    if (after.state === 'waiting') return !mayHaveLeft(after)
    if (after.state !== 'unknown') return true
    return mayHaveLeft(after) && left(after).every((attempt) => attempt.quarantined_from !== undefined)
  },

  'no answer lifts a hold': ({ before, after, observation }) => {
    if (!before || isFinal(before) || isFinal(after) || observation.type === 'release') return true
    const kept = (reason: string) => (after.holds as readonly string[]).includes(reason)
    const liftable =
      observation.type === 'look' ? before.holds.filter((reason) => reason !== 'insufficient_balance') : before.holds
    return liftable.every(kept)
  },

  'the request is frozen': (change) =>
    !change.before ||
    isReopened(change) ||
    JSON.stringify(change.before.request) === JSON.stringify(change.after.request),

  'the trail tells the change': ({ before, after, observation, decision: { trail } }) =>
    trail.from === (before?.state ?? 'none') && trail.to === after.state && trail.observation === observation.type,
}

/** The promises that a decision breaks. */
export function broken(seen: Seen): string[] {
  const { decision } = seen
  if (decision.kind !== 'commit') return []
  const change: Change = { ...seen, decision, after: decision.record }
  return Object.entries(PROMISES).flatMap(([promise, holds]) => (holds(change) ? [] : [promise]))
}

/** Sends that count: one that met an empty balance does not. */
const counted = (record: RefundRecord) =>
  countSends(record) - record.attempts.filter(({ no_balance }) => no_balance).length
const left = (record: RefundRecord) => record.attempts.filter((attempt) => attempt.fate !== 'never_left')
const isReopened = ({ before, observation }: Change) =>
  before?.state === 'rejected' &&
  !before.contradiction &&
  (observation.type === 'job' || observation.type === 'import') &&
  isOther(before, observation.parsed)
const enters = ({ before, after }: Change, state: string) => after.state === state && before?.state !== state
const claims = ({ before, after }: Change) => after.state === 'sending' && before?.claim?.token !== after.claim?.token

function isOther(before: RefundRecord, parsed: ParsedRefund): boolean {
  const redated = parsed.ok && parsed.dated && parsed.request.dt_refund !== before.request?.dt_refund
  return before.content !== parsed.content || redated
}

const lastNumber = (record: RefundRecord) => record.attempts.at(-1)?.number ?? 0

function claimedFromWaiting({ before, observation }: Change): boolean {
  if (!before || before.state === 'rejected') return observation.type === 'job'
  return before.state === 'waiting' && observation.type === 'look' && !mayHaveLeft(before)
}

function claimedByDenial({ before, after, observation, policy, now }: Change): boolean {
  if (before?.state !== 'unknown' || observation.type !== 'query' || observation.outcome.kind !== 'denied') return false
  if (observation.askedAt > now) return false
  const denied = (attempt: Attempt) => {
    const { minAgeMs, minCount } = policy.quarantine[attempt.quarantine]
    const age = observation.askedAt - (attempt.quarantined_from ?? observation.askedAt)
    return attempt.fate === 'open' && attempt.last_denial_at === now && attempt.denials >= minCount && age >= minAgeMs
  }
  return left(after).slice(0, -1).every(denied)
}

function saysStatus({ observation, before }: Change, status: '2' | '3'): boolean {
  switch (observation.type) {
    case 'submit':
      return observation.outcome.kind === 'accepted' && observation.outcome.fields.sta_refund === status
    case 'query': {
      const { outcome } = observation
      return outcome.kind === 'found' && outcome.fields.sta_refund === status && outcome.fen === before?.request?.fen
    }
    case 'notice': {
      const { fen, dt_refund, fields } = observation.notice
      const ours = fen === before?.request?.fen && dt_refund === before?.request?.dt_refund
      return ours && fields.sta_refund === status && before !== undefined && mayHaveLeft(before)
    }
    default:
      return false
  }
}

function mayFail(change: Change): boolean {
  const { before, observation } = change
  if (saysStatus(change, '3') || isResolve(observation, 'failed')) return true
  if (observation.type === 'submit') {
    const { outcome, token } = observation
    const alone = before?.attempts.slice(0, -1).every((attempt) => attempt.fate !== 'open')
    return outcome.kind === 'refused' && outcome.conclusive && alone === true && before?.claim?.token === token
  }
  const refused = before?.attempts.some((attempt) => attempt.fate === 'refused')
  return observation.type === 'query' && observation.outcome.kind === 'denied' && refused === true
}

const isResolve = (observation: Observation, outcome: string) =>
  observation.type === 'resolve' && observation.outcome === outcome
