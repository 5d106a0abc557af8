import type { Engine, Gateway } from '../../src/flows/ports.ts'
import { EAGER, PARTNER } from '../refund/builders.ts'
import { MemoryLedger } from '../simulation/memory/ledger.ts'

const NOON = Date.UTC(2026, 10, 21, 12)

/** The flows of the product on a ledger in memory, with a clock that stands still. */
export interface FuzzedEngine {
  readonly engine: Engine
  readonly ledger: MemoryLedger
}

export function fuzzedEngine(gateway: Gateway): FuzzedEngine {
  const configured = new Map([[PARTNER, true]])
  const ledger = new MemoryLedger({
    policy: EAGER,
    gate: { breakerMs: 10_000, balanceMs: 10_000, rateOf: () => undefined, configured },
    now: () => NOON,
  })
  let tokens = 0
  const newToken = (): string => {
    tokens += 1
    return `token-${tokens}`
  }
  const engine: Engine = {
    ledger: {
      guess: (id) => ledger.guess(id),
      read: async (id) => Promise.resolve(ledger.read(id)),
      commit: async (before, decision, extras) =>
        Promise.resolve(ledger.commit({ before, decision, token: newToken(), ...extras })),
      admit: async (id, call) => Promise.resolve(ledger.admit(id, call)),
      report: async (id, report) => {
        ledger.report(id, report)
        await Promise.resolve()
      },
      confirmed: async () => Promise.resolve(true),
      keepUnmatched: async (id, notice) => Promise.resolve(ledger.keepUnmatched(id, notice)),
      takeDue: async (limit, leaseMs) => Promise.resolve(ledger.takeDue(limit, leaseMs)),
      retire: async (keepMs, limit) => Promise.resolve(ledger.retire(keepMs, limit)),
      count: async (counts) => {
        ledger.count(counts)
        await Promise.resolve()
      },
    },
    gatewayOf: () => gateway,
    policy: EAGER,
    gatewayTimeoutMs: 30_000,
    clock: { wall: () => NOON, monotonic: () => NOON },
    random: () => 0.5,
    newToken,
    log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
  }
  return { engine, ledger }
}
