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
  const faults = [...records.flatMap((record) => recordFaults(store, policy, record)), ...holdFaults(store, records)]
  // sums outlive their refunds
  const retired = [...store.records.values()].some((stored) => 'tombstone' in stored)
  return retired ? faults : [...faults, ...orderFaults(store, records), ...stateFaults(store, records)]
}

function recordFaults(store: Store, policy: Policy, record: RefundRecord): string[] {
  const name = nameOf(record)
  const due = store.due.get(name)
  const held = isHeld(record) ? record.holds : []
  return [
    ...(isFinal(record) === (due === undefined) ? [] : [`${name}: ${record.state}, due ${due}`]),
    // a lease puts it off, nothing makes it earlier
    ...(due !== undefined && due < (dueAt(record, policy) ?? 0) ? [`${name}: due too early`] : []),
    ...(store.states.get(record.state)?.has(name) ? [] : [`${name}: not in the index of ${record.state}`]),
    ...held.flatMap((reason) => (store.holds.get(reason)?.has(name) ? [] : [`${name}: not in the index of ${reason}`])),
  ]
}

function holdFaults(store: Store, records: readonly RefundRecord[]): string[] {
  return [...store.holds].flatMap(([reason, index]) => {
    const held = records.filter((record) => isHeld(record) && record.holds.some((hold) => hold === reason)).length
    return held === index.size ? [] : [`hold ${reason}: ${index.size} in the index, ${held} in the records`]
  })
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

function stateFaults(store: Store, records: readonly RefundRecord[]): string[] {
  const { sums } = store
  const faults: string[] = []
  for (const [state, index] of store.states) {
    const known = records.filter((record) => record.state === state)
    const fen = known.reduce((sum, { request }) => sum + (request?.fen ?? 0), 0)
    if (known.length !== index.size) faults.push(`state ${state}: ${index.size} in the index, ${known.length} records`)
    if ((sums.get(state) ?? 0) !== known.length) faults.push(`sum of ${state}: ${sums.get(state)}`)
    if ((sums.get(`${state}:fen`) ?? 0) !== fen) faults.push(`fen of ${state}: ${sums.get(`${state}:fen`)}`)
  }
  return faults
}
