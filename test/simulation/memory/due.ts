import type { Taken } from '../../../src/ledger/due.ts'
import type { GatePolicy } from '../../../src/ledger/gate.ts'
import { FINAL_STATES, RECORD_FORMAT, type RefundRecord } from '../../../src/refund/record.ts'
import { callOf, callWaiting, lineUp, type Round } from './lines.ts'
import { byScore, decoded, indexOf, raise, type Store } from './store.ts'

/**
 * Takes what is due, each under a lease; records of a newer format are left alone. What must call the gateway goes into
 * the line of its merchant, and comes from there when the merchant may call.
 */
export function takeDue(store: Store, gate: GatePolicy, limit: number, leaseMs: number): Taken {
  const now = store.now()
  const records: RefundRecord[] = []
  let restMs = Number.POSITIVE_INFINITY
  const round: Round = {
    store,
    gate,
    limit,
    leaseMs,
    taken: () => records.length,
    take: (name, record) => {
      store.due.set(name, now + leaseMs)
      records.push(decoded(record))
    },
    again: (ms) => {
      restMs = Math.min(restMs, ms)
    },
  }

  let linedUp = 0
  for (const [name, at] of byScore(store.due)) {
    if (at > now || records.length >= limit) break
    if (linedUp >= 2 * limit) {
      round.again(0)
      break
    }
    const stored = store.records.get(name)
    if (!stored || 'tombstone' in stored) {
      store.due.delete(name)
    } else if (stored.format <= RECORD_FORMAT) {
      const call = callOf(stored)
      if (call) {
        lineUp(round, call, name, at)
        linedUp += 1
      } else {
        round.take(name, stored)
      }
    }
  }
  callWaiting(round)
  return { records, ...(restMs < Number.POSITIVE_INFINITY && { restMs }) }
}

/** Shrinks what was settled long ago to tombstones; a recorded contradiction is not forgotten. */
export function retire(store: Store, keepMs: number, limit: number): number {
  const now = store.now()
  let seen = 0
  for (const state of FINAL_STATES) {
    const index = indexOf(store.indexes, `state:${state}`)
    const old = byScore(index).filter(([, since]) => since <= now - keepMs)
    for (const [name] of old.slice(0, limit)) {
      seen += 1
      const stored = store.records.get(name)
      const live = stored && !('tombstone' in stored) ? stored : undefined
      if (live && (live.format > RECORD_FORMAT || contradicted(live.data))) {
        index.set(name, now)
      } else {
        store.records.set(name, { tombstone: live?.content ?? '' })
        store.trails.delete(name)
        index.delete(name)
        raise(store.money, `state:${state}`, -(live?.fen ?? 0))
      }
    }
  }
  return seen
}

const contradicted = (data: string): boolean => Boolean(JSON.parse(data).contradiction)
