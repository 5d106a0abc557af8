import type { Outgoing } from '../../../src/flows/publish.ts'
import { raise, type Store } from './store.ts'

/** The outbox as the publishers of one group share it. */
export function next(store: Store, publisher: string, limit: number): Outgoing[] {
  const fresh: Outgoing[] = []
  for (const [entry, event] of store.outbox) {
    const place = Number.parseInt(entry, 10)
    if (place <= store.lastGiven) continue
    if (fresh.length >= limit) break
    store.lastGiven = place
    store.taken.set(entry, { publisher, at: store.now() })
    fresh.push({ entry, event })
  }
  return fresh
}

/** What was taken longer than `idleMs` ago by anyone, and is not done. */
export function abandoned(store: Store, publisher: string, limit: number, idleMs: number): Outgoing[] {
  const claimed: Outgoing[] = []
  for (const [entry, taken] of store.taken) {
    if (claimed.length >= limit) break
    if (store.now() - taken.at < idleMs) continue
    const event = store.outbox.get(entry)
    if (event === undefined) {
      store.taken.delete(entry)
    } else {
      store.taken.set(entry, { publisher, at: store.now() })
      claimed.push({ entry, event })
    }
  }
  return claimed
}

export function done(store: Store, published: readonly Outgoing[]): void {
  for (const { entry } of published) {
    store.taken.delete(entry)
    if (store.outbox.delete(entry)) raise(store.counts, 'published', 1)
  }
}
