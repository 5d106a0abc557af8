import { decodeStored, trailIn } from '../../../src/ledger/codec.ts'
import { identityOf } from '../../../src/ledger/keys.ts'
import { byScore, decoded, type Store, type StoredRecord, type Tombstone } from './store.ts'

type Contents = Record<string, unknown>

/** Everything that a memory ledger holds, key by key, as `shapedContents` gives it of a real one. */
export function memoryContents(store: Store): Contents {
  const early = [...store.early].map(([name, { notice, entries, dt_refund }]): [string, unknown] => [
    name,
    { notice, dt_refund, entries: entries.split(' ').length - 1 },
  ])
  const all: Contents = {
    ...keyed(
      'r',
      [...store.records].map(([name, record]) => [name, hashOf(record, store.trails.get(name))]),
    ),
    ...keyed(
      'o',
      [...store.orders].map(([name, sums]) => [name, texts(Object.entries(sums))]),
    ),
    ...keyed(
      'day',
      [...store.days].map(([name, fen]) => [name, String(fen)]),
    ),
    ...keyed(
      'gate',
      [...store.gates].map(([name, gate]) => [name, texts(Object.entries(gate))]),
    ),
    ...keyed(
      'rate',
      [...store.rates].map(([name, calls]) => [name, calls.map(String)]),
    ),
    ...keyed('early', early),
    ...Object.fromEntries([...store.indexes].map(([name, index]) => [name, scored(index)])),
    ...Object.fromEntries([...store.recent].map(([slot, counts]) => [`recent:${slot}`, texts(counts)])),
    due: scored(store.due),
    lines: [...store.lined],
    ...keyed('line', mapped(store.lines)),
    ...keyed('called', mapped(store.called)),
    ...(store.stopped && { stop: 'stopped' }),
    money: texts(store.money),
    counts: texts(store.counts),
    outbox: [...store.outbox.values()],
    unmatched: [...store.unmatched.values()],
  }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => !isEmpty(value)))
}

const mapped = (sets: ReadonlyMap<string, ReadonlyMap<string, number>>) =>
  [...sets].map(([name, set]) => [name, scored(set)] as const)

const keyed = (prefix: string, values: Iterable<readonly [string, unknown]>): Contents =>
  Object.fromEntries([...values].map(([name, value]) => [`${prefix}:${name}`, value]))

/** Redis keeps no empty key. */
const isEmpty = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0

function hashOf(record: StoredRecord | Tombstone, trail: readonly string[] = []): Contents {
  if ('tombstone' in record) return { ...record }
  return { ...decoded(record), token: undefined, trail }
}

/** The contents of a real ledger (`contents` of test/ledger), without what chance or the server's clock gave. */
export function shapedContents(real: Readonly<Contents>): Contents {
  return Object.fromEntries(
    Object.entries(real).flatMap(([key, value]) => {
      const shaped = shape(key, value)
      return shaped === undefined ? [] : [[key, shaped]]
    }),
  )
}

function shape(key: string, value: unknown): unknown {
  if (key === 'outbox' || key === 'unmatched') {
    const entries = Array.isArray(value) ? value.map(([, fields]) => fields[1]) : []
    return entries.length > 0 ? entries : undefined
  }
  if (key === 'stop') return 'stopped'
  if (key.startsWith('r:')) return shapedRecord(key, String(value))
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const hash: Record<string, unknown> = { ...value }
  // by whom and why is the real ledger's alone
  if (key.startsWith('gate:') && hash.stopped !== undefined) return { ...hash, stopped: 'stopped' }
  if (key.startsWith('early:')) return { ...hash, entries: String(hash.entries).split(' ').length - 1 }
  return hash
}

function shapedRecord(key: string, value: string): unknown {
  const { record, tombstone } = decodeStored(identityOf(key.slice('r:'.length)), value)
  return tombstone ? { tombstone: tombstone.content } : { ...record, token: undefined, trail: trailIn(value) }
}

const texts = (fields: Iterable<[string, unknown]>) =>
  Object.fromEntries([...fields].map(([name, value]) => [name, String(value)]))

const scored = (index: ReadonlyMap<string, number>) => byScore(index).flatMap(([name, score]) => [name, String(score)])
