/** What the demo asks for: refunds of every kind, some of them faulty or asked for twice, the same for the same seed. */
import type { RefundJobData } from '../refund/job-data.ts'
import { yuanFromFen } from '../refund/money.ts'
import { pick, randomFor } from '../simulator/random.ts'

/** One refund number that is asked for, however often. */
export interface PlannedRefund {
  readonly no_refund: string
  /** absent when the job does not name a usable amount */
  readonly fen?: number
  /** the order that it shares with other refunds */
  readonly order?: { readonly no_order: string; readonly fen: number }
}

/**
 * One job to add: through our own producer, which checks it first, or with a bare `queue.add('refund', data)`, as
 * another service may do, with whatever data.
 */
export type Push =
  | { readonly via: 'producer'; readonly no_refund: string; readonly data: RefundJobData }
  | { readonly via: 'plain'; readonly no_refund: string; readonly data: object }

export interface Plan {
  readonly refunds: readonly PlannedRefund[]
  /** in the order in which they are added */
  readonly pushes: readonly Push[]
}

interface Planned {
  readonly refund: PlannedRefund
  readonly pushes: readonly Push[]
}

/** Kinds come round in a cycle, so that a small run has some of each as well. */
const CYCLE = 25
const EXCHANGE = new Set([3, 15])
const FAULTY = new Set([12, 19])
const TWICE = new Set([2, 10, 21])
/** Three partial refunds of one order; and, when they have surely been taken, one of its whole amount. */
const PARTS: readonly number[] = [5, 6, 7, 20]

export function planRefunds({ refunds, seed }: { readonly refunds: number; readonly seed: number }): Plan {
  const planned = Array.from({ length: refunds }, (_, index) => planOne(seed, index))
  return { refunds: planned.map(({ refund }) => refund), pushes: planned.flatMap(({ pushes }) => pushes) }
}

function planOne(seed: number, index: number): Planned {
  const no_refund = `demo-${seed}-${String(index + 1).padStart(6, '0')}`
  const place = index % CYCLE
  const random = randomFor(seed, 'plan', index)
  const fen = 1 + Math.floor(random() * 100_000)
  const part = PARTS.indexOf(place)
  if (part >= 0) return partOfOrder({ seed, first: index - place, part, no_refund })

  const data = { ...ordinary(no_refund, fen, random), ...(EXCHANGE.has(place) && { kind: 'exchange' as const }) }
  if (FAULTY.has(place)) {
    const faulty = pick(FAULTS, random)(data)
    return { refund: { no_refund }, pushes: [{ via: 'plain', no_refund, data: faulty }] }
  }
  const push: Push = { via: random() < 0.7 ? 'producer' : 'plain', no_refund, data }
  const again: readonly Push[] = [
    { via: 'plain', no_refund, data },
    { via: 'producer', no_refund, data },
  ]
  return { refund: { no_refund, fen }, pushes: TWICE.has(place) ? [push, ...again] : [push] }
}

function ordinary(no_refund: string, fen: number, random: () => number): RefundJobData {
  const number = no_refund.slice('demo-'.length)
  const order = random() < 0.8 ? { no_order: `order-${number}` } : { oid_paybill: number.replaceAll('-', '') }
  const day = String(1 + Math.floor(random() * 28)).padStart(2, '0')
  return {
    no_refund,
    money_refund: yuanFromFen(fen),
    ...order,
    ...(random() < 0.3 && { dt_order: `202609${day}120000` }),
    ...(random() < 0.25 && {
      metadata: { ticket: `T-${number}`, reason: pick(['returned', 'late', 'broken'], random) },
    }),
  }
}

interface Part {
  readonly seed: number
  /** where the order's cycle begins */
  readonly first: number
  readonly part: number
  readonly no_refund: string
}

function partOfOrder({ seed, first, part, no_refund }: Part): Planned {
  const orderFen = 10_000 + 100 * Math.floor(randomFor(seed, 'order', first)() * 1000)
  const fen = [orderFen * 0.25, orderFen * 0.3, orderFen * 0.45, orderFen].map(Math.round)[part] ?? orderFen
  const no_order = `order-${seed}-${first + 1}-parts`
  const data: RefundJobData = {
    no_refund,
    money_refund: yuanFromFen(fen),
    no_order,
    order_amount: yuanFromFen(orderFen),
  }
  return {
    refund: { no_refund, fen, order: { no_order, fen: orderFen } },
    pushes: [{ via: 'producer', no_refund, data }],
  }
}

/** What producers get wrong. The number stays usable, so that each ends in an event. */
const FAULTS: readonly ((data: RefundJobData) => object)[] = [
  (data) => ({ ...data, money_refund: '1.' }),
  (data) => ({ ...data, money_refund: 12.5 }),
  (data) => ({ ...data, money_refund: '0.00' }),
  ({ money_refund, ...data }) => ({ ...data, money_order: money_refund }),
  ({ no_order: _order, oid_paybill: _paybill, ...data }) => data,
  (data) => ({ ...data, dt_order: '20260230120000' }),
  (data) => ({ ...data, notify_url: null }),
]
