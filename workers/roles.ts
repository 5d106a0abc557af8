import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { performance } from 'node:perf_hooks'
import type { FastifyInstance } from 'fastify'
import { receiveNotice } from '../src/flows/notice.ts'
import { publisher } from '../src/flows/publish.ts'
import { sweep } from '../src/flows/sweep.ts'
import { createReceiver } from '../src/http/receiver.ts'
import { readNotification } from '../src/lianlian/notification.ts'
import { completionQueue } from '../src/queue/completion.ts'
import { wakes } from '../src/queue/wakes.ts'
import { queryWorker, submitWorker, type WorkerSettings } from '../src/queue/workers.ts'
import { loop } from './loop.ts'
import type { Parts } from './parts.ts'
import { traceOf } from './traces.ts'

/** How long a publisher waits for an event before it looks whether it should stop. */
const OUTBOX_BLOCK_MS = 1_000
const DAY_MS = 86_400_000

/** Takes jobs of `refund`: accepts, sends, retries. */
function submit(parts: Parts): void {
  const { settings, merchants, lifecycle } = parts
  const engine = parts.engine(parts.ledger(parts.connect('ledger')), parts.gateways())
  const worker = submitWorker(engine, merchants.defaults, workerSettings(parts, settings.workers.submitConcurrency))
  lifecycle.onStop('submit worker', () => worker.close())
}

/** Takes jobs of `refund-query`, and adds them: the sweeper wakes what is due. */
function query(parts: Parts): void {
  const { settings, lifecycle, log } = parts
  const ledger = parts.ledger(parts.connect('ledger'))
  const engine = parts.engine(ledger, parts.gateways())
  const worker = queryWorker(engine, workerSettings(parts, settings.workers.queryConcurrency))
  lifecycle.onStop('query worker', () => worker.close())

  const hand = wakes(parts.connect('sweeper'), settings.queues.prefix, queueFault(parts, 'sweeper'))
  lifecycle.onStop('sweeper queues', () => hand.close())
  const options = {
    ledger,
    wakes: hand,
    leaseMs: settings.policy.graceMs,
    retentionMs: settings.ledger.retentionDays * DAY_MS,
  }
  const stop = loop('sweeper', log, async () => {
    const { more, restMs = Number.POSITIVE_INFINITY } = await sweep(options)
    return more ? 0 : Math.min(restMs, settings.workers.sweepIntervalMs)
  })
  lifecycle.onStop('sweeper', stop)
}

/** Carries completion events from the outbox to the subscribers' queues. */
function publish(parts: Parts): void {
  const { settings, merchants, lifecycle, log, tracing } = parts
  const connection = parts.connect('completion queues')
  const subscribers = settings.queues.completion.map((name) =>
    completionQueue(name, connection, {
      prefix: settings.queues.prefix,
      waitReplicas: settings.redis.waitReplicas,
      onError: queueFault(parts, name),
    }),
  )
  lifecycle.onStop('completion queues', () => Promise.all(subscribers.map((queue) => queue.close())))

  const blocking = parts.connect('outbox')
  const outbox = parts.ledger(connection).outboxOf(`${hostname()}-${randomUUID()}`, blocking)
  const publishBatch = publisher({
    outbox,
    subscribers: subscribers.map((queue) => async (events) => queue.publish(events)),
    claimMs: settings.workers.outboxClaimMs,
    monotonic: () => performance.now(),
    ...(tracing && { trace: traceOf(tracing, merchants.urlsOf) }),
  })
  let opened = false
  const stop = loop('publisher', log, async () => {
    if (!opened) await outbox.open()
    // a step that fails leaves it `false`: the group may be gone
    opened = false
    await publishBatch(OUTBOX_BLOCK_MS)
    opened = true
    return 0
  })
  lifecycle.onStop('publisher', async () => {
    await stop()
    await outbox.leave()
  })
}

/** The server that the gateway notifies. */
async function receive(parts: Parts): Promise<void> {
  const { settings, merchants, log, publicKeys } = parts
  const { host, port, path, allowFrom, trustProxy } = settings.receiver
  // a notification that cannot be stored now is better refused: the gateway repeats it
  const ledger = parts.ledger(parts.connect('receiver', 'hasty'))
  const engine = parts.engine(ledger)
  const server = createReceiver({
    path,
    trustProxy,
    ...(allowFrom && { allowFrom }),
    mayNotify: merchants.mayNotify,
    logger: log,
    read: (body) => readNotification(body, (oid_partner) => publicKeys.get(oid_partner)),
    store: (id, notice) => receiveNotice(engine, id, notice),
    count: (counts) => ledger.count(counts),
  })
  await listen(parts, 'receiver', server, host, port)
}

/** The server that operators ask: what it shows pages with is loaded by no other role. */
async function admin(parts: Parts): Promise<void> {
  const role = await import('./admin-role.ts')
  await role.admin(parts)
}

export const roles = { submit, query, publish, receive, admin }
export type Role = keyof typeof roles

const SIGNING: ReadonlySet<Role> = new Set(['submit', 'query'])

/** Whether a process of these roles calls the gateway, and so needs private keys. */
export const doesSign = (names: readonly Role[]): boolean => names.some((name) => SIGNING.has(name))

function workerSettings(parts: Parts, concurrency: number): WorkerSettings {
  const { prefix } = parts.settings.queues
  return {
    connection: parts.connect('worker'),
    prefix,
    concurrency,
    lockDurationMs: parts.settings.workers.lockDurationMs,
    stalledIntervalMs: parts.settings.workers.stalledIntervalMs,
    log: parts.log,
    ...(parts.tracing && { tracing: parts.tracing }),
  }
}

const queueFault = (parts: Parts, queue: string) => (error: Error) =>
  parts.log.warn({ err: error, queue }, 'queue connection fault')

async function listen(parts: Parts, name: string, server: FastifyInstance, host: string, port: number): Promise<void> {
  parts.lifecycle.onStop(name, () => server.close())
  await server.listen({ host, port })
}
