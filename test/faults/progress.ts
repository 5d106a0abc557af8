import { eventually } from '../support/eventually.ts'
import type { Load } from './load.ts'
import type { Stage } from './stage.ts'

/** A failover takes seconds, and a loaded machine longer. */
const WITHIN = { timeoutMs: 90_000, intervalMs: 50 }

/** Waits until so many more refunds were acknowledged and so many more were paid: work goes on. */
export async function goesOn({ simulator }: Stage, load: Load, more: number): Promise<void> {
  const [added, paid] = [load.acknowledged() + more, simulator.book.length + more]
  await eventually(() => load.acknowledged() >= added && simulator.book.length >= paid, WITHIN)
}
