import type { Gateway, Ledger } from '../../src/flows/ports.ts'
import type { RefundIdentity } from '../../src/refund/job-data.ts'
import type { Notice } from '../../src/refund/observation.ts'
import type { Policy } from '../../src/refund/policy.ts'
import type { RefundRequest } from '../../src/refund/request.ts'
import type { Defence } from './names.ts'
import { type UnwrittenClaims, withoutClaim } from './without-claim.ts'
import { withoutOutboxInCommit, withoutSweeper, withoutVersionCheck } from './without-ledger-rules.ts'

/** The ports of one process with one defence switched off; what it does not touch comes back as it was given. */
export interface Careless {
  /** @param append writes an event, JSON, to the outbox by itself */
  ledger<L extends Ledger>(ledger: L, append: (event: string) => Promise<void>): L
  gateway<G extends Gateway>(gateway: G): G
  policy(policy: Policy): Policy
  /** a verified notice before it is stored */
  notice(ledger: Pick<Ledger, 'read'>, id: RefundIdentity, notice: Notice): Promise<Notice>
}

/**
 * Switches one defence off for one process: `claim` is kept in the memory of the process that this was made for.
 * `notification_signature` and `answer_verification` stand at the edge, where messages are read: nothing of them is here.
 */
export function withoutDefence(defence: Defence | undefined): Careless {
  const claims: UnwrittenClaims = new Map()
  return {
    ledger: (ledger, append) => {
      switch (defence) {
        case 'claim':
          return withoutClaim(ledger, claims)
        case 'version_check':
          return withoutVersionCheck(ledger)
        case 'outbox_in_commit':
          return withoutOutboxInCommit(ledger, append)
        case 'sweeper':
          return withoutSweeper(ledger)
        default:
          return ledger
      }
    },

    gateway: (gateway) => {
      if (defence === 'query_before_send') return { ...gateway, query: async () => DENIED }
      if (defence === 'amount_check') return { ...gateway, query: async (asked) => ofOurAmount(gateway, asked) }
      return gateway
    },

    policy: (policy) =>
      defence === 'query_before_send' ? { ...policy, quarantine: { short: AT_ONCE, full: AT_ONCE } } : policy,

    notice: async (ledger, id, notice) => {
      if (defence !== 'amount_check') return notice
      const { record } = await ledger.read(id)
      return record?.request ? { ...notice, fen: record.request.fen } : notice
    },
  }
}

const AT_ONCE = { minAgeMs: 0, minCount: 1 }
const DENIED = { kind: 'denied', fields: { ret_code: '8901' } } as const

async function ofOurAmount(gateway: Gateway, request: RefundRequest): ReturnType<Gateway['query']> {
  const outcome = await gateway.query(request)
  return outcome.kind === 'found' ? { ...outcome, fen: request.fen } : outcome
}
