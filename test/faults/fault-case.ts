import type { Stage, StageOptions } from './stage.ts'

/** What the gateway does with a number that comes again; `pay_again` proves that we never repeat one wrongly. */
export const MODES = ['refuse', 'pay_again'] as const
export type Mode = (typeof MODES)[number]

/** One fault, with real processes. */
export interface FaultCase {
  readonly number: number
  readonly title: string
  /**
   * Plays the fault and heals it; the runner then waits until all is drained, and judges. Opens its stage once.
   *
   * @throws when the fault itself did not come about: a case that tests nothing must not pass
   */
  play(open: (options?: StageOptions) => Promise<Stage>): Promise<void>
}
