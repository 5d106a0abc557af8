import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { redisFor } from '../src/embedded/redis.ts'
import type { GatePolicy } from '../src/ledger/gate.ts'
import { furtherLarge, LARGE, SMALL, type TwoMerchants, twoMerchants } from './two-merchants.ts'

/**
 * How long a merchant's single refund waits while another merchant has a backlog: from `queue.add` to the gateway.
 *
 * And what several large merchants, resumed at once, leave to it and to each other.
 *
 *     node bench/fairness.ts [--backlog N] [--scene rate|stop|slow|several] [--large K]
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

const SEVERAL = 'several'
/** What each of several large merchants has waiting, at most. */
const EACH = 1500

const { values } = parseArgs({
  options: {
    backlog: { type: 'string', default: '100000' },
    scene: { type: 'string' },
    large: { type: 'string', default: '4' },
  },
})
const [backlog, large] = [Number(values.backlog), Number(values.large)]
const isWanted = (name: string) => values.scene === undefined || values.scene === name
const wanted = Object.entries(scenes).filter(([name]) => isWanted(name))
if (
  ![backlog, large].every((given) => Number.isSafeInteger(given) && given > 0) ||
  !(wanted.length > 0 || isWanted(SEVERAL))
) {
  console.error(
    `usage: node bench/fairness.ts [--backlog N] [--scene ${Object.keys(scenes).join('|')}|${SEVERAL}] [--large K]`,
  )
  process.exit(2)
}

const redis = await redisFor(process.env)
try {
  for (const [name, scene] of wanted) await play(name, scene)
  if (isWanted(SEVERAL)) await playSeveral(large, Math.min(backlog, EACH))
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

/** Counts, not times: how many others are sent between the adding of a single refund and its own send. */
async function playSeveral(count: number, each: number): Promise<void> {
  const partners = [LARGE, ...furtherLarge(count - 1)]
  const at = await twoMerchants({
    redisUrl: redis.url,
    queuePrefix: `{bench-${process.pid}-${SEVERAL}-queue}`,
    ledgerPrefix: `{bench-${process.pid}-${SEVERAL}-ledger}`,
    concurrency: CONCURRENCY,
    gatewayMs: () => QUICK_MS,
    further: partners.slice(1),
  })
  console.log(`\n${SEVERAL}: ${count} large merchants are stopped with ${each} refunds each, and resumed at once`)
  const numbers = Array.from({ length: each }, (_, index) => `large-${index}`)
  for (const partner of partners) await at.ledger.stop(partner, { by: 'bench', at: Date.now(), reason: 'bench' })
  for (const partner of partners) await at.add(partner, numbers)
  await until(async () => (await acceptedOf(at)) >= count * each)
  for (const partner of partners) await at.ledger.resume(partner)
  const resumed = Date.now()
  await until(() => at.sent.size > 0)
  const overtaken: number[] = []
  const ratios: number[] = []
  for (let n = 0; at.sent.size < count * each * 0.8; n++) {
    const before = at.sent.size
    await latencyOf(at, `small-${n}`)
    overtaken.push([...at.sent.keys()].indexOf(`${SMALL}:small-${n}`) - before)
    const sends = partners.map((partner) => sentOf(at, partner))
    ratios.push(Math.max(...sends) / Math.max(1, Math.min(...sends)))
  }
  const perSecond = (at.sent.size * 1000) / (Date.now() - resumed)
  overtaken.sort((a, b) => a - b)
  line(
    `others sent before a small refund, since it was added: of ${overtaken.length}, median`,
    String(overtaken[overtaken.length >> 1]),
  )
  line('                                                  most', String(overtaken.at(-1)))
  line(
    'the large with the most sends has, of those of the one with the least',
    (ratios[ratios.length >> 1] ?? 0).toFixed(2),
  )
  line('all, sends a second', perSecond.toFixed(1))
  line('sent twice', String(at.doubled.length))
  await at.close()
}

/** Records of the large merchants, by the ledger's own count. */
async function acceptedOf({ ledger, sent }: TwoMerchants): Promise<number> {
  const sums = await ledger.sums()
  const known = sums.open.count + sums['state:succeeded'].count
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

function line(label: string, value: string): void {
  console.log(`  ${label.padEnd(70)}${value.padStart(12)}`)
}

function seconds(ms: number): string {
  return ms < 10_000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`
}
