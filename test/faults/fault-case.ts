import type { Stage, StageOptions } from './stage.ts'

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
