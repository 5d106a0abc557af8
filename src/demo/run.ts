/** One run: everything is started, refunds are sent through, and the outcome is compared with the gateway's book. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { DemoOptions } from './arguments.ts'
import { type Child, ChildError } from './child.ts'
import type { CleanUps } from './clean-ups.ts'
import { doubtsOf } from './doubts.ts'
import { type Fleet, OPERATOR, operatorShell, startFleet } from './fleet.ts'
import { type Gateway, startGateway } from './gateway.ts'
import { judge } from './judge.ts'
import { type Place, preparePlace } from './place.ts'
import type { Screen } from './screen.ts'
import { type Report, summary } from './summary.ts'
import { QUIET_MS } from './timing.ts'
import { openTraffic, type Traffic } from './traffic.ts'

const LOOK_MS = 250
/** Beside the time that adding takes: the slowest refund of `many`, and the pace of a slow machine. */
const DEADLINE_MS = 90_000
const DEADLINE_PER_REFUND_MS = 25
/** How long the gateway may go on after the last refund before the run is judged all the same. */
const LONGEST_QUIET_MS = 30_000
const TOLD = 10

export interface RunIO {
  readonly env: NodeJS.ProcessEnv
  readonly screen: Screen
  readonly stdout: NodeJS.WritableStream
  readonly ends: CleanUps
  readonly signal: AbortSignal
}

/** @returns whether nothing was lost or doubled */
export async function runDemo(options: DemoOptions, { env, screen, stdout, ends, signal }: RunIO): Promise<boolean> {
  const { say } = screen
  say('starting Redis, the gateway and the workers')
  const place = await preparePlace(env, ends, say)
  try {
    signal.throwIfAborted()
    const gateway = await startGateway(options, place, signal)
    ends.add('gateway', () => gateway.stop())
    const fleet = await startFleet({ ...place, durable: place.own, gatewayUrl: gateway.url }, ends, signal)
    const traffic = openTraffic(options, place, ends)
    const parts = { options, place, gateway, fleet, traffic, screen, signal }
    const inTime = await drive(parts)
    const report = await reportOf(parts)
    if (!inTime) say(await missing(parts))
    const isRight = inTime && report.verdict.disagreements.length === 0
    if (!isRight) {
      place.keepFolder()
      say(await histories(parts, [...report.verdict.lost, ...report.verdict.doubled]))
      say(`logs: ${place.folder}`)
    }
    stdout.write(`\n${summary(report)}`)
    if (options.keep) await stay(parts)
    return isRight
  } catch (error) {
    if (error instanceof ChildError) {
      place.keepFolder()
      say(`logs: ${place.folder}`)
    }
    throw error
  }
}

interface Parts {
  readonly options: DemoOptions
  readonly place: Place
  readonly gateway: Gateway
  readonly fleet: Fleet
  readonly traffic: Traffic
  readonly screen: Screen
  readonly signal: AbortSignal
}

/** Adds everything and waits until all of it is settled or held, and the gateway quiet. @returns whether in time */
async function drive(parts: Parts): Promise<boolean> {
  const { options, gateway, fleet, traffic, signal } = parts
  const deadline = DEADLINE_MS + (options.refunds * 1000) / options.rate + options.refunds * DEADLINE_PER_REFUND_MS
  let failure: Error | undefined
  traffic.push(signal).catch((error: unknown) => {
    failure = error instanceof Error ? error : new Error(String(error))
  })
  let settledAt: number | undefined
  while (true) {
    const { held, elapsedMs, gateway: figures } = await show(parts)
    if (failure !== undefined) throw failure
    await requireAlive([gateway.child, ...fleet.children])
    const isAdded = traffic.added.jobs === traffic.added.of
    const settled = isAdded && traffic.pending.size <= held && (await allSettled(traffic))
    settledAt = settled ? (settledAt ?? elapsedMs) : undefined
    if (settledAt !== undefined) {
      const isQuiet = elapsedMs - settledAt >= QUIET_MS && Date.now() - figures.lastAt >= QUIET_MS
      if (isQuiet || elapsedMs - settledAt > LONGEST_QUIET_MS) return true
    }
    if (settledAt === undefined && elapsedMs > deadline) return false
    await sleep(LOOK_MS, undefined, { signal })
  }
}

async function show({ gateway, traffic, screen }: Parts) {
  const { ledger, added, began, consumer } = traffic
  const [states, held, putOff] = await Promise.all([ledger.states(), ledger.held(), traffic.putOff()])
  const progress = {
    elapsedMs: performance.now() - began,
    jobs: { added: added.jobs, of: added.of },
    refunds: added.refunds.size,
    states,
    held: held.size,
    settled: consumer.events.size,
    putOff,
    gateway: gateway.figures(),
  }
  screen.show(progress)
  return progress
}

async function allSettled({ pending, ledger }: Traffic): Promise<boolean> {
  if (pending.size === 0) return true
  const held = await ledger.held()
  return [...pending].every((no_refund) => held.has(no_refund))
}

async function requireAlive(children: readonly Child[]): Promise<void> {
  const dead = children.find((child) => child.ended())
  if (dead) throw new ChildError(`${dead.name} ended while it was needed:\n${await dead.lastLines(10)}`)
}

async function reportOf({ gateway, traffic }: Parts): Promise<Report> {
  const { ledger, consumer, added, planned, latenciesMs, began } = traffic
  const enqueued = planned.filter(({ no_refund }) => added.refunds.has(no_refund))
  const [counted, held, trails] = await Promise.all([
    ledger.counted(),
    ledger.held(),
    ledger.trails(enqueued.map(({ no_refund }) => no_refund)),
  ])
  return {
    verdict: judge({ enqueued, events: [...consumer.events.values()], held, movements: gateway.book() }),
    counted,
    doubts: doubtsOf(trails),
    gateway: gateway.figures(),
    repeatedEvents: consumer.repeated,
    settledBy: consumer.settledBy,
    latenciesMs,
    elapsedMs: performance.now() - began,
  }
}

async function missing({ traffic }: Parts): Promise<string> {
  const held = await traffic.ledger.held()
  const numbers = [...traffic.pending].filter((no_refund) => !held.has(no_refund))
  const more = numbers.length > TOLD ? ', ...' : ''
  const list = numbers.slice(0, TOLD).join(', ') + more
  return `the time is up, and ${numbers.length} refunds are neither settled nor held: ${list}`
}

/** What the ledger remembers of refunds that went wrong. */
async function histories({ traffic }: Parts, numbers: readonly string[]): Promise<string> {
  const told = [...new Set(numbers)].slice(0, TOLD)
  const trails = await traffic.ledger.trails(told)
  return told.map((no_refund, index) => `${no_refund}\n${steps(trails[index] ?? [])}`).join('\n')
}

function steps(trail: readonly object[]): string {
  return trail.map((step) => `  ${JSON.stringify(step)}`).join('\n')
}

/** Leaves everything running until Ctrl-C. */
async function stay({ place, gateway, fleet, screen, signal }: Parts): Promise<void> {
  place.keepKeys()
  const shell = join(place.folder, 'refundctl.sh')
  await writeFile(shell, operatorShell({ ...place, durable: place.own, gatewayUrl: gateway.url }), { mode: 0o600 })
  const redis = new URL(place.redisUrl)
  if (redis.password !== '') redis.password = '***'
  const lines = [
    '',
    'still running, until Ctrl-C:',
    `  status    ${fleet.adminUrl}/`,
    `  queues    ${fleet.adminUrl}/queues`,
    `            user and password: ${OPERATOR}`,
    `  metrics   ${fleet.adminUrl}/metrics`,
    `  receiver  ${fleet.receiverUrl}`,
    `  gateway   ${gateway.url}`,
    `  redis     ${redis.href}`,
    `            QUEUE_PREFIX='${place.queuePrefix}' LEDGER_PREFIX='${place.ledgerPrefix}'`,
    `  logs      ${place.folder}`,
    '',
    'in another terminal:',
    `  . ${shell}`,
    '  refundctl list --state held',
    '  refundctl status --watch',
  ]
  screen.say(lines.join('\n'))
  const { promise, resolve } = Promise.withResolvers<void>()
  signal.addEventListener('abort', () => resolve(), { once: true })
  // a pending promise alone does not keep a process alive
  const alive = setInterval(() => {}, 1 << 30)
  if (!signal.aborted) await promise
  clearInterval(alive)
}
