import type { Defence } from '../defences/names.ts'
import { runSchedule } from './schedule.ts'
import type { Figures } from './world.ts'

/** Seeds that one thread runs one after the other: `first`, `first + step`, ... */
export interface Batch {
  readonly first: number
  readonly step: number
  readonly count: number
  readonly without: Defence | undefined
}

export interface Failure {
  readonly seed: number
  readonly violations: readonly string[]
}

export interface BatchResult {
  readonly figures: Figures
  readonly failures: readonly Failure[]
}

export const NO_FIGURES: Figures = { refunds: 0, sends: 0, crashes: 0, pauses: 0, events: 0, held: 0 }

export function added(a: Figures, b: Figures): Figures {
  return {
    refunds: a.refunds + b.refunds,
    sends: a.sends + b.sends,
    crashes: a.crashes + b.crashes,
    pauses: a.pauses + b.pauses,
    events: a.events + b.events,
    held: a.held + b.held,
  }
}

export async function runBatch({ first, step, count, without }: Batch): Promise<BatchResult> {
  let figures = NO_FIGURES
  const failures: Failure[] = []
  for (let n = 0; n < count; n++) {
    const { seed, violations, figures: more } = await runSchedule({ seed: first + n * step, without })
    figures = added(figures, more)
    if (violations.length > 0) failures.push({ seed, violations })
  }
  return { figures, failures }
}
