import { setTimeout as sleep } from 'node:timers/promises'
import { type Telemetry, Worker } from 'bullmq'
import { mendJob } from '../queue/unreadable.ts'
import { connectRedis, type RedisAddress } from '../redis/connection.ts'
import { withoutCommand } from '../redis/error-text.ts'
import { ADDRESS_EXPECTED, givenAddress } from '../redis/given-address.ts'
import type { BackoffPolicy } from '../refund/backoff.ts'
import { deadLetters } from './dead-letters.ts'
import { AbortedError, ConsumerOptionsError } from './errors.ts'
import { handling } from './handling.ts'
import { eventMemory } from './memory.ts'
import { backoffOf, optionFaults } from './options.ts'
import { type ConsumerLog, type EventHandler, LET_GO_MS } from './trying.ts'

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
  /** how long the handler may take for one event before the try counts as failed; default 5 minutes */
  readonly handleTimeoutMs?: number
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
   * handled again by another consumer, without a try being spent. A handler that does not heed its signal is left alone a
   * second later. Calling it twice is harmless.
   */
  close(graceMs?: number): Promise<void>
}

const DAY_MS = 86_400_000
const STOP_GRACE_MS = 30_000
const STALLED_INTERVAL_MS = 30_000
/** So long a Redis that is away may hold up what is left of a stop. */
const REDIS_GRACE_MS = 1_000
const silent: ConsumerLog = { info() {}, warn() {}, error() {} }

/**
 * Takes completion events and hands each to the handler once, as far as that can be: an event is marked after its
 * handler succeeded, so one whose process dies in between is handled again.
 *
 * @throws ConsumerOptionsError
 */
export function createConsumer(options: ConsumerOptions): Consumer {
  const { prefix = 'bull', queue = 'refund-completed', deadLetterQueue = `${queue}-dead` } = options
  const { handle, concurrency = 10, attempts = 10, handleTimeoutMs = 300_000 } = options
  const { leaseMs = 30_000, rememberMs = 7 * DAY_MS, force = false, log = silent, telemetry } = options
  const backoff = backoffOf(options.backoff)
  const counts = { concurrency, attempts, handleTimeoutMs, leaseMs, rememberMs }
  const address = givenAddress(options.redis)
  const faults = optionFaults({ handle, queue, deadLetterQueue, counts, backoff })
  if (!address) throw new ConsumerOptionsError([ADDRESS_EXPECTED, ...faults].join('; '))
  if (faults.length > 0) throw new ConsumerOptionsError(faults.join('; '))

  const onError = (error: Error) => log.error({ err: withoutCommand(error), queue }, 'the consumer met an error')
  const ended = new AbortController()
  const connection = connectRedis(address, 'patient', onError, ended.signal)
  const dead = deadLetters({ connection, prefix, queue, deadLetterQueue, onError })
  const memory = eventMemory(connection, { prefix, queue, leaseMs, rememberMs })
  const stop = new AbortController()
  const { signal: stopped } = stop
  const trying = { handle, memory, leaseMs, handleTimeoutMs, log, stopped }
  const processor = handling({ ...trying, dead, attempts, backoff, force })
  const worker = new Worker(queue, processor, {
    connection,
    prefix,
    concurrency,
    lockDuration: leaseMs,
    stalledInterval: Math.min(leaseMs, STALLED_INTERVAL_MS),
    // a deployment that ends processes says nothing about their events
    maxStalledCount: 1_000_000,
    ...(telemetry && { telemetry }),
  })
  worker.on('error', onError)
  worker.on('stalled', (job) => {
    log.warn({ job, queue }, 'an event was taken from a consumer that went silent')
    // what cannot be read as a job at all goes to the dead letters as text
    mendJob(connection, worker.toKey(job)).catch(onError)
  })

  let closing: Promise<void> | undefined
  async function close(graceMs: number): Promise<void> {
    const closed = worker.close()
    if ((await within(closed, graceMs)) === 'late') {
      log.warn({ queue }, 'handlers still run after the grace: their events will be handled again')
      stop.abort(new AbortedError('consumer_stopped', 'the consumer was stopped'))
      await within(closed, LET_GO_MS + REDIS_GRACE_MS)
    }
    await within(dead.close(), REDIS_GRACE_MS)
    ended.abort()
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

async function within(work: Promise<unknown>, ms: number): Promise<'done' | 'late'> {
  const timer = new AbortController()
  const late = sleep(ms, 'late' as const, { signal: timer.signal }).catch(() => 'late' as const)
  try {
    return await Promise.race([work.then(() => 'done' as const), late])
  } finally {
    timer.abort()
  }
}
