import type { Engine, Gateway, Ledger, Log } from '../../src/flows/ports.ts'
import type { Observation } from '../../src/refund/observation.ts'
import type { QueryOutcome, SubmitOutcome } from '../../src/refund/outcome.ts'
import { broken } from '../refund/promises.ts'
import { gatewayClient } from './gateway-client.ts'
import type { CommitCommand } from './memory/commit.ts'
import type { WorkerProcess } from './worker-process.ts'
import type { World } from './world.ts'

/** What one flow was told by its edges: enough to say on which observation a commit of it rests. */
export interface Learned {
  /** the job, the notice or the operator's word that the flow is about */
  readonly begins: Observation | undefined
  token: string
  askedAt: number
  submitted: SubmitOutcome
  queried: QueryOutcome
}

const silent: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
const NOTHING: SubmitOutcome = { kind: 'never_left', reason: 'nothing was sent', unreachable: false }
const NO_ANSWER: QueryOutcome = { kind: 'inconclusive', reason: 'nothing was asked', unreachable: false, fields: {} }

/** The engine of one flow (one job, one look, one notice) in one process, with the simulated edges. */
export function flowEngine(world: World, process: WorkerProcess, begins?: Observation): Engine {
  const { plan, random } = world
  const { careless } = process
  const learned: Learned = { begins, token: '', askedAt: 0, submitted: NOTHING, queried: NO_ANSWER }
  const ledger = flowLedger(world, process, learned)
  const gateway = listened(flowGateway(world, process), learned)
  return {
    ledger: careless.ledger(ledger, (event) =>
      world.wire.command(process, 'append the event', () => {
        world.ledger.append(event)
        world.changed()
      }),
    ),
    gatewayOf: () => careless.gateway(gateway),
    policy: careless.policy(plan.policy),
    gatewayTimeoutMs: plan.gatewayTimeoutMs,
    clock: process.clock,
    random: () => random.next(),
    newToken: () => {
      learned.token = world.fresh('token')
      return learned.token
    },
    log: silent,
  }
}

function flowGateway(world: World, process: WorkerProcess): Gateway {
  const { timeline, random, plan, gateway, healed, pause, tell } = world
  const verifies = world.without !== 'answer_verification'
  return gatewayClient({ timeline, random, plan, gateway, healed, verifies, pause, tell }, process)
}

function listened(gateway: Gateway, learned: Learned): Gateway {
  return {
    submit: async (request, mayWrite) => {
      learned.submitted = await gateway.submit(request, mayWrite)
      return learned.submitted
    },
    query: async (request) => {
      learned.queried = await gateway.query(request)
      return learned.queried
    },
  }
}

function flowLedger(world: World, process: WorkerProcess, learned: Learned): Ledger {
  const { ledger, wire, random, healed, plan } = world
  const command = <T>(what: string, effect: () => T): Promise<T> => wire.command(process, what, effect)
  return {
    guess: (id) => ledger.guess(id),
    read: (id) => command(`read ${id.no_refund}`, () => ledger.read(id)),
    commit: (before, decision, extras) => {
      const written = { before, decision, token: world.fresh('commit'), ...extras }
      const seen = observationOf(decision.trail.observation, written, learned)
      return command(`commit ${decision.record.no_refund}`, () => {
        const result = ledger.commit(written)
        if (result.kind === 'done') {
          check(world, process, written, seen)
          world.changed()
        } else
          world.tell(
            () => `${process.name}: commit of ${decision.record.no_refund}: ${Object.values(result).join(' ')}`,
          )
        return result
      })
    },
    admit: async (id, call) => {
      const admission = await command(`admit ${call} ${id.no_refund}`, () => ledger.admit(id, call))
      if (admission.go && call === 'query') learned.askedAt = admission.now
      return admission
    },
    report: (id, report) => command(`report ${report}`, () => ledger.report(id, report)),
    confirmed: async () => {
      const enough = healed() || !random.chance(plan.commands.fail)
      learned.submitted = NOTHING
      return command('confirm the claim', () => enough)
    },
    keepUnmatched: (id, notice) => command(`keep a notice of ${id.no_refund}`, () => ledger.keepUnmatched(id, notice)),
    takeDue: (limit, leaseMs) => command('take due', () => ledger.takeDue(limit, leaseMs)),
    retire: (keepMs, limit) => command('retire', () => ledger.retire(keepMs, limit)),
    count: (counts) => command('count', () => ledger.count(counts)),
  }
}

function observationOf(type: Observation['type'], { decision }: CommitCommand, learned: Learned): Observation {
  switch (type) {
    case 'submit':
      return { type, token: learned.token, outcome: learned.submitted }
    case 'query':
      return { type, askedAt: learned.askedAt, outcome: learned.queried }
    case 'look':
      return { type }
    default:
      if (learned.begins?.type === type) return learned.begins
      throw new Error(`${decision.record.no_refund}: ${type} out of nothing`)
  }
}

function check(
  world: World,
  process: WorkerProcess,
  { before, decision }: CommitCommand,
  observation: Observation,
): void {
  const { policy } = world.plan
  const { record, trail, event } = decision
  world.tell(
    () =>
      `${process.name}: ${record.no_refund} ${trail.from} > ${trail.to}${record.holds.length > 0 ? ` (held: ${record.holds.join(', ')})` : ''}` +
      ` by ${trail.observation}: ${trail.note}${event ? `; event ${event.type}` : ''}`,
  )
  // with a defence off, only what outsiders see may give it away
  if (world.without !== undefined) return
  const faults = broken({ before, observation, decision, policy, now: record.updated_at })
  for (const fault of faults) world.violations.push(`${record.no_refund}: a commit breaks a promise: ${fault}`)
}
