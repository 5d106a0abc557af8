import { DUE } from '../../src/flows/decide.ts'
import { look } from '../../src/flows/look.ts'
import { type JobResult, submitJob } from '../../src/flows/submit.ts'
import { wakeId } from '../../src/queue/names.ts'
import { jobDataOf } from '../../src/queue/wakes.ts'
import { parseRefundJob } from '../../src/refund/job-data.ts'
import type { RefundRecord } from '../../src/refund/record.ts'
import { NOTIFY_URL, PARTNER } from '../refund/builders.ts'
import { flowEngine } from './flow.ts'
import { MiniQueue, type QueuedJob } from './mini-queue.ts'
import { type Published, startPublisher } from './publishing.ts'
import { type SweptQueues, startSweeper } from './sweeping.ts'
import { WorkerProcess } from './worker-process.ts'
import type { World } from './world.ts'

const MERCHANTS = new Map([[PARTNER, { notifyUrl: NOTIFY_URL }]])
const FAULT_DELAY_MS = 5000
const CONCURRENCY = 3
const SWEEPERS = 2

interface UnderWay {
  readonly queue: MiniQueue
  readonly job: QueuedJob
  readonly lock: number
}

/** The workers of one schedule, and the queues between them. */
export class Fleet implements SweptQueues {
  readonly refund: MiniQueue
  readonly query: MiniQueue
  readonly published: Published
  private readonly world: World
  private running: WorkerProcess[] = []
  private started = 0
  private readonly underWay = new Map<WorkerProcess, Set<UnderWay>>()

  constructor(world: World, published: Published) {
    this.world = world
    this.published = published
    const { timeline, random } = world
    const shared = { timeline, random, processes: () => this.running, concurrency: CONCURRENCY }
    this.refund = new MiniQueue({
      ...shared,
      name: 'refund',
      work: (process, job, lock) =>
        this.work({ queue: this.refund, job, lock }, process, () => this.submit(process, job)),
    })
    this.query = new MiniQueue({
      ...shared,
      name: 'refund-query',
      work: (process, job, lock) => this.work({ queue: this.query, job, lock }, process, () => this.look(process, job)),
    })
    for (let n = 0; n < world.plan.processes; n++) this.start(n < SWEEPERS)
  }

  get processes(): readonly WorkerProcess[] {
    return this.running
  }

  /** Dies at once: nothing of it goes on, and BullMQ brings its jobs back when their locks have run out. */
  crash(process: WorkerProcess): void {
    if (!this.running.includes(process)) return
    const { timeline, random, tell, figures, healed } = this.world
    process.alive = false
    figures.crashes += 1
    tell(() => `${process.name}: killed`)
    this.running = this.running.filter((other) => other !== process)
    for (const work of this.underWay.get(process) ?? []) this.stallLater(work)
    timeline.after(healed() ? 0 : random.between(10, 20_000), () => this.start(process.sweeps))
  }

  pause(process: WorkerProcess): void {
    if (!this.running.includes(process) || process.paused) return
    const { timeline, random, plan, tell, figures } = this.world
    const { minAgeMs } = plan.policy.quarantine.full
    const ms = random.pick([
      random.between(500, 5000),
      random.between(4000, 30_000),
      plan.gatewayTimeoutMs + random.between(3000, 20_000),
      random.between(0, 2 * minAgeMs + 1000),
    ])
    const hidden = random.pick<'none' | 'wall' | 'monotonic'>(['none', 'none', 'wall', 'monotonic'])
    process.pause(ms, hidden)
    figures.pauses += 1
    tell(
      () => `${process.name}: stands still for ${ms} ms${hidden === 'none' ? '' : `, hidden from its ${hidden} clock`}`,
    )
    for (const work of this.underWay.get(process) ?? []) if (ms > plan.lockMs) this.stallLater(work)
    timeline.after(ms, () => {
      this.refund.dispatch()
      this.query.dispatch()
    })
  }

  private start(sweeps: boolean): void {
    const { world } = this
    const { timeline, random, plan, tell } = world
    this.started += 1
    const skew = random.chance(0.5) ? random.between(-plan.clockSkewMs, plan.clockSkewMs) : 0
    const process = new WorkerProcess(timeline, `worker ${this.started}`, {
      wallAhead: skew,
      sweeps,
      without: world.without,
    })
    this.running.push(process)
    tell(() => `${process.name}: starts${skew === 0 ? '' : `, its clock ${skew} ms ahead`}`)
    startPublisher(world, process, this.published)
    if (sweeps) startSweeper(world, process, this)
    this.refund.dispatch()
    this.query.dispatch()
  }

  private stallLater({ queue, job, lock }: UnderWay): void {
    const { timeline, random, plan } = this.world
    timeline.after(random.between(0, plan.lockMs) + random.between(0, 2 * plan.stalledMs), () => queue.stall(job, lock))
  }

  private work(work: UnderWay, process: WorkerProcess, handle: () => Promise<JobResult>): void {
    const { random, plan, healed, tell } = this.world
    const { queue, job, lock } = work
    const jobs = this.underWay.get(process) ?? new Set()
    this.underWay.set(process, jobs)
    jobs.add(work)
    // a renewal that fails, or an event loop that stands still: the job comes back while this run goes on
    if (!healed() && random.chance(plan.commands.pause)) {
      tell(() => `${process.name}: loses the lock of ${job.id} without knowing`)
      this.stallLater(work)
    }
    this.run(process, queue, { job, lock, handle })
      .catch((error: unknown) => this.world.violations.push(`a worker failed: ${String(error)}`))
      .finally(() => {
        jobs.delete(work)
        queue.released(process)
      })
  }

  private async run(
    process: WorkerProcess,
    queue: MiniQueue,
    { job, lock, handle }: { job: QueuedJob; lock: number; handle: () => Promise<JobResult> },
  ): Promise<void> {
    const { wire, tell } = this.world
    const result = await handle().catch((error: unknown): JobResult => {
      tell(() => `${process.name}: ${job.id} met a fault of ours: ${String(error)}`)
      return { kind: 'later', delayMs: FAULT_DELAY_MS }
    })
    if (result.kind === 'failed') tell(() => `${process.name}: ${job.id} fails: ${result.faults.join('; ')}`)
    const finish =
      result.kind === 'later'
        ? () => queue.delay(job, lock, Math.max(0, result.delayMs + this.skewTo(process)))
        : () => queue.finish(job, lock)
    const written = await wire.command(process, `finish ${job.id}`, finish).then(
      () => true,
      () => false,
    )
    // the job stays active under a lock that nobody renews
    if (!written) this.stallLater({ queue, job, lock })
  }

  /** A delay ends by the clock of whoever looks first. */
  private skewTo(process: WorkerProcess): number {
    const [first] = this.running
    const reader = first ? this.world.random.pick([first, ...this.running.slice(1)]) : process
    return process.skewMs - reader.skewMs
  }

  private async submit(process: WorkerProcess, { id, data, timestamp }: QueuedJob): Promise<JobResult> {
    const parsed = parseRefundJob(data, { timestamp, merchants: MERCHANTS })
    const engine = flowEngine(this.world, process, { type: 'job', job: id, at: timestamp, parsed })
    return submitJob(engine, MERCHANTS, { id, data, timestamp, isFirst: true })
  }

  private async look(process: WorkerProcess, job: QueuedJob): Promise<JobResult> {
    const no_refund = String(job.data)
    await look(flowEngine(this.world, process), { oid_partner: PARTNER, no_refund }, DUE)
    return { kind: 'done', state: 'looked' }
  }

  waiting(queue: 'refund' | 'refund-query'): number {
    return (queue === 'refund' ? this.refund : this.query).waiting
  }

  /** Adds a wake-up for a record, as `src/queue/wakes.ts` does. */
  wake(queue: 'refund' | 'refund-query', record: RefundRecord): void {
    const { timeline } = this.world
    if (queue === 'refund') this.refund.add(wakeId(record), jobDataOf(record), timeline.now, true)
    else this.query.add(wakeId(record), record.no_refund, timeline.now, true)
  }
}
