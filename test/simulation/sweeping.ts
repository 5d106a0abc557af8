import { sweep } from '../../src/flows/sweep.ts'
import type { RefundRecord } from '../../src/refund/record.ts'
import { flowEngine } from './flow.ts'
import type { WorkerProcess } from './worker-process.ts'
import type { World } from './world.ts'

export interface SweptQueues {
  waiting(queue: 'refund' | 'refund-query'): number
  wake(queue: 'refund' | 'refund-query', record: RefundRecord): void
}

const AFTER_FAULT_MS = 1000
/** Sweeps in a row that are left out while nobody may be called, as far as the last one knew. */
const LATE_CALL = 5

/**
 * The sweeper of one process, again and again. Where nothing can be due before some time, the sweeps until then, which
 * would find nothing, are left out.
 */
export function startSweeper(world: World, process: WorkerProcess, queues: SweptQueues): void {
  const { plan, timeline, wire, ledger } = world
  const { ledger: port } = flowEngine(world, process)
  const leaseMs = plan.policy.graceMs
  const wakes = {
    waiting: (queue: 'refund' | 'refund-query') => wire.command(process, `count ${queue}`, () => queues.waiting(queue)),
    wake: (queue: 'refund' | 'refund-query', records: readonly RefundRecord[]) =>
      wire.command(process, `wake ${records.map(({ no_refund }) => no_refund).join(', ')}`, () => {
        for (const record of records) queues.wake(queue, record)
      }),
  }

  let notBefore = 0
  let callAt = 0
  let plannedFor = Number.POSITIVE_INFINITY

  async function step(): Promise<void> {
    let rest: number
    try {
      const { more, restMs } = await sweep({ ledger: port, wakes, leaseMs, retentionMs: plan.retentionMs })
      const sooner = Math.min(restMs ?? plan.sweepMs, plan.sweepMs)
      rest = more ? 0 : sooner
      // those who wait are called late at worst: a door may open before its time
      callAt = timeline.now + (more ? 0 : Math.min(restMs ?? plan.sweepMs, LATE_CALL * plan.sweepMs))
    } catch {
      rest = AFTER_FAULT_MS
    }
    notBefore = timeline.now + rest
    plannedFor = Number.POSITIVE_INFINITY
    planNext()
  }

  function planNext(): void {
    const call = ledger.store.lined.size > 0 ? callAt : Number.POSITIVE_INFINITY
    const next = Math.max(notBefore, Math.min(call, ...ledger.store.due.values(), nextRetirement()))
    if (!process.alive || next >= plannedFor || next === Number.POSITIVE_INFINITY) return
    plannedFor = next
    timeline.after(next - timeline.now, () => {
      if (plannedFor !== next) return
      // one sweep at a time
      plannedFor = Number.NEGATIVE_INFINITY
      process.within(() => void step())
    })
  }

  function nextRetirement(): number {
    let oldest = Number.POSITIVE_INFINITY
    for (const state of ['succeeded', 'failed', 'rejected']) {
      for (const since of ledger.store.indexes.get(`state:${state}`)?.values() ?? []) oldest = Math.min(oldest, since)
    }
    return oldest + plan.retentionMs
  }

  notBefore = timeline.now + world.random.between(0, plan.sweepMs)
  world.onChange(planNext)
  planNext()
}
