import { Queue } from 'bullmq'
import { fenFromYuan, yuanFromFen } from '../../../src/refund/money.ts'
import type { Script } from '../../../src/simulator/faults.ts'
import { DENIED, PATIENT } from '../dealt.ts'
import type { FaultCase } from '../fault-case.ts'
import type { Stage } from '../stage.ts'
import type { Event } from '../subscriber.ts'

const NO_ORDER = 'shared'
const ORDER_FEN = 4000
/** yuan; a hundred of these are far more than the order */
const AMOUNTS = ['0.40', '0.70', '1.00', '1.90'] as const
const LARGEST_FEN = 190

/** One after another to those that the order has room for. */
const FATES: readonly Script[] = [
  { submit: ['accept_then_drop'], ...DENIED, notify: ['lost'] },
  // gives its share back when the rest have been rejected
  { final: '3', settle_ms: 4000 },
  { submit: ['pay_then_500'] },
  { submit: ['http_500', 'accept_then_drop'] },
  { final: '3', settle_ms: 4000, submit: ['accept_then_drop'], notify: ['lost'] },
  { submit: [{ accept_then: '1002' }] },
  {},
]

/** Amounts in yuan by number. */
type Refunds = ReadonlyMap<string, string>

export const orderSharedByMany: FaultCase = {
  number: 26,
  title: '100 concurrent partial refunds of one order with order_amount',
  async play(open) {
    let taken = 0
    const stage = await open({
      settings: PATIENT,
      simulator: {
        // the gateway itself says 5007 when more is asked for than the order has
        orders: { [NO_ORDER]: { fen: ORDER_FEN } },
        scriptFor: (no_refund) => (no_refund.startsWith('A') ? FATES[taken++ % FATES.length] : undefined),
      },
    })
    const working = { roles: ['submit', 'query', 'publish'] } as const
    await Promise.all([stage.start(), stage.start(working), stage.start(working)])
    const producers = Array.from({ length: 4 }, () => producer(stage))

    const first: Refunds = new Map(Array.from({ length: 100 }, (_, index) => [`A${index}`, AMOUNTS[index % 4] ?? '']))
    await addAtOnce(stage, producers, first)
    mustNotHaveSentMore(stage)
    const failed = ended(stage, first, 'refund.failed')
    const rejected = ended(stage, first, 'refund.rejected')
    if (failed.size === 0 || rejected.size === 0) throw new Error('none gave its share back, or none was rejected')
    const takenUp = sumOf(first) - sumOf(rejected)
    if (takenUp <= ORDER_FEN - LARGEST_FEN) throw new Error(`some were rejected, with ${takenUp} fen taken up`)

    const left = ORDER_FEN - sumOf(ended(stage, first, 'refund.succeeded'))
    if (left === 0) throw new Error('what was given back was used up at once')
    const again = under(left, [...failed.values()])
    await addAtOnce(stage, producers, again)
    const tooMuch: Refunds = new Map([['C0', '0.01']])
    await addAtOnce(stage, producers, tooMuch)
    if (ended(stage, again, 'refund.succeeded').size < again.size) throw new Error('a share that is free was not given')
    if (ended(stage, tooMuch, 'refund.rejected').size === 0) throw new Error('more was taken than the order has')
    mustNotHaveSentMore(stage)
  },
}

function mustNotHaveSentMore({ simulator }: Stage): void {
  const refused = simulator.summary().submits.codes['5007'] ?? 0
  if (refused > 0) throw new Error(`the order was overdrawn: the gateway had to refuse ${refused} refunds of it`)
}

function producer(stage: Stage): Queue {
  const connection = stage.redis.connect()
  const queue = new Queue('refund', { connection, prefix: stage.redis.queuePrefix })
  queue.on('error', () => {})
  stage.onEnd(() => connection.disconnect())
  return queue
}

/** Every fifth comes from two producers. Resolves when all have their event. */
async function addAtOnce(stage: Stage, producers: readonly Queue[], refunds: Refunds): Promise<void> {
  stage.mayFail(...refunds.keys())
  const adds = [...refunds].flatMap(([no_refund, money_refund], index) => {
    const data = { money_refund, no_order: NO_ORDER, order_amount: yuanFromFen(ORDER_FEN) }
    const by = index % 5 === 0 ? [index, index + 1] : [index]
    return by.map(async (each) => stage.add(no_refund, data, producers[each % producers.length]))
  })
  await Promise.all(adds)
  await stage.completed([...refunds.keys()])
}

/** Those amounts again under new numbers, and the rest as one: together exactly `fen`. */
function under(fen: number, amounts: readonly string[]): Refunds {
  const refunds = new Map<string, string>()
  let left = fen
  for (const wanted of [...amounts.map((yuan) => fenFromYuan(yuan) ?? 0), fen]) {
    const part = Math.min(left, wanted)
    if (part > 0) refunds.set(`B${refunds.size}`, yuanFromFen(part))
    left -= part
  }
  return refunds
}

function sumOf(refunds: Refunds): number {
  return [...refunds.values()].reduce((sum, yuan) => sum + (fenFromYuan(yuan) ?? 0), 0)
}

function ended({ subscriber }: Stage, refunds: Refunds, type: Event['type']): Refunds {
  const events = [...subscriber.events.values()].filter((event) => event.type === type)
  const numbers = new Set(events.map(({ subject }) => subject))
  return new Map([...refunds].filter(([no_refund]) => numbers.has(no_refund)))
}
