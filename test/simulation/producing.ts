import { gatewayTime } from '../../src/refund/gateway-time.ts'
import { yuanFromFen } from '../../src/refund/money.ts'
import { DAY, HOUR } from '../refund/builders.ts'
import type { Fleet } from './fleet.ts'
import { type Notifier, noticeOf } from './notifier.ts'
import type { Random } from './random.ts'
import type { World } from './world.ts'

/** One refund as its producer wants it. */
export interface Wanted {
  readonly no_refund: string
  readonly fen: number
  readonly no_order: string
  readonly order_amount?: number
  readonly data: Readonly<Record<string, unknown>>
  /** when the job says that it was added */
  readonly timestamp: number
}

/** The producers of one schedule: they add every refund once or more often, and know which adds were acknowledged. */
export class Producers {
  /** refunds with an acknowledged add */
  readonly acknowledged = new Map<string, Wanted>()
  readonly wanted: Wanted[] = []
  private readonly world: World
  private readonly fleet: Fleet
  private adding = 0

  constructor(world: World, fleet: Fleet, notifier: Notifier) {
    this.world = world
    this.fleet = fleet
    const { random, plan, timeline } = world
    const orders = [order(random, 'order-1'), order(random, 'order-2'), order(random, 'order-3')] as const
    for (let n = 1; n <= plan.refunds; n++) {
      const wanted = this.draw(`refund-${n}`, random.pick(orders))
      this.wanted.push(wanted)
      world.figures.refunds += 1
      if (random.chance(0.06)) this.sentByAnother(wanted, notifier)
      else this.plan(wanted)
    }
    if (plan.losesQueues) timeline.after(random.between(1000, plan.healsAfterMs), () => this.loseQueues())
  }

  get busy(): boolean {
    return this.adding > 0
  }

  /** Its jobs: the first, and repetitions with and without an id, some of them with other content. */
  private plan(wanted: Wanted): void {
    const { random, plan } = this.world
    const first = random.between(0, Math.min(60_000, plan.healsAfterMs / 2))
    this.add(first, wanted)
    while (random.chance(0.3))
      this.add(first + random.pick([0, random.between(0, 20), random.between(0, 60_000)]), wanted)
    if (random.chance(0.08)) {
      const data = { ...wanted.data, money_refund: yuanFromFen(wanted.fen + 1) }
      this.add(random.between(0, 60_000), { ...wanted, fen: wanted.fen + 1, data })
    }
  }

  /** Added until an add is acknowledged; one that was lost on its way back stands twice. */
  private add(delayMs: number, wanted: Wanted): void {
    const { timeline, random, healed, tell, fresh } = this.world
    this.adding += 1
    timeline.after(delayMs, () => {
      this.adding -= 1
      const id = random.chance(0.5) ? `refund-${wanted.no_refund}` : fresh('job')
      const arrives = healed() || !random.chance(0.03)
      const replies = healed() || !random.chance(0.03)
      tell(() => `producer: adds ${wanted.no_refund} as ${id}${arrives && replies ? '' : ', unacknowledged'}`)
      if (arrives) this.fleet.refund.add(id, wanted.data, wanted.timestamp)
      if (arrives && replies) this.acknowledged.set(wanted.no_refund, this.acknowledged.get(wanted.no_refund) ?? wanted)
      else this.add(1000, wanted)
    })
  }

  /** Sent by a system before us, or before the ledger was lost: the gateway has the number already. */
  private sentByAnother(wanted: Wanted, notifier: Notifier): void {
    const { random, gateway, plan, timeline } = this.world
    const fen = random.chance(0.4) ? wanted.fen + 100 : wanted.fen
    if (random.chance(0.5)) {
      // an old job: its number is asked about before anything is sent
      const timestamp = timeline.now - 2 * plan.policy.maxJobAgeMs
      const { dt_refund: _dt, ...data } = wanted.data
      if (random.chance(0.7)) gateway.take({ ...wanted, fen, dt_refund: gatewayTime(timestamp) }, 0, true)
      this.plan({ ...wanted, data, timestamp })
    } else {
      const dt_refund = gatewayTime(timeline.now - HOUR)
      const entry = gateway.take({ ...wanted, fen, dt_refund }, 0, true)
      notifier.send(0, noticeOf(entry, gateway.book.statusOf(entry, timeline.now)))
      this.whenNoticed(wanted)
    }
  }

  private whenNoticed(wanted: Wanted): void {
    const { timeline, ledger } = this.world
    this.adding += 1
    timeline.after(5000, () => {
      this.adding -= 1
      const noticed = [...ledger.store.early.keys()].some((name) => name.endsWith(`:${wanted.no_refund}`))
      if (noticed) this.plan(wanted)
      else this.whenNoticed(wanted)
    })
  }

  private loseQueues(): void {
    const { tell, healed } = this.world
    if (healed()) return
    tell(() => 'redis: every key of the queues is deleted')
    this.fleet.refund.lose()
    this.fleet.query.lose()
    for (const wanted of this.acknowledged.values()) this.add(1000, wanted)
  }

  private draw(no_refund: string, { no_order, amount, told }: Order): Wanted {
    const { random, timeline } = this.world
    const fen = random.between(1, 300) * 100
    const order_amount = told ? amount : undefined
    const dated = random.chance(0.3)
    const bad = random.chance(0.03)
    return {
      no_refund,
      fen,
      no_order,
      timestamp: timeline.now,
      ...(order_amount !== undefined && { order_amount }),
      data: {
        no_refund,
        money_refund: bad ? '1.' : yuanFromFen(fen),
        no_order,
        ...(order_amount !== undefined && { order_amount: yuanFromFen(order_amount) }),
        ...(dated && { dt_refund: gatewayTime(timeline.now - random.between(0, DAY / 2)) }),
      },
    }
  }
}

interface Order {
  readonly no_order: string
  readonly amount: number
  readonly told: boolean
}

function order(random: Random, no_order: string): Order {
  return { no_order, amount: random.between(100, 600) * 100, told: random.chance(0.6) }
}
