import { setTimeout as sleep } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import { awaiting } from './awaiting.ts'
import { startGateway } from './gateway.ts'
import { startNotifier } from './notifier.ts'
import { roundsOf } from './pairs.ts'
import { numberOf, OID_PARTNER } from './refunds.ts'
import type { Stage } from './stage.ts'
import { median, quantile } from './statistics.ts'

/** One round of notifications at 70 % of what the receiver can take; times in ms. */
export interface Paced {
  readonly ackP50: number
  readonly ackP99: number
  /** from the notification's due time until its event stands in `refund-completed` */
  readonly eventP50: number
  readonly eventP99: number
}

const LOAD = 0.7
const EVENTS = 'bull:refund-completed:events'
const EVENTS_WITHIN_MS = 30_000

/** Receiver and publisher in one process: how long they take when they are busy, not drowned. */
export async function paced(stage: Stage): Promise<{ readonly perSecond: number; readonly rounds: readonly Paced[] }> {
  const gateway = await startGateway(stage)
  const notifier = await startNotifier(stage)
  const { port, redis, accept, settled } = await awaiting(stage, gateway, ['receive', 'publish'])
  const sample = stage.quick ? 2_000 : 10_000
  const saturations: number[] = []
  let from = 1_000_000
  let all = 0

  const prepare = async (count: number) => {
    from += 1_000_000
    all += count
    await Promise.all([notifier.prepare(from, count), accept(from, count)])
  }
  for (let round = 0; round < 3; round++) {
    await prepare(sample)
    const { seconds } = await notifier.send({ port })
    // the first only warms up
    if (round > 0) saturations.push(sample / seconds)
    await settled(all)
    await published(redis, all)
  }
  const perSecond = Math.round(LOAD * median(saturations))
  stage.say(`  saturated at ${median(saturations).toFixed(0)}/s, measured at ${perSecond}/s`)
  // each event of a round must still be there when it is over
  await redis.hset('bull:refund-completed:meta', 'opts.maxLenEvents', 10_000_000)

  const rounds: Paced[] = []
  for (let round = 0; round < roundsOf(stage); round++) {
    await prepare(sample)
    const [last] = await redis.xrevrange(EVENTS, '+', '-', 'COUNT', 1)
    const { at, ms } = await notifier.send({ port, perSecond })
    await published(redis, all)
    const stood = await eventTimes(redis, last?.[0] ?? '0')
    const delays = at.map((due, index) => (stood.get(numberOf(from + index)) ?? Number.NaN) - due)
    if (delays.some(Number.isNaN)) throw new Error('a notified refund has no event')
    const told = {
      ackP50: quantile(ms, 0.5),
      ackP99: quantile(ms, 0.99),
      eventP50: quantile(delays, 0.5),
      eventP99: quantile(delays, 0.99),
    }
    const [ack, event] = [
      [told.ackP50, told.ackP99],
      [told.eventP50, told.eventP99],
    ].map((pair) => pair.map((value) => value.toFixed(1)).join(' / '))
    stage.say(`  round ${round + 1}  acknowledged p50 / p99 ${ack} ms, event ${event} ms`)
    rounds.push(told)
  }
  return { perSecond, rounds }
}

async function published(redis: Redis, count: number): Promise<void> {
  const deadline = performance.now() + EVENTS_WITHIN_MS
  while ((await redis.llen('bull:refund-completed:wait')) < count) {
    if (performance.now() > deadline) throw new Error(`not all events came within ${EVENTS_WITHIN_MS} ms`)
    await sleep(20)
  }
}

/** When each refund's event came into the queue, by Redis' own clock, epoch ms. */
async function eventTimes(redis: Redis, after: string): Promise<Map<string, number>> {
  const times = new Map<string, number>()
  for (const [id, fields] of await redis.xrange(EVENTS, `(${after}`, '+')) {
    if (fields[fields.indexOf('event') + 1] !== 'waiting') continue
    const job = fields[fields.indexOf('jobId') + 1] ?? ''
    const number = job.slice(OID_PARTNER.length + 1).split('-')[0] ?? ''
    times.set(number, Number(id.split('-')[0]))
  }
  return times
}
