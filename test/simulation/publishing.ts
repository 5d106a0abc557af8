import { publisher } from '../../src/flows/publish.ts'
import type { RefundEvent } from '../../src/refund/event.ts'
import type { WorkerProcess } from './worker-process.ts'
import type { World } from './world.ts'

/** What the subscriber got, event by event, doubles and all. */
export type Published = RefundEvent[]

const BLOCK_MS = 1000
const AFTER_FAULT_MS = 1000

/** The publisher of one process, again and again; while the outbox is empty it only waits. */
export function startPublisher(world: World, process: WorkerProcess, published: Published): void {
  const { wire, ledger, timeline, plan, tell } = world
  const command = <T>(what: string, effect: () => T): Promise<T> => wire.command(process, what, effect)
  const publishBatch = publisher({
    outbox: {
      next: (limit) => command('take events', () => ledger.next(process.name, limit)),
      abandoned: (limit, idleMs) =>
        command('take abandoned events', () => ledger.abandoned(process.name, limit, idleMs)),
      done: (entries) => command('events are published', () => ledger.done(entries)),
    },
    subscribers: [
      (events) =>
        command(`publish ${events.length} events`, () => {
          for (const json of events) {
            const event: RefundEvent = JSON.parse(json)
            tell(() => `${process.name}: published ${event.id} ${event.type}`)
            published.push(event)
          }
        }),
    ],
    claimMs: plan.claimMs,
    monotonic: process.clock.monotonic,
  })

  let resting = true

  async function step(): Promise<void> {
    let rest = 0
    try {
      if ((await publishBatch(BLOCK_MS)) === 0) rest = BLOCK_MS
    } catch {
      rest = AFTER_FAULT_MS
    }
    timeline.after(rest, () => {
      resting = true
      go()
    })
  }

  function go(): void {
    if (!resting || !process.alive || ledger.store.outbox.size === 0) return
    resting = false
    process.within(() => void step())
  }
  world.onChange(go)
  timeline.after(BLOCK_MS, go)
}
