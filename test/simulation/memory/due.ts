import { FINAL_STATES, RECORD_FORMAT, type RefundRecord } from '../../../src/refund/record.ts'
import { byScore, decoded, indexOf, raise, type Store } from './store.ts'

/** Takes what is due, each under a lease; records of a newer format are left alone. */
export function takeDue(store: Store, limit: number, leaseMs: number): RefundRecord[] {
  const now = store.now()
  const taken: RefundRecord[] = []
  for (const [name, at] of byScore(store.due)) {
    if (at > now || taken.length >= limit) break
    const stored = store.records.get(name)
    if (!stored || 'tombstone' in stored) {
      store.due.delete(name)
    } else if (stored.format <= RECORD_FORMAT) {
      store.due.set(name, now + leaseMs)
      taken.push(decoded(stored))
    }
  }
  return taken
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
        raise(store.sums, `state:${state}`, -1)
        raise(store.sums, `state:${state}:fen`, -(live?.fen ?? 0))
      }
    }
  }
  return seen
}

const contradicted = (data: string): boolean => Boolean(JSON.parse(data).contradiction)
