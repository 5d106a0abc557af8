import type { RefundEvent } from '../../src/refund/event.ts'
import { fenFromYuan } from '../../src/refund/money.ts'
import type { Entry, GatewayBook } from './gateway-book.ts'
import type { Wanted } from './producing.ts'

/** What an outsider knows at the end: the gateway's book, the acknowledged adds, and the events. */
export interface Evidence {
  readonly book: GatewayBook
  readonly acknowledged: ReadonlyMap<string, Wanted>
  readonly wanted: readonly Wanted[]
  readonly published: readonly RefundEvent[]
  /** refunds that wait for a person: `refundctl list --state held` */
  readonly held: ReadonlySet<string>
  /** refunds with a recorded contradiction, which has its alert */
  readonly contradicted: ReadonlySet<string>
  /** refunds that a person let go */
  readonly released: ReadonlySet<string>
}

/** Every promise to outsiders that was broken, in words. */
export function judge(evidence: Evidence): string[] {
  const { book, acknowledged, published } = evidence
  const numbers = new Set([...book.entries.map(({ no_refund }) => no_refund), ...acknowledged.keys()])
  const events = new Map<string, RefundEvent[]>()
  for (const event of published) events.set(event.subject, [...(events.get(event.subject) ?? []), event])
  const faults: string[] = []
  for (const number of numbers) {
    const own = events.get(number) ?? []
    faults.push(
      ...moneyFaults(evidence, number),
      ...lossFaults(evidence, number, own),
      ...eventFaults(own, number),
      ...truthFaults(evidence, number, own),
    )
  }
  return [...faults, ...orderFaults(evidence)]
}

const completions = (events: readonly RefundEvent[]) => events.filter(({ type }) => type !== 'refund.held')

function moneyFaults({ book }: Evidence, number: string): string[] {
  const ours = book.allOf(number).filter(({ foreign }) => !foreign)
  const others = book.allOf(number).length - ours.length
  const texts = new Set(book.requests.filter(({ request }) => request.no_refund === number).map(({ text }) => text))
  return [
    ...(ours.length > 1 ? [`${number}: taken ${ours.length} times`] : []),
    ...(others > 0 && ours.length > 0 ? [`${number}: sent, although somebody else had sent it`] : []),
    ...(texts.size > 1 ? [`${number}: sent with ${texts.size} different contents`] : []),
  ]
}

function lossFaults({ acknowledged, held }: Evidence, number: string, events: readonly RefundEvent[]): string[] {
  if (!acknowledged.has(number) || completions(events).length > 0 || held.has(number)) return []
  return [`${number}: acknowledged, and neither final nor held`]
}

/** Versions 1, 2, 3, ..., each with one content, however often it was delivered. */
function eventFaults(events: readonly RefundEvent[], number: string): string[] {
  const contents = new Map<string, string>()
  const faults: string[] = []
  for (const event of events) {
    const text = JSON.stringify(event)
    if ((contents.get(event.id) ?? text) !== text) faults.push(`${number}: two events are ${event.id}`)
    contents.set(event.id, text)
  }
  for (const prefix of ['', 'held-']) {
    const form = new RegExp(`^${prefix}(\\d+)$`)
    const versions = [...contents.keys()].flatMap((id) => form.exec(id.split('/').at(-1) ?? '')?.[1] ?? [])
    const sorted = versions.map(Number).toSorted((a, b) => a - b)
    if (sorted.some((version, at) => version !== at + 1)) {
      faults.push(`${number}: ${prefix}events ${sorted.join(', ')} instead of 1 to ${sorted.length}`)
    }
  }
  return faults
}

function truthFaults(evidence: Evidence, number: string, events: readonly RefundEvent[]): string[] {
  const { book, contradicted } = evidence
  const byVersion = completions(events).toSorted((a, b) => versionOf(a) - versionOf(b))
  const last = byVersion.at(-1)
  const faults = byVersion.flatMap((event, at) => {
    const before = byVersion[at - 1]
    const allowed =
      !before || before.id === event.id || before.type === 'refund.rejected' || event.type === 'refund.corrected'
    return allowed ? [] : [`${number}: ${event.type} after ${before.type}`]
  })
  if (!last || last.data.settled_by === 'operator') return faults
  if (contradicted.has(number) || book.liedAbout.has(number)) return faults
  const moved = book.allOf(number).filter(({ moves }) => moves)
  // what was rejected was never ours: somebody else may have sent it
  const about = last.type === 'refund.rejected' ? moved.filter(({ foreign }) => !foreign) : moved
  return [...faults, ...disagreement(last, about, number)]
}

function disagreement({ type, data }: RefundEvent, moved: readonly Entry[], number: string): string[] {
  if (data.outcome !== 'succeeded') return moved.length > 0 ? [`${number}: ${type}, but the money moved`] : []
  const fen = fenFromYuan(data.money_refund ?? '')
  if (moved.length === 0) return [`${number}: ${type}, but no money moved`]
  return moved.some((entry) => entry.fen === fen) ? [] : [`${number}: ${type} of ${fen} fen, but another amount moved`]
}

const versionOf = ({ id }: RefundEvent) => Number(id.split('/').at(-1))

/** What was moved for an order, by us, never passes the amount that its producers gave. */
function orderFaults({ book, wanted, contradicted, released }: Evidence): string[] {
  const orders = Map.groupBy(wanted, ({ no_order }) => no_order)
  return [...orders].flatMap(([no_order, refunds]) => {
    const amount = refunds[0]?.order_amount
    // beyond the amount only by a contradiction, or by a person who saw that the order has too little
    const excuses = [contradicted, released, book.liedAbout]
    const excused = ({ no_refund }: Wanted): boolean => excuses.some((numbers) => numbers.has(no_refund))
    if (amount === undefined || refunds.some(excused)) return []
    const ours = refunds
      .flatMap(({ no_refund }) => book.allOf(no_refund))
      .filter(({ moves, foreign }) => moves && !foreign)
    const moved = ours.reduce((sum, { fen }) => sum + fen, 0)
    return moved > amount ? [`${no_order}: ${moved} fen moved of ${amount}`] : []
  })
}
