import { type Decided, decide } from '../../src/flows/decide.ts'
import { createLedger, type Ledger } from '../../src/ledger/ledger.ts'
import type { RedisClient } from '../../src/ledger/script.ts'
import type { Permit } from '../../src/refund/observation.ts'
import { idOf, seenJob, silent } from '../ledger/fixture.ts'
import { DATA, POLICY } from '../refund/builders.ts'

/** The settings' default. */
export const PREFIX = '{refunds}'

export interface LedgerOn {
  readonly ledger: Ledger
  /** Accepts a refund, and claims it if a permit is given. */
  readonly accept: (no_refund: string, permit?: Permit) => Promise<Decided>
}

/** A ledger over this connection, with the default prefix, that asks for the word of so many replicas. */
export function ledgerOn(redis: RedisClient, waitReplicas = 1): LedgerOn {
  const ledger = createLedger(redis, {
    prefix: PREFIX,
    policy: POLICY,
    gate: { breakerMs: 1000, balanceMs: 1000, rateOf: () => undefined },
    retentionDays: 400,
    waitReplicas,
    onUnreadable: (error) => {
      throw error
    },
  })
  return {
    ledger,
    accept: async (no_refund, permit) =>
      await decide(
        { ledger, policy: POLICY, random: () => 0.5, log: silent },
        idOf(no_refund),
        seenJob({ ...DATA, no_refund, no_order: no_refund }, permit ? { permit } : {}),
      ),
  }
}
