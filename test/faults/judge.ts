import { fenFromYuan } from '../../src/refund/money.ts'
import type { BookEntry } from '../../src/simulator/book.ts'
import type { ReceivedRequest } from '../../src/simulator/events.ts'
import type { Event } from './subscriber.ts'

/** What a producer asked for; Redis has acknowledged it. */
export interface Asked {
  readonly no_refund: string
  readonly money_refund: string
  readonly no_order: string
  readonly order_amount?: string
}

/** What outsiders know when all is drained. Nothing here comes from the ledger. */
export interface Facts {
  readonly asked: ReadonlyMap<string, Asked>
  /** those that may wait for a person */
  readonly held: ReadonlySet<string>
  readonly events: ReadonlyMap<string, Event>
  readonly book: readonly BookEntry[]
  readonly requests: readonly ReceivedRequest[]
}

const COMPLETIONS: Readonly<Record<Event['type'], 'succeeded' | 'failed' | 'rejected' | undefined>> = {
  'refund.succeeded': 'succeeded',
  'refund.failed': 'failed',
  'refund.rejected': 'rejected',
  'refund.corrected': undefined,
  'refund.held': undefined,
}

/** @returns one line for everything that is not as it must be */
export function judge({ asked, held, events, book, requests }: Facts): string[] {
  const eventsOf = Map.groupBy(events.values(), ({ subject }) => subject)
  const movementsOf = Map.groupBy(book, ({ no_refund }) => no_refund)
  const faults = [...asked.values()].flatMap((refund) => {
    const { no_refund } = refund
    const [own, movements] = [eventsOf.get(no_refund) ?? [], movementsOf.get(no_refund) ?? []]
    const wrong = [...wrongOutcome(own, movements, held.has(no_refund)), ...wrongAmounts(refund, own, movements)]
    return wrong.map((what) => `${no_refund}: ${what}`)
  })
  const unasked = [...new Set([...movementsOf.keys(), ...eventsOf.keys()])].filter((no_refund) => !asked.has(no_refund))
  return [
    ...faults,
    ...unasked.map((no_refund) => `${no_refund}: nobody asked for it`),
    ...overpaidOrders(asked, movementsOf),
    ...changedBodies(requests),
  ]
}

function* wrongOutcome(events: readonly Event[], movements: readonly BookEntry[], mayWait: boolean): Iterable<string> {
  const outcomes = events.flatMap(({ type }) => COMPLETIONS[type] ?? [])
  const [outcome] = outcomes
  if (movements.length > 1) yield `DOUBLED: money moved ${movements.length} times`
  if (outcomes.length > 1) yield `more than one completion event: ${events.map(({ id }) => id).join(', ')}`
  if (events.length === 0) yield 'LOST: neither a completion event nor held'
  else if (!outcome && !mayWait) yield `waits without need: ${events.flatMap(({ data }) => data.reasons).join(', ')}`
  if (outcome === 'succeeded' && movements.length === 0) yield 'LOST: said to have succeeded, no money moved'
  if (outcome && outcome !== 'succeeded' && movements.length > 0) yield `DOUBLED: said to be ${outcome}, money moved`
}

function* wrongAmounts(
  { money_refund }: Asked,
  events: readonly Event[],
  movements: readonly BookEntry[],
): Iterable<string> {
  const fen = fenFromYuan(money_refund)
  for (const movement of movements) {
    if (movement.fen !== fen) yield `${movement.fen} fen moved, ${fen} were asked for`
  }
  for (const { id, data } of events) {
    if (data.money_refund !== money_refund) yield `its event ${id} names ${data.money_refund}`
  }
}

function overpaidOrders(asked: Facts['asked'], movementsOf: ReadonlyMap<string, readonly BookEntry[]>): string[] {
  const orders = Map.groupBy(asked.values(), ({ no_order }) => no_order)
  return [...orders].flatMap(([no_order, refunds]) => {
    const limit = refunds.find(({ order_amount }) => order_amount !== undefined)?.order_amount
    if (limit === undefined) return []
    const paid = refunds
      .flatMap(({ no_refund }) => movementsOf.get(no_refund) ?? [])
      .reduce((sum, { fen }) => sum + fen, 0)
    return paid > (fenFromYuan(limit) ?? 0) ? [`${no_order}: ${paid} fen were paid out of ${limit} yuan`] : []
  })
}

/** Every send of a refund is the same, but for its signature. */
function changedBodies(requests: readonly ReceivedRequest[]): string[] {
  const submits = requests.filter(({ path, fields }) => path !== '/refundquery.htm' && fields.no_refund !== undefined)
  return [...Map.groupBy(submits, ({ fields }) => fields.no_refund)].flatMap(([no_refund, sends]) => {
    const bodies = new Set(sends.map(({ fields: { sign: _sign, ...fields } }) => JSON.stringify(fields)))
    return bodies.size > 1 ? [`${no_refund}: was sent again with other content`] : []
  })
}
