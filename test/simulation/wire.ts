import type { CommandFaults } from './plan.ts'
import type { Random } from './random.ts'
import type { Timeline } from './timeline.ts'
import type { WorkerProcess } from './worker-process.ts'

export interface WireOptions {
  readonly timeline: Timeline
  readonly random: Random
  readonly faults: CommandFaults
  readonly healed: () => boolean
  readonly crash: (process: WorkerProcess) => void
  readonly pause: (process: WorkerProcess) => void
  readonly tell: (line: () => string) => void
}

type Fate =
  | 'fine'
  | 'crash before'
  | 'crash after'
  | 'pause before'
  | 'pause after'
  | 'twice'
  | 'not done'
  | 'reply lost'

interface Command<T> {
  readonly effect: () => T
  readonly resolve: (value: T) => void
  readonly fail: (reason: string) => void
}

/** The way from a process to Redis: a command leaves, takes effect and is answered, and each may be a moment of its own. */
export class Wire {
  private readonly options: WireOptions

  constructor(options: WireOptions) {
    this.options = options
  }

  /** @param effect done at once, or twice when the client missed the first reply */
  async command<T>(process: WorkerProcess, what: string, effect: () => T): Promise<T> {
    const { timeline, tell } = this.options
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    const fate = this.fate()
    if (fate !== 'fine') tell(() => `${process.name}: ${what}: ${fate}`)
    if (fate === 'crash before') this.options.crash(process)
    if (fate === 'pause before') this.options.pause(process)
    const fail = (reason: string): void => this.answer(process, () => reject(new Error(reason)))
    timeline.after(this.delay(), () => {
      this.leave(process, () => {
        if (fate === 'not done') fail('OOM command not allowed')
        else this.takeEffect(process, fate, { effect, resolve, fail })
      })
    })
    return promise
  }

  private takeEffect<T>(process: WorkerProcess, fate: Fate, { effect, resolve, fail }: Command<T>): void {
    const { timeline, random, crash, pause } = this.options
    let value: T
    try {
      value = effect()
    } catch (error) {
      fail(String(error))
      return
    }
    if (fate === 'crash after') crash(process)
    if (fate === 'pause after') pause(process)
    if (fate === 'reply lost') {
      fail('Connection is closed')
    } else if (fate === 'twice') {
      timeline.after(random.between(1, 3000), () => {
        const again = effect()
        this.answer(process, () => resolve(again))
      })
    } else {
      this.answer(process, () => resolve(value))
    }
  }

  private fate(): Fate {
    const { random, faults, healed } = this.options
    if (healed()) return 'fine'
    let drawn = random.next()
    const within = (share: number): boolean => {
      drawn -= share
      return drawn < 0
    }
    const half = random.chance(0.5)
    if (within(faults.crash)) return half ? 'crash before' : 'crash after'
    if (within(faults.pause)) return half ? 'pause before' : 'pause after'
    if (within(faults.twice)) return 'twice'
    if (within(faults.fail)) return half ? 'not done' : 'reply lost'
    return 'fine'
  }

  /** What a process has not written when it dies or stands still may leave or not: nobody can tell when it was written. */
  private leave(process: WorkerProcess, act: () => void): void {
    const { random } = this.options
    if ((process.alive && !process.paused) || random.chance(0.5)) act()
    else process.within(act)
  }

  private answer(process: WorkerProcess, act: () => void): void {
    const { random, timeline } = this.options
    if (random.chance(0.6)) process.within(act)
    else timeline.after(this.delay(), () => process.within(act))
  }

  private delay(): number {
    const { random, faults, healed } = this.options
    if (!healed() && random.chance(faults.slow)) return random.between(10, 4000)
    return random.between(0, 2)
  }
}
