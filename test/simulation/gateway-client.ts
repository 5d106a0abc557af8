import type { Gateway } from '../../src/flows/ports.ts'
import type { QueryOutcome, SubmitOutcome } from '../../src/refund/outcome.ts'
import type { RefundRequest } from '../../src/refund/request.ts'
import type { SimulatedGateway } from './gateway.ts'
import type { Plan } from './plan.ts'
import type { Random } from './random.ts'
import type { Timeline } from './timeline.ts'
import { readQuery, readSubmit, type WireAnswer } from './wire-answer.ts'
import type { WorkerProcess } from './worker-process.ts'

export interface ClientOptions {
  readonly timeline: Timeline
  readonly random: Random
  readonly plan: Plan
  readonly gateway: SimulatedGateway
  readonly healed: () => boolean
  readonly verifies: boolean
  readonly pause: (process: WorkerProcess) => void
  readonly tell: (line: () => string) => void
}

const TIMEOUT = 'time-out'

/** The way of one process to the gateway: requests and answers that are slow, late or lost, and the client's time-out. */
export function gatewayClient(options: ClientOptions, process: WorkerProcess): Gateway {
  const { timeline, random, plan, gateway, healed, verifies, pause, tell } = options
  const within = (probability: number): boolean => !healed() && random.chance(probability)
  const reading = { verifies }

  async function call<T>(serve: (givenUpAt: number) => WireAnswer | undefined, ends: Ends<T>): Promise<T> {
    const { promise, resolve } = Promise.withResolvers<T>()
    if (timeline.now < gateway.unreachableUntil) {
      timeline.after(random.between(1, 50), () => process.within(() => resolve(ends.unreachable)))
      return promise
    }
    const timesOutAt = timeline.now + plan.gatewayTimeoutMs
    let over = false
    const end = (outcome: T): void => {
      over = true
      resolve(outcome)
    }
    timeline.after(plan.gatewayTimeoutMs, () => process.within(() => end(ends.timedOut)))
    // the moment between the claim and the request is the one that a process must not sleep through
    if (within(8 * plan.commands.pause)) pause(process)
    const connects = within(plan.commands.slow) ? random.between(1, 5000) : random.between(0, 5)
    timeline.after(connects, () =>
      process.within(() => {
        if (over) return
        const refused = ends.mayWrite()
        if (refused !== undefined) {
          end(refused)
          return
        }
        if (within(plan.gateway.lost / 2)) {
          tell(() => `${process.name}: the request is lost on its way`)
          return
        }
        const underWay = arrives(timesOutAt)
        if (underWay > 20) tell(() => `${process.name}: the request is under way for ${underWay} ms`)
        timeline.after(underWay, () => {
          const answer = serve(timesOutAt)
          if (answer === undefined) return
          const back = within(plan.commands.slow) ? random.between(1, 2 * plan.gatewayTimeoutMs) : random.between(0, 20)
          timeline.after(back, () => process.within(() => end(ends.read(answer))))
        })
      }),
    )
    return promise
  }

  /** How long a request is under way: before the client gives up, or less than the quarantine after that. */
  function arrives(timesOutAt: number): number {
    if (!within(plan.gateway.late)) return random.between(0, 20)
    const late = random.chance(0.5) ? plan.lateMs : random.between(0, plan.lateMs)
    return Math.max(0, timesOutAt - timeline.now - 1) + late
  }

  return {
    submit: (request: RefundRequest, mayWrite: () => boolean) =>
      call<SubmitOutcome>((givenUpAt) => gateway.submit(request, givenUpAt), {
        unreachable: { kind: 'never_left', reason: 'ECONNREFUSED', unreachable: true },
        timedOut: { kind: 'unclear', reason: TIMEOUT, quarantine: 'full', fields: {} },
        mayWrite: () => {
          if (!mayWrite()) return { kind: 'never_left', reason: 'the claim ran out', unreachable: false }
          tell(() => `${process.name}: writes the request of ${request.no_refund}`)
          return undefined
        },
        read: (answer) => readSubmit(answer, request, reading),
      }),
    query: (request: RefundRequest) =>
      call<QueryOutcome>(() => gateway.query(request), {
        unreachable: { kind: 'inconclusive', reason: 'ECONNREFUSED', unreachable: true, fields: {} },
        timedOut: { kind: 'inconclusive', reason: TIMEOUT, unreachable: false, fields: {} },
        mayWrite: () => undefined,
        read: (answer) => readQuery(answer, request, reading),
      }),
  }
}

interface Ends<T> {
  readonly unreachable: T
  readonly timedOut: T
  readonly mayWrite: () => T | undefined
  readonly read: (answer: WireAnswer) => T
}
