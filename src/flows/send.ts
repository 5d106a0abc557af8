import { countCall } from '../refund/counts.ts'
import type { RefundIdentity } from '../refund/job-data.ts'
import type { Observation, Permit } from '../refund/observation.ts'
import type { SubmitOutcome } from '../refund/outcome.ts'
import type { Claim, RefundRecord } from '../refund/record.ts'
import type { Snapshot } from '../refund/snapshot.ts'
import { leadsToSend } from '../refund/step.ts'
import { type Decided, type DecideOptions, decide, policyFor } from './decide.ts'
import type { Engine, Ledger } from './ports.ts'
import type { WorkFacts } from './trace.ts'

/** How late a claimed request may start; with the call's own limit it makes the claim's deadline. */
const START_WITHIN_MS = 3000

/** Two clocks of one machine that differ by more over one call have been set, or stood still. */
const CLOCKS_AGREE_MS = 1000

/** The next question about a refund whose resend met a stop. */
const STOPPED_LOOK_MS = 5_000

type MayLeadToSend = Extract<Observation, { type: 'job' | 'look' | 'query' }>

/** One worker's wish to send one refund: at most one claim, taken when a decision needs it, and one turn, while it lasts. */
export interface Sending extends Disposable {
  /** Completes an observation with a right to send, or the reason why not now, if it would lead to a send. */
  offer<T extends MayLeadToSend>(snapshot: Snapshot, observation: T): Promise<T>
  /** The gate did not let it through: nothing more is to be done now. */
  isBlocked(): boolean
  /** Sends the refund if the decision took the claim. Returns what was decided last. */
  follow(decided: Decided): Promise<Decided>
}

/**
 * Starts the clock of a claim: two clocks of this machine are read before anything is asked of Redis, so that a
 * worker that was frozen or lost time anywhere in between notices it right before the request is written.
 */
export function sending(engine: Engine, id: RefundIdentity, carrier: string): Sending {
  const { ledger, clock, random } = engine
  const policy = policyFor(engine, id.oid_partner)
  const started = { wall: clock.wall(), monotonic: clock.monotonic() }
  let permit: Permit | undefined
  let watched = false
  let endTurn: (() => void) | undefined
  let guessed = false

  const inTime = () =>
    clock.monotonic() - started.monotonic < START_WITHIN_MS && Math.abs(clock.wall() - started.wall) < START_WITHIN_MS

  function claim(now: number): Permit {
    return { claim: { token: engine.newToken(), deadline: now + START_WITHIN_MS + engine.gatewayTimeoutMs } }
  }

  async function ask(call: 'send' | 'resend', { now, open, record }: Snapshot): Promise<Permit> {
    // what rests on a denial waits for nobody
    if (call === 'send' && engine.turns?.isFull(id.oid_partner) === true) {
      return { blocked: { until: now, reason: 'its merchant has its share of the sends' } }
    }
    endTurn = engine.turns?.begin(id.oid_partner)
    // nobody was told of a new one, so that nobody waits for it to ask
    if (open && !record) return claim(now)
    const admission = await ledger.admit(id, call)
    if (!admission.go) {
      endTurn?.()
      return { blocked: notNow(admission, call) }
    }
    watched = admission.watched
    return claim(admission.now)
  }

  /**
   * The refund as this worker left it, at what Redis' clock says by now: never too early, since the clocks were started
   * before it was asked. Nothing where the two clocks of this machine do not agree.
   */
  function snapshotNow(now: number, record: RefundRecord): Snapshot | undefined {
    const passed = clock.monotonic() - started.monotonic
    const astray = Math.abs(clock.wall() - started.wall - passed) > CLOCKS_AGREE_MS
    return astray ? undefined : { now: now + Math.ceil(passed), record }
  }

  return {
    async offer(snapshot, observation) {
      // the gate was taken for open, and somebody found otherwise
      if (guessed) {
        endTurn?.()
        permit = undefined
      }
      guessed = snapshot.guessed === true
      const moment = { now: snapshot.now, random: random() }
      if (!leadsToSend(snapshot.record, observation, policy, moment)) return observation
      permit ??= await ask(observation.type === 'query' ? 'resend' : 'send', snapshot)
      if (observation.breaches?.includes('stopped') === true && 'claim' in permit) {
        const until = snapshot.now + (observation.type === 'query' ? STOPPED_LOOK_MS : 0)
        permit = { blocked: { until, reason: 'all sending is stopped' } }
      }
      return { ...observation, permit }
    },

    [Symbol.dispose]: () => endTurn?.(),

    isBlocked: () => permit !== undefined && 'blocked' in permit,

    async follow(decided) {
      const taken = permit && 'claim' in permit ? permit.claim : undefined
      const { record } = decided
      if (!taken || record?.state !== 'sending' || record.claim?.token !== taken.token) return decided
      const traced = engine.trace?.('gateway submit')
      const answered = await submit(engine, record, taken.token, inTime)
      traced?.(record, factsOf(record, answered.outcome), failureOf(answered.outcome))
      const known = snapshotNow(decided.now, record)
      const learned = await learn(engine, id, taken, answered, { carrier, ...(known && { known }) })
      await report(engine, id, answered.outcome, watched)
      return learned
    },
  }
}

/** A resend must be denied again, so it waits for its time; what has asked nothing yet is called out of the line. */
function notNow({ now, until, reason }: Extract<Awaited<ReturnType<Ledger['admit']>>, { go: false }>, call: string) {
  return { until: call === 'resend' ? until : now, reason }
}

interface Answered {
  readonly outcome: SubmitOutcome
  /** how long the gateway took; absent where it was not asked */
  readonly ms?: number
}

async function submit(engine: Engine, record: RefundRecord, token: string, inTime: () => boolean): Promise<Answered> {
  const gateway = engine.gatewayOf(record.oid_partner)
  const notSent = (reason: string): Answered => ({ outcome: { kind: 'never_left', reason, unreachable: false } })
  if (!gateway || !record.request) return notSent('the merchant is not configured here')
  try {
    if (!(await engine.ledger.confirmed(record, token))) return notSent('the claim was not confirmed by replicas')
  } catch {
    return notSent('the claim could not be confirmed')
  }
  const asked = engine.clock.monotonic()
  const outcome = await gateway.submit(record.request, inTime)
  return outcome.kind === 'never_left' ? { outcome } : { outcome, ms: engine.clock.monotonic() - asked }
}

async function learn(
  engine: Engine,
  id: RefundIdentity,
  claim: Claim,
  { outcome, ms }: Answered,
  options: DecideOptions,
) {
  return decide(engine, id, () => ({ type: 'submit', token: claim.token, outcome }), {
    ...options,
    counts: () => countCall('submit', outcome, ms),
  })
}

const factsOf = ({ attempts, request }: RefundRecord, outcome: SubmitOutcome): WorkFacts => ({
  kind: request?.kind,
  attempt: attempts.at(-1)?.number,
  outcome: outcome.kind,
  ret_code: 'fields' in outcome ? outcome.fields.ret_code : undefined,
})

function failureOf(outcome: SubmitOutcome): string | undefined {
  if (outcome.kind === 'accepted' || outcome.kind === 'already_known') return undefined
  return 'reason' in outcome ? outcome.reason : outcome.kind
}

async function report(engine: Engine, id: RefundIdentity, outcome: SubmitOutcome, watched: boolean): Promise<void> {
  const { ledger } = engine
  if (outcome.kind === 'never_left') return outcome.unreachable ? ledger.report(id, 'unreachable') : undefined
  if (outcome.kind === 'needs_operator' && outcome.hold === 'insufficient_balance') {
    return ledger.report(id, 'no_balance')
  }
  if (watched) await ledger.report(id, outcome.fields.ret_code === undefined ? 'reached' : 'answered')
}
