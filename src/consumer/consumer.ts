import { setTimeout as sleep } from 'node:timers/promises'
import { type Telemetry, Worker } from 'bullmq'
import { connectRedis, type RedisAddress } from '../redis/connection.ts'
import type { BackoffPolicy } from '../refund/backoff.ts'
import { deadLetters } from './dead-letters.ts'
import { AbortedError, ConsumerOptionsError } from './errors.ts'
import { type ConsumerLog, type EventHandler, handling } from './handling.ts'
import { eventMemory } from './memory.ts'

export interface ConsumerOptions {
  readonly redis: RedisAddress | string
  /** `QUEUE_PREFIX` of the workers; default `bull` */
  readonly prefix?: string
  /** one of the workers' `COMPLETION_QUEUES`; default `refund-completed` */
  readonly queue?: string
  /** default: the queue's name and `-dead` */
  readonly deadLetterQueue?: string
  /** Handles one event. What it throws has the event tried again; what it returns is ignored. */
  readonly handle: EventHandler
  /** events at once; default 10 */
  readonly concurrency?: number
  /** tries of the handler before an event goes to the dead letters; default 10 */
  readonly attempts?: number
  /** default: 1 s, doubled each time, up to 10 minutes, half of it random */
  readonly backoff?: Partial<BackoffPolicy>
  /** how long a consumer that died keeps its events from others; default 30 s */
  readonly leaseMs?: number
  /** how long the id of a handled event is remembered; default 7 days, at least the 2 that finished jobs are kept */
  readonly rememberMs?: number
  /** whether events that an operator replays are handled although they were before, each replay once; default false */
  readonly force?: boolean
  /** default: none */
  readonly log?: ConsumerLog
  /** such as `new BullMQOtel()` of bullmq-otel: handlers go on in the trace of their refund */
  readonly telemetry?: Telemetry
}

export interface Consumer {
  /** Resolves when Redis was reached for the first time. */
  ready(): Promise<void>
  /**
   * Puts dead letters back on the queue, oldest first.
   *
   * @returns how many
   */
  redriveDeadLetters(limit?: number): Promise<number>
  /**
   * Takes no further event and waits for those under way; then the handlers' signals abort, and their events are
   * handled again by another consumer. Calling it twice is harmless.
   */
  close(graceMs?: number): Promise<void>
}

const DAY_MS = 86_400_000
const BACKOFF: BackoffPolicy = { baseMs: 1_000, factor: 2, capMs: 600_000, jitter: 0.5 }
const STOP_GRACE_MS = 30_000
/** Handlers that heed their signal end within this. */
const ABORT_GRACE_MS = 1_000
const silent: ConsumerLog = { info() {}, warn() {}, error() {} }

/**
 * Takes completion events and hands each to the handler once, as far as that can be: an event is marked after its
 * handler succeeded, so one whose process dies in between is handled again.
 *
 * @throws ConsumerOptionsError
 */
export function createConsumer(options: ConsumerOptions): Consumer {
  const { redis, prefix = 'bull', queue = 'refund-completed', deadLetterQueue = `${queue}-dead` } = options
  const { handle, concurrency = 10, attempts = 10, leaseMs = 30_000, rememberMs = 7 * DAY_MS } = options
  const { force = false, log = silent, telemetry } = options
  checkOptions({ queue, deadLetterQueue, concurrency, attempts, leaseMs, rememberMs })

  const onError = (error: Error) => log.error({ err: error, queue }, 'the consumer met an error')
  const address: RedisAddress = typeof redis === 'string' ? { mode: 'single', url: redis } : redis
  const connection = connectRedis(address, 'patient', onError)
  const dead = deadLetters({ connection, prefix, queue, deadLetterQueue, onError })
  const memory = eventMemory(connection, { prefix, queue, leaseMs, rememberMs })
  const stop = new AbortController()
  const backoff = { ...BACKOFF, ...options.backoff }
  const { signal: stopped } = stop
  const processor = handling({ handle, memory, dead, attempts, backoff, leaseMs, force, log, stopped })
  const worker = new Worker(queue, processor, {
    connection,
    prefix,
    concurrency,
    lockDuration: leaseMs,
    // a deployment that ends processes says nothing about their events
    maxStalledCount: 1_000_000,
    ...(telemetry && { telemetry }),
  })
  worker.on('error', onError)
  worker.on('stalled', (job) => log.warn({ job, queue }, 'an event was taken from a consumer that went silent'))

  let closing: Promise<void> | undefined
  async function close(graceMs: number): Promise<void> {
    const ended = worker.close()
    if ((await within(ended, graceMs)) === 'late') {
      log.warn({ queue }, 'handlers still run after the grace: their events will be handled again')
      stop.abort(new AbortedError('consumer_stopped', 'the consumer was stopped'))
      await within(ended, ABORT_GRACE_MS)
    }
    await within(dead.close(), ABORT_GRACE_MS)
    connection.disconnect()
  }

  return {
    async ready() {
      await worker.waitUntilReady()
    },
    redriveDeadLetters: async (limit = 1_000) => dead.redrive(limit),
    async close(graceMs = STOP_GRACE_MS) {
      closing ??= close(graceMs)
      return closing
    },
  }
}

function checkOptions(given: {
  readonly queue: string
  readonly deadLetterQueue: string
  readonly concurrency: number
  readonly attempts: number
  readonly leaseMs: number
  readonly rememberMs: number
}): void {
  const { queue, deadLetterQueue, concurrency, attempts, leaseMs, rememberMs } = given
  const counts = { concurrency, attempts, leaseMs, rememberMs }
  const faults = Object.entries(counts).flatMap(([name, value]) => {
    return Number.isSafeInteger(value) && value > 0 ? [] : [`${name}: expected a whole number above 0`]
  })
  if (queue === deadLetterQueue) faults.push('deadLetterQueue: expected another queue than the consumed one')
  if (rememberMs < 2 * DAY_MS) faults.push('rememberMs: expected 2 days at least, as finished jobs are kept for 2')
  if (faults.length > 0) throw new ConsumerOptionsError(faults.join('; '))
}

async function within(work: Promise<unknown>, ms: number): Promise<'done' | 'late'> {
  const timer = new AbortController()
  const late = sleep(ms, 'late' as const, { signal: timer.signal }).catch(() => 'late' as const)
  try {
    return await Promise.race([work.then(() => 'done' as const), late])
  } finally {
    timer.abort()
  }
}
