import type { Admission, CallReport, GatePolicy } from '../../../src/ledger/gate.ts'
import type { RefundIdentity } from '../../../src/refund/job-data.ts'
import { nameOf } from './commit.ts'
import type { Gate, Store } from './store.ts'

export type Call = 'send' | 'resend' | 'lift' | 'query'

const FAILURES_TO_SHUT = 5

/** May this call be made now? Doors first, then the call rate; the one who opens a shut door is its prober. */
export function admit(store: Store, policy: GatePolicy, id: RefundIdentity, call: Call): Admission {
  const now = store.now()
  const name = nameOf(id)
  const gate = store.gates.get(id.oid_partner) ?? {}
  const called = store.called.get(id.oid_partner)
  const wasCalled = called?.has(name) ?? false
  if (call !== 'lift') called?.delete(name)
  if (call !== 'query' && (store.stopped || gate.stopped !== undefined)) {
    return { go: false, now, until: now + 3 * policy.breakerMs, reason: 'all sending is stopped' }
  }
  const watched = gate.breaker_until !== undefined || gate.balance_until !== undefined || gate.failures !== undefined
  const breakerOpens = gate.breaker_until
  const balanceOpens = balanceOpensAt(gate, policy, call)

  if (breakerOpens !== undefined && now < breakerOpens && gate.breaker_prober !== name) {
    return { go: false, now, until: breakerOpens, reason: 'the gateway cannot be reached' }
  }
  if (balanceOpens !== undefined && now < balanceOpens && gate.balance_prober !== name) {
    return { go: false, now, until: balanceOpens, reason: 'the balance of the merchant is spent' }
  }
  const until = takeToken(store, policy, id.oid_partner, call, wasCalled)
  if (until !== undefined) return { go: false, now, until, reason: 'the call rate is spent' }

  if (breakerOpens !== undefined && now >= breakerOpens) {
    change(store, id, { breaker_until: now + policy.breakerMs, breaker_prober: name })
  }
  if (balanceOpens !== undefined && now >= balanceOpens) {
    change(store, id, { balance_until: now + policy.balanceMs, balance_prober: name })
  }
  return { go: true, now, watched }
}

/** When the door of the balance lets a call of this kind try. */
export function balanceOpensAt(
  { balance_until }: Gate,
  { balanceMs }: Pick<GatePolicy, 'balanceMs'>,
  call: Call,
): number | undefined {
  if (balance_until === undefined || call === 'query') return undefined
  return Math.ceil(balance_until + (call === 'lift' ? -0.1 : 0.1) * balanceMs)
}

/** @returns when to come back, if no token is left, or only tokens for those who were called */
function takeToken(
  store: Store,
  { rateOf }: GatePolicy,
  oid_partner: string,
  call: Call,
  wasCalled: boolean,
): number | undefined {
  const rate = rateOf(oid_partner)
  if (!rate) return undefined
  const now = store.now()
  const calls = store.rates.get(oid_partner) ?? []
  const newcomer = !wasCalled && call !== 'resend'
  const kept = newcomer
    ? [...(store.called.get(oid_partner)?.values() ?? [])].filter((until) => until >= now).length
    : 0
  const oldest = calls[Math.max(0, rate.max - 1 - kept)]
  const free = oldest === undefined ? now : oldest + rate.durationMs
  const line = `${call === 'send' ? 'send' : 'query'}:${oid_partner}`
  const behind = newcomer && (kept >= rate.max || (store.lines.get(line)?.size ?? 0) > 0)
  if (call !== 'resend' && (behind || now < free)) return Math.max(free, now + 1)
  store.rates.set(oid_partner, [Math.max(now, free), ...calls].slice(0, rate.max))
  return undefined
}

export function report(store: Store, policy: GatePolicy, id: RefundIdentity, what: CallReport): void {
  const now = store.now()
  if (what === 'unreachable') {
    const failures = (store.gates.get(id.oid_partner)?.failures ?? 0) + 1
    change(store, id, { failures })
    if (failures >= FAILURES_TO_SHUT) {
      change(store, id, { breaker_until: now + policy.breakerMs, breaker_prober: '' })
    }
    return
  }
  const { failures: _failures, breaker_until: _until, breaker_prober: _prober, ...kept } = gateOf(store, id)
  const { balance_until: _balance, balance_prober: _balanceProber, ...open } = kept
  if (what === 'no_balance') {
    store.gates.set(id.oid_partner, { ...kept, balance_until: now + policy.balanceMs, balance_prober: '' })
  } else {
    store.gates.set(id.oid_partner, what === 'answered' ? open : kept)
  }
}

const gateOf = (store: Store, { oid_partner }: Pick<RefundIdentity, 'oid_partner'>): Gate =>
  store.gates.get(oid_partner) ?? {}

function change(store: Store, id: Pick<RefundIdentity, 'oid_partner'>, fields: Gate): void {
  store.gates.set(id.oid_partner, { ...gateOf(store, id), ...fields })
}
