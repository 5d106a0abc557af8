import type { Decision } from '../../src/refund/decision.ts'
import type { RefundEvent } from '../../src/refund/event.ts'
import type { JobSeen, Observation } from '../../src/refund/observation.ts'
import type { QueryOutcome, SubmitOutcome } from '../../src/refund/outcome.ts'
import type { Policy } from '../../src/refund/policy.ts'
import type { RefundRecord, State } from '../../src/refund/record.ts'
import { transition } from '../../src/refund/transition.ts'
import {
  CLAIM_MS,
  claimUntil,
  job,
  MINUTE,
  notice,
  operator,
  POLICY,
  query,
  SECOND,
  submit,
  submits,
  T0,
} from './builders.ts'

type Commit = Extract<Decision, { kind: 'commit' }>

/** One refund and its clock: every record in these tests came about as real ones do, by observations. */
export class Story {
  now = T0
  random = 0.5
  readonly events: RefundEvent[] = []
  readonly policy: Policy
  private written: RefundRecord | undefined

  constructor(policy: Policy = POLICY) {
    this.policy = policy
  }

  get record(): RefundRecord {
    if (!this.written) throw new Error('no record yet')
    return this.written
  }

  get stored(): RefundRecord | undefined {
    return this.written
  }

  after(ms: number): this {
    this.now += ms
    return this
  }

  /** Decides, and writes what was decided, as the ledger does. The decision may not change what it was given. */
  see(observation: Observation): Decision {
    const moment = { now: this.now, random: this.random }
    const decision = transition(deepFreeze(this.written), deepFreeze(observation), this.policy, moment)
    if (decision.kind === 'commit') {
      this.written = { ...decision.record, version: decision.record.version + 1 }
      if (decision.event) this.events.push(decision.event)
    }
    return decision
  }

  /** The same where the record must change. */
  commit(observation: Observation): Commit {
    const decision = this.see(observation)
    if (decision.kind !== 'commit')
      throw new Error(`${observation.type} was not committed: ${JSON.stringify(decision)}`)
    return decision
  }

  /** Sees several observations, a second apart. */
  sees(...observations: Observation[]): this {
    for (const observation of observations) this.after(SECOND).commit(observation)
    return this
  }

  permit(token: string): ReturnType<typeof claimUntil> {
    return claimUntil(this.now + CLAIM_MS, token)
  }

  /** The gateway answers a query that was asked now, a second later. */
  ask(outcome: QueryOutcome, token?: string): Decision {
    const askedAt = this.now
    this.after(SECOND)
    return this.see(query(outcome, askedAt, token === undefined ? undefined : this.permit(token)))
  }

  /** The claim that stands now is answered. */
  answer(outcome: SubmitOutcome): Decision {
    return this.after(SECOND).see(submit(outcome, this.record.claim?.token ?? 'none'))
  }
}

export function waiting(policy?: Policy, seen: JobSeen = job()): Story {
  const story = new Story(policy)
  story.commit(seen)
  return story
}

export function sending(policy?: Policy, token = 'token-1'): Story {
  const story = new Story(policy)
  story.commit(job({}, { permit: story.permit(token) }))
  return story
}

/** A send timed out. */
export function unknown(policy?: Policy, outcome: SubmitOutcome = submits.timeout): Story {
  const story = sending(policy)
  story.answer(outcome)
  return story
}

export function processing(policy?: Policy): Story {
  const story = sending(policy)
  story.answer(submits.accepted('0'))
  return story
}

export function succeeded(policy?: Policy): Story {
  return processing(policy).sees(notice('2'))
}

export function failed(policy?: Policy): Story {
  return processing(policy).sees(notice('3'))
}

/** Rejected since its data could not be read. */
export function rejected(policy?: Policy): Story {
  return waiting(policy, job({ money_refund: '1.' }))
}

export function cancelled(policy?: Policy): Story {
  return waiting(policy).sees(operator.cancel)
}

/** A job so old that it may have been sent before the ledger knew it: attempt 0. */
export function inDoubt(policy: Policy = POLICY): Story {
  return waiting(policy, job({}, { at: T0 - policy.maxJobAgeMs - MINUTE }))
}

export const IN_STATE: Readonly<Record<State, (policy?: Policy) => Story>> = {
  waiting,
  sending,
  unknown,
  processing,
  succeeded,
  failed,
  rejected,
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const inner of Object.values(value)) deepFreeze(inner)
  }
  return value
}
