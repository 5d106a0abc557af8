import { countCall } from '../refund/counts.ts'
import type { RefundIdentity } from '../refund/job-data.ts'
import type { LimitBreach, ObservationOf } from '../refund/observation.ts'
import type { QueryOutcome } from '../refund/outcome.ts'
import type { RefundRecord } from '../refund/record.ts'
import type { Snapshot } from '../refund/snapshot.ts'
import { nextStep } from '../refund/step.ts'
import { type Decided, decide } from './decide.ts'
import type { Engine } from './ports.ts'
import { sending } from './send.ts'

/** More steps than one look can need; a look that takes more goes on at the next wake-up. */
const MAX_STEPS = 6

export interface Looked {
  /** the refund as it stands after the look; absent when the ledger has none */
  readonly record: RefundRecord | undefined
  readonly now: number
}

/** A wake-up: does for one refund whatever its record says is due, until it may rest. */
export async function look(engine: Engine, id: RefundIdentity, carrier: string): Promise<Looked> {
  const { ledger } = engine
  for (let steps = 0; steps < MAX_STEPS; steps++) {
    const { record, now, safeStart } = await ledger.read(id)
    if (!record) return { record, now }
    switch (nextStep(record, now, safeStart)) {
      case 'rest':
        return { record, now }
      case 'look':
        await decide(engine, id, (snapshot) => lookOf(snapshot), { carrier })
        break
      case 'send': {
        const decided = await lookToSend(engine, id, carrier)
        if (decided) return decided
        break
      }
      case 'lift': {
        const lifted = await lift(engine, id, carrier)
        if (!lifted) return query(engine, record, carrier)
        break
      }
      case 'query':
        return query(engine, record, carrier)
    }
  }
  const { record, now } = await ledger.read(id)
  return { record, now }
}

/** @returns nothing when there may be more to do at once */
async function lookToSend(engine: Engine, id: RefundIdentity, carrier: string): Promise<Decided | undefined> {
  using wish = sending(engine, id, carrier)
  const decided = await decide(engine, id, (snapshot, breaches) => wish.offer(snapshot, lookOf(snapshot, breaches)), {
    carrier,
  })
  const followed = await wish.follow(decided)
  return sent(followed) || wish.isBlocked() ? followed : undefined
}

function lookOf({ safeStart }: Snapshot, breaches: readonly LimitBreach[] = []): ObservationOf<'look'> {
  return { type: 'look', breaches, ...(safeStart !== undefined && { safeStart }) }
}

const sent = ({ decision }: Decided) => decision.kind === 'commit' && decision.trail.observation === 'submit'

/** Tries whether the merchant's balance lets this refund go on. */
async function lift(engine: Engine, id: RefundIdentity, carrier: string): Promise<boolean> {
  const admission = await engine.ledger.admit(id, 'lift')
  if (!admission.go) return false
  const claim = { token: engine.newToken(), deadline: admission.now }
  await decide(engine, id, () => ({ type: 'look', permit: { claim } }), { carrier })
  return true
}

/** Asks the gateway; enough denials send the refund again, in the same look. */
async function query(engine: Engine, record: RefundRecord, carrier: string): Promise<Looked> {
  const { oid_partner, no_refund, request } = record
  const id = { oid_partner, no_refund }
  const gateway = engine.gatewayOf(oid_partner)
  const admission = await engine.ledger.admit(id, 'query')
  if (!admission.go) {
    // it is called out of its merchant's line
    const { now: until, reason } = admission
    return decide(engine, id, () => ({ type: 'look', permit: { blocked: { until, reason } } }), { carrier })
  }
  const asked = engine.clock.monotonic()
  const traced = engine.trace?.('gateway query')
  const outcome: QueryOutcome =
    gateway && request
      ? await gateway.query(request)
      : { kind: 'inconclusive', reason: 'the merchant is not configured here', unreachable: false, fields: {} }
  const ms = engine.clock.monotonic() - asked
  traced?.(record, { outcome: outcome.kind, ret_code: outcome.fields.ret_code }, failureOf(outcome))
  using wish = sending(engine, id, carrier)
  const seen: ObservationOf<'query'> = { type: 'query', askedAt: admission.now, outcome }
  const decided = await decide(engine, id, (snapshot, breaches) => wish.offer(snapshot, { ...seen, breaches }), {
    carrier,
    counts: () => countCall('query', outcome, gateway && ms),
  })
  await report(engine, id, outcome, admission.watched)
  return await wish.follow(decided)
}

/** A denial is an answer like another. */
function failureOf(outcome: QueryOutcome): string | undefined {
  if (outcome.kind === 'inconclusive') return outcome.reason
  return outcome.kind === 'needs_operator' ? outcome.kind : undefined
}

async function report(engine: Engine, id: RefundIdentity, outcome: QueryOutcome, watched: boolean): Promise<void> {
  if (outcome.kind === 'inconclusive' && outcome.unreachable) return engine.ledger.report(id, 'unreachable')
  if (watched) await engine.ledger.report(id, 'reached')
}
