import type { Clock } from '../../src/flows/ports.ts'
import type { Defence } from '../defences/names.ts'
import { type Careless, withoutDefence } from '../defences/without-defence.ts'
import type { Timeline } from './timeline.ts'

export interface ProcessOptions {
  /** ms by which its wall clock is wrong */
  readonly wallAhead: number
  readonly sweeps: boolean
  readonly without: Defence | undefined
}

/** One process from its start to its death; a restarted one is another. */
export class WorkerProcess {
  readonly name: string
  readonly careless: Careless
  alive = true
  /** stands still until then */
  pausedUntil = 0
  readonly sweeps: boolean
  private wallAhead: number
  private monotonicAhead = 0
  private readonly timeline: Timeline

  constructor(timeline: Timeline, name: string, { wallAhead, sweeps, without }: ProcessOptions) {
    this.timeline = timeline
    this.name = name
    this.wallAhead = wallAhead
    this.sweeps = sweeps
    this.careless = withoutDefence(without)
  }

  get paused(): boolean {
    return this.timeline.now < this.pausedUntil
  }

  get skewMs(): number {
    return this.wallAhead
  }

  readonly clock: Clock = {
    wall: () => this.timeline.now + this.wallAhead,
    monotonic: () => this.timeline.now + this.monotonicAhead,
  }

  /** @param hiddenFrom the clock that does not show the time that is gone, if any */
  pause(ms: number, hiddenFrom: 'wall' | 'monotonic' | 'none'): void {
    this.pausedUntil = this.timeline.now + ms
    if (hiddenFrom === 'wall') this.wallAhead -= ms
    if (hiddenFrom === 'monotonic') this.monotonicAhead -= ms
  }

  /** Something that happens inside it: not while it stands still, and never once it is dead. */
  within(act: () => void): void {
    if (!this.alive) return
    if (this.paused) this.timeline.after(this.pausedUntil - this.timeline.now, () => this.within(act))
    else act()
  }
}
