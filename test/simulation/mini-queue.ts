import type { Random } from './random.ts'
import type { Timeline } from './timeline.ts'
import type { WorkerProcess } from './worker-process.ts'

export interface QueuedJob {
  readonly id: string
  readonly data: unknown
  readonly timestamp: number
  /** removed when it is done or failed, so that its id is free again */
  readonly vanishes: boolean
  state: 'waiting' | 'delayed' | 'active' | 'finished'
  /** who has it, changed every time that it is taken */
  lock: number
}

export interface QueueOptions {
  readonly name: string
  readonly timeline: Timeline
  readonly random: Random
  readonly processes: () => readonly WorkerProcess[]
  readonly concurrency: number
  readonly work: (process: WorkerProcess, job: QueuedJob, lock: number) => void
}

/** A queue as BullMQ keeps it: at least once, in no sure order, and only as long as its keys stand. */
export class MiniQueue {
  readonly jobs = new Map<string, QueuedJob>()
  private readonly options: QueueOptions
  private locks = 0
  private readonly working = new Map<WorkerProcess, number>()

  constructor(options: QueueOptions) {
    this.options = options
  }

  /** Adding an id that is still there does nothing, and says nothing. */
  add(id: string, data: unknown, timestamp: number, vanishes = false): void {
    if (this.jobs.has(id)) return
    this.jobs.set(id, { id, data, timestamp, vanishes, state: 'waiting', lock: 0 })
    this.dispatch()
  }

  get waiting(): number {
    return [...this.jobs.values()].filter(({ state }) => state === 'waiting').length
  }

  get idle(): boolean {
    return [...this.jobs.values()].every(({ state }) => state === 'finished')
  }

  /** Every key of the queue is deleted. */
  lose(): void {
    this.jobs.clear()
  }

  /** Gives a waiting job to a worker that has a hand free. */
  dispatch(): void {
    const { timeline, random } = this.options
    timeline.after(random.between(0, 5), () => {
      const free = this.options
        .processes()
        .filter((process) => process.alive && !process.paused && this.freeIn(process))
      const waiting = [...this.jobs.values()].filter(({ state }) => state === 'waiting')
      const [first, ...others] = waiting
      const [worker, ...workers] = free
      if (!first || !worker) return
      // mostly the oldest: a priority or a retry may bring any of them first
      const job = random.chance(0.8) ? first : random.pick([first, ...others])
      this.start(random.pick([worker, ...workers]), job)
      if (others.length > 0) this.dispatch()
    })
  }

  /** @returns whether the lock still stands; what becomes of the job is said by the caller */
  holds(job: QueuedJob, lock: number): boolean {
    return this.jobs.get(job.id) === job && job.state === 'active' && job.lock === lock
  }

  finish(job: QueuedJob, lock: number): void {
    if (!this.holds(job, lock)) return
    job.state = 'finished'
    if (job.vanishes) this.jobs.delete(job.id)
  }

  delay(job: QueuedJob, lock: number, ms: number): void {
    if (!this.holds(job, lock)) return
    job.state = 'delayed'
    this.options.timeline.after(ms, () => {
      if (job.state !== 'delayed' || this.jobs.get(job.id) !== job) return
      job.state = 'waiting'
      this.dispatch()
    })
  }

  /** The lock ran out: the job comes back, whatever its worker still does. */
  stall(job: QueuedJob, lock: number): void {
    if (!this.holds(job, lock)) return
    job.state = 'waiting'
    this.dispatch()
  }

  released(process: WorkerProcess): void {
    this.working.set(process, (this.working.get(process) ?? 1) - 1)
    if (this.waiting > 0) this.dispatch()
  }

  private freeIn(process: WorkerProcess): boolean {
    return (this.working.get(process) ?? 0) < this.options.concurrency
  }

  private start(process: WorkerProcess, job: QueuedJob): void {
    this.locks += 1
    job.state = 'active'
    job.lock = this.locks
    this.working.set(process, (this.working.get(process) ?? 0) + 1)
    this.options.work(process, job, job.lock)
  }
}
