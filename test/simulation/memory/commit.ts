import { type Counts, countChange } from '../../../src/refund/counts.ts'
import type { Decision } from '../../../src/refund/decision.ts'
import { dueAt } from '../../../src/refund/due.ts'
import { gatewayDay } from '../../../src/refund/gateway-time.ts'
import type { LimitBreach } from '../../../src/refund/observation.ts'
import { orderShare } from '../../../src/refund/order-sums.ts'
import type { Policy } from '../../../src/refund/policy.ts'
import { isFinal, isHeld, RECORD_FORMAT, type RefundRecord } from '../../../src/refund/record.ts'
import type { RefundRequest } from '../../../src/refund/request.ts'
import type { CommitResult } from '../../../src/refund/snapshot.ts'
import { count, indexOf, raise, type Store } from './store.ts'

type Commit = Extract<Decision, { kind: 'commit' }>

/** One commit with its own token, as the client may send it twice. */
export interface CommitCommand {
  readonly before: RefundRecord | undefined
  readonly decision: Commit
  readonly token: string
  readonly breaches?: readonly LimitBreach[]
  readonly early?: boolean
  readonly guessed?: boolean
  readonly counts?: Counts | undefined
}

const TRAIL_LENGTH = 200
const GUESSED_WITHIN_MS = 100

const isEmpty = (gate: object | undefined) => Object.keys(gate ?? {}).length === 0

export const nameOf = ({ oid_partner, no_refund }: { readonly oid_partner: string; readonly no_refund: string }) =>
  `${oid_partner}:${no_refund}`

/** The order of a refund, once for each way in which the refund names it. */
export function orderNames({ oid_partner, no_order, oid_paybill }: RefundRequest): string[] {
  const names: string[] = []
  if (no_order !== undefined) names.push(`${oid_partner}:n:${no_order}`)
  if (oid_paybill !== undefined) names.push(`${oid_partner}:p:${oid_paybill}`)
  return names
}

/** All of a decision or nothing of it. */
export function applyCommit(store: Store, policy: Policy, command: CommitCommand): CommitResult {
  const { before, decision, token, early = false } = command
  const { record } = decision
  const name = nameOf(record)
  const stored = store.records.get(name)
  if (stored && 'tombstone' in stored) return { kind: 'stale' }
  if (stored?.token === token) return { kind: 'done', version: stored.version, token }
  if ((stored?.version ?? 0) !== (before?.version ?? 0)) return { kind: 'stale' }
  if (before?.token !== undefined && before.token !== stored?.token) return { kind: 'stale' }
  if (!stored && store.early.has(name) !== early) return { kind: 'stale' }
  const silent = !store.stopped && store.safeStart === undefined && isEmpty(store.gates.get(record.oid_partner))
  if (command.guessed === true && (!silent || Math.abs(store.now() - record.updated_at) > GUESSED_WITHIN_MS)) {
    return { kind: 'stale' }
  }
  const breach = breached(store, policy, command)
  if (breach !== undefined) return { kind: 'breach', breach }

  const { version: _version, token: _token, ...data } = record
  const version = (stored?.version ?? 0) + 1
  store.records.set(name, {
    format: RECORD_FORMAT,
    version,
    token,
    state: record.state,
    holds: heldBy(record).join(' '),
    content: record.content,
    fen: fenOf(record),
    data: JSON.stringify(data),
  })
  write(store, policy, command, stored?.fen ?? 0)
  return { kind: 'done', version, token }
}

const heldBy = (record: RefundRecord | undefined) => (record && isHeld(record) ? record.holds : [])

/** A refund that was not open before begins to take up its order and its day. */
const opens = ({ before, decision: { record } }: CommitCommand) => !isFinal(record) && (!before || isFinal(before))

/** It is about to be sent: its own share of the order is counted already. */
const claims = ({ before, decision: { record } }: CommitCommand) =>
  record.state === 'sending' && before?.state !== 'sending'

function breached(store: Store, policy: Policy, command: CommitCommand): LimitBreach | undefined {
  const { before, decision, breaches = [] } = command
  const { record } = decision
  const stopped = store.stopped || store.gates.get(record.oid_partner)?.stopped !== undefined
  if (claims(command) && stopped) return 'stopped'
  const amountKnown = breaches.includes('over_refund') || breaches.includes('order_amount_differs')
  const asksAmount = opens(command) && !amountKnown
  const ofOrder = asksAmount ? overAmount(store, record) : undefined
  if (ofOrder !== undefined) return ofOrder
  const waived = breaches.includes('order_frozen') || before?.order_waived === true
  if ((asksAmount || claims(command)) && !waived && isFrozen(store, record)) return 'order_frozen'
  if (policy.dailyCapFen === undefined || !opens(command) || heldBy(record).includes('cap')) return undefined
  const fen = record.request?.fen ?? 0
  return (store.days.get(dayOf(record)) ?? 0) + fen > policy.dailyCapFen ? 'daily_cap' : undefined
}

function overAmount(store: Store, { request, order_amount: given }: RefundRecord): LimitBreach | undefined {
  for (const name of request ? orderNames(request) : []) {
    const { amount: first, reserved = 0, settled = 0 } = store.orders.get(name) ?? {}
    if (first !== undefined && given !== undefined && first !== given) return 'order_amount_differs'
    const amount = first ?? given
    if (amount !== undefined && reserved + settled + (request?.fen ?? 0) > amount) return 'over_refund'
  }
  return undefined
}

const isFrozen = (store: Store, { request }: RefundRecord) =>
  (request ? orderNames(request) : []).some((name) => (store.orders.get(name)?.contradictions ?? 0) > 0)

const dayOf = (record: RefundRecord) => `${record.oid_partner}:${gatewayDay(record.updated_at)}`

function write(store: Store, policy: Policy, command: CommitCommand, fenBefore: number): void {
  const { before, decision, early = false, counts = {} } = command
  const { record, trail, event } = decision
  const name = nameOf(record)
  const fen = record.request?.fen ?? 0

  const lines = store.trails.get(name) ?? []
  const kept = trail.times === undefined ? lines : lines.slice(0, -1)
  store.trails.set(name, withoutExcess([...kept, JSON.stringify(trail)]))
  const due = dueAt(record, policy)
  if (due === undefined) store.due.delete(name)
  else store.due.set(name, due)
  if (event) store.outbox.set(store.nextEntry(), JSON.stringify(event))

  writeIndexes(store, before, record, fenBefore)
  count(store, { ...counts, ...countChange(before, decision) })

  if (record.request) writeOrder(store, before, record, record.request)
  if (opens(command) && !heldBy(record).includes('cap')) raise(store.days, dayOf(record), fen)
  const notice = store.early.get(name)
  if (early && record.state !== 'rejected' && notice) {
    for (const entry of notice.entries.split(' ')) store.unmatched.delete(entry)
    store.early.delete(name)
  }
}

/** How it began stays, and what persons said; of the rest, the newest. */
function withoutExcess(lines: string[]): string[] {
  if (lines.length <= TRAIL_LENGTH) return lines
  const dull = lines.findIndex((line, at) => at >= 50 && at <= lines.length - 100 && !line.includes('"by":'))
  return lines.toSpliced(Math.max(dull, 0), 1)
}

/** Every set of refunds that this one is in, with the money that it has there. */
function standings(record: RefundRecord | undefined): Set<string> {
  const names = new Set<string>()
  if (!record) return names
  names.add(`state:${record.state}`)
  if (!isFinal(record)) names.add('open')
  for (const reason of heldBy(record)) names.add('held').add(`hold:${reason}`)
  if (record.contradiction) names.add('contradicted')
  return names
}

function writeIndexes(store: Store, before: RefundRecord | undefined, record: RefundRecord, fenBefore: number): void {
  const name = nameOf(record)
  const fen = fenOf(record)
  const [was, is] = [standings(before), standings(record)]
  const stays = (index: string) => fen === fenBefore && was.has(index) && is.has(index)
  for (const index of was) {
    if (stays(index)) continue
    indexOf(store.indexes, index).delete(name)
    if (index !== 'open') raise(store.money, index, -fenBefore)
  }
  for (const index of is) {
    if (stays(index)) continue
    indexOf(store.indexes, index).set(name, store.now())
    if (index !== 'open') raise(store.money, index, fen)
  }
}

function writeOrder(
  store: Store,
  before: RefundRecord | undefined,
  record: RefundRecord,
  request: RefundRequest,
): void {
  const [was, is] = [orderShare(before), orderShare(record)]
  const differences = [
    ['reserved', is.reserved - was.reserved],
    ['settled', is.settled - was.settled],
    ['contradictions', Number(record.contradiction) - Number(before?.contradiction ?? false)],
  ] as const
  for (const name of orderNames(request)) {
    const sums = store.orders.get(name) ?? {}
    if (record.order_amount !== undefined) sums.amount ??= record.order_amount
    for (const [sum, by] of differences) if (by !== 0) sums[sum] = (sums[sum] ?? 0) + by
    if (Object.keys(sums).length > 0) store.orders.set(name, sums)
  }
}

const fenOf = ({ request, legible }: RefundRecord): number => request?.fen ?? legible?.fen ?? 0
