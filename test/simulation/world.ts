import type { Defence } from '../defences/names.ts'
import { SimulatedGateway } from './gateway.ts'
import type { Entry } from './gateway-book.ts'
import { MemoryLedger } from './memory/ledger.ts'
import { drawPlan, type Plan } from './plan.ts'
import { type Random, seeded } from './random.ts'
import { Timeline } from './timeline.ts'
import { Wire } from './wire.ts'
import type { WorkerProcess } from './worker-process.ts'

export const START = Date.UTC(2026, 10, 21, 12)

export interface Figures {
  refunds: number
  sends: number
  crashes: number
  pauses: number
  events: number
  held: number
}

/** What all parts of one schedule share. */
export interface World {
  readonly seed: number
  readonly random: Random
  readonly timeline: Timeline
  readonly plan: Plan
  readonly ledger: MemoryLedger
  readonly gateway: SimulatedGateway
  readonly wire: Wire
  readonly without: Defence | undefined
  readonly figures: Figures
  /** promises that were broken, in words */
  readonly violations: string[]
  readonly tell: (line: () => string) => void
  readonly healed: () => boolean
  readonly pause: (process: WorkerProcess) => void
  heal(): void
  /** Something was written to the ledger: whoever waits for that looks. */
  changed(): void
  onChange(listener: () => void): void
  /** a token or an id that was never used before */
  fresh(what: string): string
}

export interface WorldOptions {
  readonly seed: number
  readonly without: Defence | undefined
  /** told every step, in words */
  readonly trace: ((line: string) => void) | undefined
  readonly onTaken: (entry: Entry) => void
  readonly onCrash: (process: WorkerProcess) => void
  readonly onPause: (process: WorkerProcess) => void
}

export function createWorld({ seed, without, trace, onTaken, onCrash, onPause }: WorldOptions): World {
  const random = seeded(seed)
  const timeline = new Timeline(START, random)
  const plan = drawPlan(random)
  let isHealed = false
  let tokens = 0
  const listeners: (() => void)[] = []
  const healed = (): boolean => isHealed
  const tell = (line: () => string): void => {
    trace?.(`${((timeline.now - START) / 1000).toFixed(3).padStart(10)}  ${line()}`)
  }
  const faults = plan.commands
  return {
    seed,
    random,
    timeline,
    plan,
    ledger: new MemoryLedger({ policy: plan.policy, gate: plan.gate, now: () => timeline.now }),
    gateway: new SimulatedGateway({ timeline, random, plan, healed, onTaken, tell }),
    wire: new Wire({ timeline, random, faults, healed, crash: onCrash, pause: onPause, tell }),
    without,
    figures: { refunds: 0, sends: 0, crashes: 0, pauses: 0, events: 0, held: 0 },
    violations: [],
    tell,
    healed,
    pause: onPause,
    heal: () => {
      isHealed = true
    },
    changed: () => {
      for (const listener of listeners) listener()
    },
    onChange: (listener) => void listeners.push(listener),
    fresh: (what) => {
      tokens += 1
      return `${what}-${tokens}`
    },
  }
}
