import { isFinal, isHeld } from '../../src/refund/record.ts'
import type { Defence } from '../defences/names.ts'
import { HOUR, MINUTE } from '../refund/builders.ts'
import { audit, recordsOf } from './audit.ts'
import { Fleet } from './fleet.ts'
import { type Evidence, judge } from './judge.ts'
import { Notifier } from './notifier.ts'
import { Operator } from './operating.ts'
import { Producers } from './producing.ts'
import type { Published } from './publishing.ts'
import { createWorld, type Figures, START, type World } from './world.ts'

export interface ScheduleOptions {
  readonly seed: number
  readonly without?: Defence | undefined
  readonly trace?: (line: string) => void
}

export interface ScheduleResult {
  readonly seed: number
  readonly violations: readonly string[]
  readonly figures: Figures
  readonly steps: number
}

/** Longer than this no schedule needs to come to rest: what is not settled by then is lost. */
const REST_WITHIN_MS = 240 * HOUR
const MAX_STEPS = 150_000

/** One schedule from its seed alone: the same seed does the same, step by step. */
export async function runSchedule({ seed, without, trace }: ScheduleOptions): Promise<ScheduleResult> {
  const published: Published = []
  let parts: { readonly fleet: Fleet; readonly notifier: Notifier } | undefined
  const world = createWorld({
    seed,
    without,
    trace,
    onTaken: (entry) => parts?.notifier.taken(entry),
    onCrash: (process) => parts?.fleet.crash(process),
    onPause: (process) => parts?.fleet.pause(process),
  })
  const fleet = new Fleet(world, published)
  const notifier = new Notifier(world, () => fleet)
  parts = { fleet, notifier }
  const producers = new Producers(world, fleet, notifier)
  const operator = new Operator(world)
  if (world.plan.operates) operator.begin(producers.wanted.map(({ no_refund }) => no_refund))
  breakThings(world)
  healLater(world, fleet, operator)

  const atRest = (): boolean =>
    world.healed() &&
    !producers.busy &&
    notifier.pending === 0 &&
    world.ledger.store.outbox.size === 0 &&
    [...producers.acknowledged.keys()].every((number) => settled(world, number)) &&
    world.gateway.book.entries.every(({ settlesAt }) => settlesAt <= world.timeline.now)
  let restedAt = Number.POSITIVE_INFINITY
  const until = (): boolean => {
    if (!atRest()) restedAt = Number.POSITIVE_INFINITY
    else if (restedAt === Number.POSITIVE_INFINITY) restedAt = world.timeline.now
    return world.timeline.now - restedAt >= MINUTE
  }
  const ended = await world.timeline.run(until, { steps: MAX_STEPS, at: START + REST_WITHIN_MS })
  if (ended === 'bound' && !atRest()) world.violations.push(`still not at rest after ${world.timeline.steps} steps`)
  return conclude(world, producers, { published, released: operator.released })
}

function settled({ ledger: { store } }: World, number: string): boolean {
  for (const [name, stored] of store.records) {
    if (!name.endsWith(`:${number}`)) continue
    return 'tombstone' in stored || stored.holds !== '' || ['succeeded', 'failed', 'rejected'].includes(stored.state)
  }
  return false
}

/** Times in which the gateway cannot be reached, or the merchant has no balance; processes that die between two steps. */
function breakThings({ random, plan, timeline, gateway, tell }: World): void {
  for (let outage = 0; outage < plan.outages; outage++) {
    const ms = random.between(1000, plan.healsAfterMs / 2)
    const reachable = random.chance(0.5)
    timeline.after(random.between(0, plan.healsAfterMs / 2), () => {
      tell(() => (reachable ? `merchant: no balance for ${ms} ms` : `gateway: cannot be reached for ${ms} ms`))
      if (reachable) gateway.noBalanceUntil = timeline.now + ms
      else gateway.unreachableUntil = timeline.now + ms
    })
  }
}

/** Every fault ends; what stands still goes on, and in some schedules a person lets the held ones go. */
function healLater(world: World, fleet: Fleet, operator: Operator): void {
  const { timeline, plan, random, gateway, tell } = world
  timeline.after(plan.healsAfterMs, () => {
    tell(() => '--- every fault ends here ---')
    world.heal()
    gateway.noBalanceUntil = 0
    gateway.unreachableUntil = 0
    for (const process of fleet.processes) process.pausedUntil = Math.min(process.pausedUntil, timeline.now)
    fleet.refund.dispatch()
    fleet.query.dispatch()
    if (random.chance(0.5)) timeline.after(random.between(MINUTE, 40 * MINUTE), () => operator.releaseAll())
  })
}

function conclude(
  world: World,
  { acknowledged, wanted }: Producers,
  seen: Pick<Evidence, 'published' | 'released'>,
): ScheduleResult {
  const { gateway, ledger, plan, figures, seed, timeline } = world
  const records = recordsOf(ledger.store)
  const held = new Set(records.filter((record) => isHeld(record)).map(({ no_refund }) => no_refund))
  const contradicted = new Set(records.filter(({ contradiction }) => contradiction).map(({ no_refund }) => no_refund))
  figures.sends = gateway.book.requests.length
  figures.events = seen.published.length
  figures.held = records.filter((record) => !isFinal(record)).length
  const violations = [
    ...judge({ book: gateway.book, acknowledged, wanted, held, contradicted, ...seen }),
    ...world.violations,
    ...(world.without === undefined ? audit(ledger.store, plan.policy) : []),
  ]
  for (const violation of violations) world.tell(() => `VIOLATION ${violation}`)
  return { seed, violations: [...new Set(violations)], figures, steps: timeline.steps }
}
