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
  let plannedFor = Number.POSITIVE_INFINITY

  async function step(): Promise<void> {
    let rest: number
    try {
      const { more } = await sweep({ ledger: port, wakes, leaseMs, retentionMs: plan.retentionMs })
      rest = more ? 0 : plan.sweepMs
    } catch {
      rest = AFTER_FAULT_MS
    }
    notBefore = timeline.now + rest
    plannedFor = Number.POSITIVE_INFINITY
    planNext()
  }

  function planNext(): void {
    const next = Math.max(notBefore, Math.min(...ledger.store.due.values(), nextRetirement()))
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
