import { CALLED_AT_ONCE, LINE_NET_MS } from '../../../src/ledger/due.ts'
import type { GatePolicy } from '../../../src/ledger/gate.ts'
import { RECORD_FORMAT } from '../../../src/refund/record.ts'
import { balanceOpensAt } from './gate.ts'
import { byScore, indexOf, type Store, type StoredRecord } from './store.ts'

type Call = 'send' | 'query'

/** One round of takeDue. */
export interface Round {
  readonly store: Store
  readonly gate: GatePolicy
  readonly limit: number
  readonly leaseMs: number
  taken(): number
  take(name: string, record: StoredRecord): void
  /** somebody may be called after so many ms */
  again(ms: number): void
}

const SOON_MS = 50

/** The call that a look at the record begins with, if any. */
export function callOf({ state, holds }: StoredRecord): Call | undefined {
  if (state === 'unknown' || state === 'processing') return 'query'
  return state === 'waiting' && holds === '' ? 'send' : undefined
}

export function lineUp({ store }: Round, call: Call, name: string, dueSince: number): void {
  const partner = name.split(':')[0] ?? ''
  const line = indexOf(store.lines, `${call}:${partner}`)
  const waitsSince = call === 'send' ? store.indexes.get('state:waiting')?.get(name) : undefined
  const place = line.get(name) ?? waitsSince ?? dueSince
  line.set(name, place)
  store.lined.add(partner)
  store.due.set(name, place + LINE_NET_MS * (Math.floor((store.now() - place) / LINE_NET_MS) + 1))
}

/** Calls out of the lines whoever may go, oldest first. */
export function callWaiting(round: Round): void {
  const { store, limit } = round
  let voids = 0
  const spaces = new Map([...store.lined].map((partner) => [partner, roomOf(round, partner)]))
  const share = shareOf(store, spaces)
  for (const [partner, space] of spaces) {
    const hadRoom = space.room > 0
    space.room = Math.min(space.room, share - underWayOf(store, partner))
    for (let next = nextOf(store, partner, space); next; next = nextOf(store, partner, space)) {
      if (round.taken() >= limit || voids >= 2 * limit) {
        round.again(0)
        break
      }
      if (callUp(round, next.call, partner, next.name)) {
        space.room -= 1
        if (next.call === 'send') space.sends -= 1
      } else {
        voids += 1
      }
    }
    const left = [`send:${partner}`, `query:${partner}`].some((line) => (store.lines.get(line)?.size ?? 0) > 0)
    if (!left) store.lined.delete(partner)
    else if (hadRoom && space.room <= 0) round.again(SOON_MS)
  }
}

/** How many of each may be under way: all want something of the same hundred, and who wants less leaves it. */
function shareOf(store: Store, spaces: ReadonlyMap<string, Space>): number {
  const standing = (call: Call, partner: string) => store.lines.get(`${call}:${partner}`)?.size ?? 0
  const wants = [...spaces].map(([partner, { room, sends }]) => {
    const toSend = Math.max(0, Math.min(sends, standing('send', partner)))
    return underWayOf(store, partner) + Math.max(0, Math.min(room, toSend + standing('query', partner)))
  })
  let share = CALLED_AT_ONCE
  let left = CALLED_AT_ONCE
  for (const [at, want] of wants.toSorted((a, b) => a - b).entries()) {
    share = Math.max(1, Math.floor(left / (wants.length - at)))
    if (want > share) break
    left -= want
  }
  return share
}

const underWayOf = (store: Store, partner: string) => store.called.get(partner)?.size ?? 0

function nextOf(store: Store, partner: string, { room, sends }: Space) {
  const send = Math.min(room, sends) > 0 ? headOf(store, 'send', partner) : undefined
  const query = room > 0 ? headOf(store, 'query', partner) : undefined
  return send && (!query || send.place <= query.place) ? send : query
}

function headOf(store: Store, call: Call, partner: string) {
  const [first] = byScore(store.lines.get(`${call}:${partner}`) ?? new Map<string, number>())
  return first && { call, name: first[0], place: first[1] }
}

function callUp({ store, leaseMs, take }: Round, call: Call, partner: string, name: string): boolean {
  const line = indexOf(store.lines, `${call}:${partner}`)
  const place = line.get(name) ?? 0
  line.delete(name)
  const due = store.due.get(name)
  if (due === undefined || (due - place) % LINE_NET_MS !== 0) return false
  const stored = store.records.get(name)
  if (!stored || 'tombstone' in stored || stored.format > RECORD_FORMAT || callOf(stored) !== call) return false
  indexOf(store.called, partner).set(name, store.now() + leaseMs)
  take(name, stored)
  return true
}

/** How many of a merchant may be called, and how many of them to send. */
interface Space {
  room: number
  sends: number
}

/** A shut door calls its prober. */
function roomOf(round: Round, partner: string): Space {
  const { store, gate: policy, again } = round
  const now = store.now()
  const called = indexOf(store.called, partner)
  for (const [name, until] of called) if (until <= now) called.delete(name)
  const underWay = called.size
  const gate = store.gates.get(partner) ?? {}
  const probe = (call: Call, prober: string | undefined): void => {
    if (prober !== undefined && store.lines.get(`${call}:${partner}`)?.has(prober)) callUp(round, call, partner, prober)
  }

  let room = CALLED_AT_ONCE - underWay
  if (room <= 0) again(SOON_MS)
  room = Math.min(room, freeTokens(round, partner, underWay))

  if (gate.breaker_until !== undefined && now < gate.breaker_until) {
    again(Math.max(SOON_MS, gate.breaker_until - now))
    probe('send', gate.breaker_prober)
    probe('query', gate.breaker_prober)
    return { room: 0, sends: 0 }
  }
  if (gate.breaker_until !== undefined) room = Math.min(room, 1 - underWay)
  if (gate.stopped !== undefined || store.stopped) return { room, sends: 0 }
  const opens = balanceOpensAt(gate, policy, 'send')
  if (opens === undefined) return { room, sends: room }
  if (now >= opens) return { room, sends: Math.min(room, 1 - underWay) }
  again(Math.max(SOON_MS, opens - now))
  probe('send', gate.balance_prober)
  return { room, sends: 0 }
}

function freeTokens({ store, gate, again }: Round, partner: string, underWay: number): number {
  const rate = gate.rateOf(partner)
  if (!rate) return Number.POSITIVE_INFINITY
  const now = store.now()
  const calls = store.rates.get(partner) ?? []
  const free = rate.max - underWay - calls.filter((at) => at + rate.durationMs > now).length
  const oldest = calls[rate.max - 1]
  if (free <= 0) again(oldest === undefined ? SOON_MS : Math.max(SOON_MS, oldest + rate.durationMs - now))
  return free
}
