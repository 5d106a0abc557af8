import type { Observation } from '../../src/refund/observation.ts'
import type { Quarantine } from '../../src/refund/outcome.ts'
import type { Policy } from '../../src/refund/policy.ts'
import type { RefundRecord } from '../../src/refund/record.ts'

interface Send {
  readonly token: string
  /** when its fate was left open, by Redis TIME; absent while it is under way */
  ended?: number
  quarantine: Quarantine
  mayHaveLeft: boolean
  denials: number
  deniedAt?: number
}

interface Seen {
  readonly before: RefundRecord | undefined
  readonly after: RefundRecord | undefined
  readonly observation: Observation
  readonly policy: Policy
  readonly now: number
}

/**
 * Keeps its own book of one refund's sends, from what was seen and who holds the claim: it believes nothing that the
 * record says of its attempts. Times are those of the clock that the refund saw, which may go backwards.
 */
export class Witness {
  private sends: Send[] = []

  /** Tells what is wrong with a send that begins now, if anything. */
  sees({ before, after, observation, policy, now }: Seen): string[] {
    if (observation.type === 'query' && observation.outcome.kind === 'denied') this.deny(observation.askedAt, now)
    const reopened = before?.state === 'rejected' && after?.state !== 'rejected'
    if (!before || reopened) this.begin(before, after, now)
    const [had, has] = [before?.claim?.token, after?.claim?.token]
    if (had !== undefined && had !== has) this.end(had, before?.claim?.deadline ?? now, observation, now)
    if (has === undefined || has === had) return []
    const faults = this.sends.flatMap((send) => this.faultsOfSendingAfter(send, observation, policy))
    this.sends.push({ token: has, quarantine: 'full', mayHaveLeft: true, denials: 0 })
    return faults
  }

  get count(): number {
    return this.sends.length
  }

  /** An opening that is in doubt was perhaps sent by somebody else. */
  private begin(before: RefundRecord | undefined, after: RefundRecord | undefined, now: number): void {
    if (before && this.sends.some((send) => send.mayHaveLeft)) throw new Error('reopened though it may have been sent')
    const doubted = after?.state === 'unknown'
    this.sends = doubted ? [{ token: 'not ours', ended: now, quarantine: 'full', mayHaveLeft: true, denials: 0 }] : []
  }

  private deny(askedAt: number, now: number): void {
    for (const send of this.sends) {
      const before = send.ended === undefined || askedAt < send.ended || askedAt < (send.deniedAt ?? askedAt)
      // a question that the clock puts in the future was asked before the clock went back: nobody knows when
      if (before || askedAt > now) continue
      send.denials += 1
      send.deniedAt = now
    }
  }

  private end(token: string, deadline: number, observation: Observation, now: number): void {
    const send = this.sends.find((one) => one.token === token)
    if (!send) throw new Error(`a claim that was never seen: ${token}`)
    send.ended = observation.type === 'look' ? deadline : now
    if (observation.type !== 'submit' || observation.token !== token) return
    const { outcome } = observation
    if (outcome.kind === 'never_left') send.mayHaveLeft = false
    if ('quarantine' in outcome) send.quarantine = outcome.quarantine
  }

  private faultsOfSendingAfter(send: Send, observation: Observation, policy: Policy): string[] {
    if (!send.mayHaveLeft) return []
    if (send.ended === undefined) return [`sent again while ${send.token} was under way`]
    if (observation.type !== 'query' || observation.outcome.kind !== 'denied') {
      return [`sent again after ${send.token}, though no denied query says that it may be`]
    }
    const { minAgeMs, minCount } = policy.quarantine[send.quarantine]
    const enough = send.denials >= minCount && (send.deniedAt ?? Number.NEGATIVE_INFINITY) - send.ended >= minAgeMs
    const fresh = observation.askedAt >= send.ended
    return enough && fresh ? [] : [`sent again after ${send.token}, denied ${send.denials} times only, or too soon`]
  }
}
