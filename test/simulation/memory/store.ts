import type { Counts } from '../../../src/refund/counts.ts'
import type { RefundRecord } from '../../../src/refund/record.ts'

/** A refund's hash: a record with its version beside it, or a tombstone. */
export interface StoredRecord {
  readonly format: number
  readonly version: number
  readonly token: string
  readonly state: string
  readonly holds: string
  readonly content: string
  readonly fen: number
  /** the record, JSON */
  readonly data: string
}

/** The record as it was written. */
export function decoded({ version, token, data }: StoredRecord): RefundRecord {
  return { ...JSON.parse(data), version, token }
}

export interface Tombstone {
  readonly tombstone: string
}

export interface OrderSums {
  amount?: number
  reserved?: number
  settled?: number
  contradictions?: number
}

export interface Gate {
  breaker_until?: number
  breaker_prober?: string
  balance_until?: number
  balance_prober?: string
  failures?: number
  stopped?: string
}

export interface EarlyNotice {
  notice: string
  entries: string
  dt_refund: string
}

export interface Taken {
  publisher: string
  at: number
}

/** Everything that the ledger keeps, as plain maps. What it keeps under an expiry in Redis is kept for ever here. */
export class Store {
  readonly records = new Map<string, StoredRecord | Tombstone>()
  readonly trails = new Map<string, string[]>()
  readonly due = new Map<string, number>()
  /** sets of refunds by name, each refund by when it came in */
  readonly indexes = new Map<string, Map<string, number>>()
  readonly money = new Map<string, number>()
  readonly counts = new Map<string, number>()
  /** the counts of five minutes each */
  readonly recent = new Map<number, Map<string, number>>()
  /** the fleet may send nothing */
  stopped = false
  readonly orders = new Map<string, OrderSums>()
  readonly days = new Map<string, number>()
  readonly gates = new Map<string, Gate>()
  /** times of the last calls of a merchant, newest first */
  readonly rates = new Map<string, number[]>()
  /** those of a merchant who wait for a call, by its kind (`send:<merchant>`), each with its place */
  readonly lines = new Map<string, Map<string, number>>()
  /** merchants with lines */
  readonly lined = new Set<string>()
  /** those of a merchant who were called and have not asked yet, each until when its token is kept */
  readonly called = new Map<string, Map<string, number>>()
  readonly early = new Map<string, EarlyNotice>()
  readonly unmatched = new Map<string, string>()
  /** events by their entry, in order */
  readonly outbox = new Map<string, string>()
  readonly taken = new Map<string, Taken>()
  /** entries up to this one were given to some publisher */
  lastGiven = -1
  safeStart: number | undefined
  private sequence = 0
  readonly now: () => number

  constructor(now: () => number) {
    this.now = now
  }

  /** An entry of a stream: as long as a real one. */
  nextEntry(): string {
    this.sequence += 1
    return `${String(this.sequence).padStart(13, '0')}-0`
  }
}

export function raise<K>(sums: Map<K, number>, name: K, by: number): void {
  sums.set(name, (sums.get(name) ?? 0) + by)
}

/** Histograms count for ever, all else for the last hour as well. */
export function count(store: Store, counts: Counts): void {
  const slot = Math.floor(store.now() / 300_000)
  for (const [name, by] of Object.entries(counts)) {
    raise(store.counts, name, by)
    if (name.startsWith('time:')) continue
    const recent = store.recent.get(slot) ?? new Map<string, number>()
    store.recent.set(slot, recent)
    raise(recent, name, by)
  }
}

/** The named map in a map of maps, made when it is missing. */
export function indexOf(indexes: Map<string, Map<string, number>>, name: string): Map<string, number> {
  const index = indexes.get(name) ?? new Map<string, number>()
  indexes.set(name, index)
  return index
}

/** Members of a sorted set in its order: by score, then by name. */
export function byScore(index: ReadonlyMap<string, number>): [string, number][] {
  return [...index].toSorted(([a, first], [b, second]) => first - second || (a < b ? -1 : 1))
}
