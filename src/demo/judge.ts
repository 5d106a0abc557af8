/** Was anything lost or doubled? Decided from what outsiders can know; the ledger is asked for the held ones alone. */
import type { PlannedRefund } from './plan.ts'

export type FinalType = 'refund.succeeded' | 'refund.failed' | 'refund.rejected'

/** One completion event, however often it was delivered. */
export interface SeenEvent {
  readonly id: string
  readonly type: FinalType
  readonly no_refund: string
  /** absent when the job named no usable amount */
  readonly fen?: number
}

/** One line of the gateway's book. */
export interface Movement {
  readonly no_refund: string
  readonly fen: number
}

export interface Facts {
  /** every refund whose `add` was acknowledged */
  readonly enqueued: readonly PlannedRefund[]
  /** distinct */
  readonly events: readonly SeenEvent[]
  readonly held: ReadonlySet<string>
  readonly movements: readonly Movement[]
}

export const OUTCOMES = ['succeeded', 'failed', 'rejected', 'held'] as const
export type Outcome = (typeof OUTCOMES)[number]

export interface Verdict {
  readonly enqueued: number
  readonly outcomes: Readonly<Record<Outcome, { readonly count: number; readonly fen: number }>>
  /** numbers, sorted */
  readonly lost: readonly string[]
  readonly doubled: readonly string[]
  /** one line for each thing that is not as it must be */
  readonly disagreements: readonly string[]
}

type Fault = 'lost' | 'doubled'
type Blame = (fault: Fault, no_refund: string, why: string) => void

export function judge({ enqueued, events, held, movements }: Facts): Verdict {
  const faults = { lost: new Set<string>(), doubled: new Set<string>() }
  const disagreements: string[] = []
  const blame: Blame = (fault, no_refund, why) => {
    faults[fault].add(no_refund)
    disagreements.push(`${no_refund}: ${why}`)
  }
  const eventsOf = Map.groupBy(events, ({ no_refund }) => no_refund)
  const movementsOf = Map.groupBy(movements, ({ no_refund }) => no_refund)
  const outcomes = {
    succeeded: { count: 0, fen: 0 },
    failed: { count: 0, fen: 0 },
    rejected: { count: 0, fen: 0 },
    held: { count: 0, fen: 0 },
  }
  const planned = new Map(enqueued.map((refund) => [refund.no_refund, refund]))

  for (const refund of planned.values()) {
    const { no_refund, fen = 0 } = refund
    const own = eventsOf.get(no_refund) ?? []
    const outcome = outcomeOf(own, held.has(no_refund))
    if (outcome === undefined) blame('lost', no_refund, 'neither a completion event nor held')
    else outcomes[outcome] = { count: outcomes[outcome].count + 1, fen: outcomes[outcome].fen + fen }
    checkEvents(refund, own, blame)
    checkMoney(refund, outcome, movementsOf.get(no_refund) ?? [], blame)
  }
  for (const no_refund of movementsOf.keys()) {
    if (!planned.has(no_refund)) blame('doubled', no_refund, 'money moved for a refund that nobody asked for')
  }
  for (const no_refund of eventsOf.keys()) {
    if (!planned.has(no_refund)) blame('doubled', no_refund, 'an event of a refund that nobody asked for')
  }
  checkOrders(enqueued, movementsOf, blame)
  return {
    enqueued: planned.size,
    outcomes,
    lost: [...faults.lost].toSorted(),
    doubled: [...faults.doubled].toSorted(),
    disagreements,
  }
}

function outcomeOf([event]: readonly SeenEvent[], held: boolean): Outcome | undefined {
  switch (event?.type) {
    case 'refund.succeeded':
      return 'succeeded'
    case 'refund.failed':
      return 'failed'
    case 'refund.rejected':
      return 'rejected'
    case undefined:
      return held ? 'held' : undefined
  }
}

function checkEvents({ no_refund, fen }: PlannedRefund, events: readonly SeenEvent[], blame: Blame): void {
  if (events.length > 1) {
    const all = events.map(({ id, type }) => `${type} ${id}`).join(', ')
    blame('doubled', no_refund, `${events.length} completion events: ${all}`)
  }
  const wrong = events.find((event) => event.fen !== undefined && fen !== undefined && event.fen !== fen)
  if (wrong) blame('lost', no_refund, `its event names ${wrong.fen} fen, ${fen} were asked for`)
}

function checkMoney(
  { no_refund, fen = 0 }: PlannedRefund,
  outcome: Outcome | undefined,
  movements: readonly Movement[],
  blame: Blame,
): void {
  const moved = movements.reduce((sum, movement) => sum + movement.fen, 0)
  if (movements.length > 1) {
    blame('doubled', no_refund, `money moved ${movements.length} times, ${moved} fen for ${fen}`)
  } else if (outcome === 'succeeded' && movements.length === 0) {
    blame('lost', no_refund, 'it is said to have succeeded, and no money moved')
  } else if (outcome === 'failed' || outcome === 'rejected') {
    if (movements.length > 0) blame('doubled', no_refund, `it is said to have ${pastOf(outcome)}, and money moved`)
  } else if (movements.length === 1 && moved !== fen) {
    blame(moved > fen ? 'doubled' : 'lost', no_refund, `${moved} fen moved, ${fen} were asked for`)
  }
}

const pastOf = (outcome: 'failed' | 'rejected') => (outcome === 'failed' ? 'failed' : 'been rejected')

/** All refunds of an order together may not pay out more than it has. */
function checkOrders(
  enqueued: readonly PlannedRefund[],
  movementsOf: ReadonlyMap<string, readonly Movement[]>,
  blame: Blame,
): void {
  const paid = new Map<string, number>()
  for (const { no_refund, order } of enqueued) {
    if (!order) continue
    for (const { fen } of movementsOf.get(no_refund) ?? []) {
      const sum = (paid.get(order.no_order) ?? 0) + fen
      paid.set(order.no_order, sum)
      if (sum > order.fen) blame('doubled', no_refund, `${order.no_order} has ${order.fen} fen, ${sum} were paid out`)
    }
  }
}
