import { setTimeout as sleep } from 'node:timers/promises'
import { eventually } from '../support/eventually.ts'
import type { Stage } from './stage.ts'
import type { WorkerUnderTest } from './worker-under-test.ts'

/** A bound for a machine under load. */
export const WITHIN = { timeoutMs: 30_000 } as const

/** The refunds that this worker says it has brought into that state. */
export function broughtTo(worker: WorkerUnderTest, state: string): ReadonlySet<string> {
  const lines = worker.log().filter((line) => line.to === state && line.from !== state)
  return new Set(lines.map(({ no_refund }) => String(no_refund)))
}

/** Waits until the worker has brought so many refunds into that state. */
export async function brought(worker: WorkerUnderTest, state: string, count: number): Promise<void> {
  await eventually(() => broughtTo(worker, state).size >= count, WITHIN)
}

/** Waits until the worker has said something that fits. */
export async function said(worker: WorkerUnderTest, what: RegExp): Promise<void> {
  await eventually(() => what.test(worker.stdout()), WITHIN)
}

/** Waits until BullMQ has given this worker a job of one that went silent. */
export async function tookOver(worker: WorkerUnderTest): Promise<void> {
  await said(worker, /a job was taken from a worker that went silent/)
}

/** Adds refunds until each of these workers stands before the requests of so many; others take what they do not. */
export async function fill(stage: Stage, workers: readonly WorkerUnderTest[], each: number): Promise<void> {
  const full = () => workers.every((worker) => broughtTo(worker, 'sending').size >= each)
  for (let index = 0; !full(); index++) {
    if (index >= 1_000) throw new Error('the workers did not take the refunds')
    await stage.add(`R${String(index).padStart(4, '0')}`)
    await sleep(5)
  }
  await Promise.all(workers.map(async (worker) => worker.reached('before_request')))
}

/** Waits until money has moved for each of these. */
export async function paid(stage: Stage, numbers: ReadonlySet<string>): Promise<void> {
  await eventually(() => {
    const moved = new Set(stage.simulator.book.map(({ no_refund }) => no_refund))
    return [...numbers].every((no_refund) => moved.has(no_refund))
  }, WITHIN)
}
