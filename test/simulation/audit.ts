import { dueAt } from '../../src/refund/due.ts'
import { orderShare } from '../../src/refund/order-sums.ts'
import type { Policy } from '../../src/refund/policy.ts'
import { isFinal, isHeld, type RefundRecord } from '../../src/refund/record.ts'
import { nameOf, orderNames } from './memory/commit.ts'
import { raise, type Store } from './memory/store.ts'

/** The records of a memory ledger, as stored. */
export function recordsOf(store: Store): RefundRecord[] {
  return [...store.records.values()].flatMap((stored) =>
    'data' in stored ? [{ ...JSON.parse(stored.data), version: stored.version }] : [],
  )
}

/** What the ledger's indexes and sums say that its records do not, in words. */
export function audit(store: Store, policy: Policy): string[] {
  const records = recordsOf(store)
  const faults = records.flatMap((record) => recordFaults(store, policy, record))
  // the sums of an order outlive its refunds
  const retired = [...store.records.values()].some((stored) => 'tombstone' in stored)
  return [...faults, ...indexFaults(store, records), ...(retired ? [] : orderFaults(store, records))]
}

function recordFaults(store: Store, policy: Policy, record: RefundRecord): string[] {
  const name = nameOf(record)
  const due = store.due.get(name)
  const held = isHeld(record) ? record.holds : []
  return [
    ...(isFinal(record) === (due === undefined) ? [] : [`${name}: ${record.state}, due ${due}`]),
    // a lease puts it off, nothing makes it earlier
    ...(due !== undefined && due < (dueAt(record, policy) ?? 0) ? [`${name}: due too early`] : []),
    ...[`state:${record.state}`, ...held.map((reason) => `hold:${reason}`)].flatMap((index) =>
      store.indexes.get(index)?.has(name) ? [] : [`${name}: not in the index ${index}`],
    ),
  ]
}

function orderFaults(store: Store, records: readonly RefundRecord[]): string[] {
  const counted = new Map<string, number>()
  for (const record of records) {
    const { reserved, settled } = orderShare(record)
    for (const order of record.request ? orderNames(record.request) : []) raise(counted, order, reserved + settled)
  }
  return [...store.orders].flatMap(([order, { reserved = 0, settled = 0 }]) => {
    const fen = counted.get(order) ?? 0
    return fen === reserved + settled ? [] : [`order ${order}: ${reserved + settled} fen, counted ${fen}`]
  })
}

/** Every set of refunds and its money, counted anew. */
function indexFaults(store: Store, records: readonly RefundRecord[]): string[] {
  const { money, indexes } = store
  return [...indexes].flatMap(([name, index]) => {
    const known = records.filter((record) => standsIn(name, record))
    const fen = known.reduce((sum, { request, legible }) => sum + (request?.fen ?? legible?.fen ?? 0), 0)
    const found = [index.size, name === 'open' ? fen : (money.get(name) ?? 0)].join(', ')
    const counted = [known.length, fen].join(', ')
    return found === counted ? [] : [`index ${name}: ${found} (size, fen), counted ${counted}`]
  })
}

function standsIn(index: string, record: RefundRecord): boolean {
  const [kind, name] = index.split(':')
  if (kind === 'state') return record.state === name
  if (kind === 'hold') return isHeld(record) && record.holds.some((reason) => reason === name)
  if (kind === 'held') return isHeld(record)
  if (kind === 'open') return !isFinal(record)
  return record.contradiction
}
