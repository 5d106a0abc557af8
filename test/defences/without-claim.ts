import type { Ledger } from '../../src/flows/ports.ts'
import type { RefundIdentity } from '../../src/refund/job-data.ts'
import type { RefundRecord } from '../../src/refund/record.ts'

interface Unwritten {
  /** the record as the ledger has it */
  readonly before: RefundRecord | undefined
  /** the record that only this process knows */
  readonly record: RefundRecord
}

export type UnwrittenClaims = Map<string, Unwritten>

const nameOf = ({ oid_partner, no_refund }: RefundIdentity) => `${oid_partner}:${no_refund}`

/** A ledger that keeps a claim in this process's memory until the answer is committed: nobody else sees it. */
export function withoutClaim<L extends Ledger>(ledger: L, claims: UnwrittenClaims): L {
  return {
    ...ledger,
    confirmed: async () => true,

    async read(id: RefundIdentity) {
      const snapshot = await ledger.read(id)
      const own = claims.get(nameOf(id))
      return own ? { ...snapshot, record: own.record } : snapshot
    },

    async commit(...[before, decision, extras]: Parameters<Ledger['commit']>) {
      const name = nameOf(decision.record)
      const own = claims.get(name)
      if (decision.record.state === 'sending') {
        const version = (before?.version ?? 0) + 1
        claims.set(name, { before: own ? own.before : before, record: { ...decision.record, version } })
        return { kind: 'done' as const, version, token: '' }
      }
      if (!own) return ledger.commit(before, decision, extras)
      claims.delete(name)
      // its order was not asked when it was claimed, and the money may have moved: too late for that now
      const breaches = ['over_refund', 'order_amount_differs', 'order_frozen'] as const
      return ledger.commit(own.before, decision, { ...extras, breaches })
    },
  }
}
