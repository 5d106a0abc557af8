import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { redisFor } from '../src/embedded/redis.ts'
import type { GatePolicy } from '../src/ledger/gate.ts'
import { LARGE, SMALL, type TwoMerchants, twoMerchants } from './two-merchants.ts'

/**
 * How long a merchant's single refund waits while another merchant has a backlog: from `queue.add` to the gateway.
 *
 *     node bench/fairness.ts [--backlog N] [--scene rate|stop|slow]
 */

interface Scene {
  readonly title: string
  readonly gate?: Partial<GatePolicy>
  readonly stopped?: true
  readonly gatewayMs: (oid_partner: string) => number
  /** how long sending the backlog takes, and so a refund behind it in a plain queue; absent: for ever */
  readonly sendSeconds?: (refunds: number) => number
}

const CONCURRENCY = 50
const RATE = { max: 100, durationMs: 1000 }
const SLOW_MS = 1000
const QUICK_MS = 50

const scenes: Readonly<Record<string, Scene>> = {
  rate: {
    title: `the large merchant may call ${RATE.max} times a second`,
    gate: { rateOf: (partner) => (partner === LARGE ? RATE : undefined) },
    gatewayMs: () => QUICK_MS,
    sendSeconds: (refunds) => (refunds / RATE.max) * (RATE.durationMs / 1000),
  },
  stop: {
    title: 'the large merchant is stopped, and resumed when its backlog is accepted',
    stopped: true,
    gatewayMs: () => QUICK_MS,
  },
  slow: {
    title: `the large merchant's gateway takes ${SLOW_MS} ms, and nothing limits it`,
    gatewayMs: (partner) => (partner === LARGE ? SLOW_MS : QUICK_MS),
    sendSeconds: (refunds) => (refunds * SLOW_MS) / 1000 / CONCURRENCY,
  },
}

const { values } = parseArgs({ options: { backlog: { type: 'string', default: '100000' }, scene: { type: 'string' } } })
const backlog = Number(values.backlog)
const wanted = Object.entries(scenes).filter(([name]) => values.scene === undefined || values.scene === name)
if (!Number.isSafeInteger(backlog) || backlog < 1 || wanted.length === 0) {
  console.error(`usage: node bench/fairness.ts [--backlog N] [--scene ${Object.keys(scenes).join('|')}]`)
  process.exit(2)
}

const redis = await redisFor(process.env)
try {
  for (const [name, scene] of wanted) await play(name, scene)
} finally {
  await redis.stop()
}

async function play(name: string, { title, gate, stopped, gatewayMs, sendSeconds }: Scene): Promise<void> {
  const at = await twoMerchants({
    redisUrl: redis.url,
    queuePrefix: `{bench-${process.pid}-${name}-queue}`,
    ledgerPrefix: `{bench-${process.pid}-${name}-ledger}`,
    concurrency: CONCURRENCY,
    gatewayMs,
    ...(gate && { gate }),
  })
  if (stopped) await at.ledger.stop(LARGE, { by: 'bench', at: Date.now(), reason: 'bench' })
  console.log(`\n${name}: ${title}; ${backlog} refunds of it, then one of a small merchant`)
  const began = Date.now()
  await at.add(
    LARGE,
    Array.from({ length: backlog }, (_, index) => `large-${index}`),
  )
  const added = Date.now()
  const first = await latencyOf(at, 'small-first')
  const accepted = (await until(async () => (await acceptedOf(at)) >= backlog)) - began
  const sentThen = sentOf(at, LARGE)
  const later: number[] = []
  for (let n = 0; n < 20; n++) later.push(await latencyOf(at, `small-${n}`))
  later.sort((a, b) => a - b)
  const line = (label: string, value: string) => console.log(`  ${label.padEnd(62)}${value.padStart(12)}`)
  line('the backlog is added within', seconds(added - began))
  line('the backlog is accepted within', seconds(accepted))
  line('of it sent by then', String(sentThen))
  line('the small refund, added behind the backlog, is sent after', seconds(first))
  line('a small refund while the accepted backlog waits: median of 20', seconds(later[10] ?? 0))
  line('                                                  slowest', seconds(later.at(-1) ?? 0))
  const plain = sendSeconds === undefined ? 'never' : `${sendSeconds(backlog).toFixed(0)} s`
  line('in a plain queue, all of the backlog would be sent before it', plain)
  if (stopped) {
    const resumed = Date.now()
    await at.ledger.resume(LARGE)
    const firstSent = (await until(() => sentOf(at, LARGE) > 0)) - resumed
    line('resumed, the first of the backlog is sent after', seconds(firstSent))
  }
  const [before, from] = [sentOf(at, LARGE), Date.now()]
  await sleep(10_000)
  const perSecond = ((sentOf(at, LARGE) - before) * 1000) / (Date.now() - from)
  line('the backlog goes on, sends a second', perSecond.toFixed(1))
  line('sent twice', String(at.doubled.length))
  await at.close()
}

/** Records of the large merchant, by the ledger's own count. */
async function acceptedOf({ ledger, sent }: TwoMerchants): Promise<number> {
  const sums = await ledger.sums()
  const known = ['waiting', 'sending', 'unknown', 'processing', 'succeeded'].reduce(
    (sum, state) => sum + (sums[`state:${state}`] ?? 0),
    0,
  )
  return known - [...sent.keys()].filter((name) => name.startsWith(SMALL)).length
}

function sentOf({ sent }: TwoMerchants, partner: string): number {
  let count = 0
  for (const name of sent.keys()) if (name.startsWith(partner)) count += 1
  return count
}

async function latencyOf(at: TwoMerchants, no_refund: string): Promise<number> {
  const from = Date.now()
  await at.add(SMALL, [no_refund])
  const name = `${SMALL}:${no_refund}`
  await until(() => at.sent.has(name), 5)
  return (at.sent.get(name) ?? Number.NaN) - from
}

async function until(holds: () => boolean | Promise<boolean>, everyMs = 50): Promise<number> {
  while (!(await holds())) await sleep(everyMs)
  return Date.now()
}

function seconds(ms: number): string {
  return ms < 10_000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`
}
