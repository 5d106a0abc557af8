import type { Ledger } from '../../src/ledger/ledger.ts'
import type { Gateway } from '../../src/lianlian/client.ts'
import { isFinal } from '../../src/refund/record.ts'
import type { Parts } from '../../workers/parts.ts'
import type { StopAt } from './breakpoints.ts'

/** The parts of a process with a stop at every place of `PLACES`. */
export function watchedParts(parts: Parts, stopAt: StopAt): Parts {
  return {
    ...parts,
    ledger: (connection) => watchedLedger(parts.ledger(connection), stopAt),
    gateways: () =>
      new Map([...parts.gateways()].map(([oid_partner, gateway]) => [oid_partner, watchedGateway(gateway, stopAt)])),
  }
}

function watchedGateway(gateway: Gateway, stopAt: StopAt): Gateway {
  return {
    ...gateway,
    async submit(request, mayWrite) {
      await stopAt('before_request', request.no_refund)
      const outcome = await gateway.submit(request, mayWrite)
      await stopAt('after_answer', request.no_refund)
      return outcome
    },
  }
}

function watchedLedger(ledger: Ledger, stopAt: StopAt): Ledger {
  return {
    ...ledger,
    async commit(before, decision, extras) {
      const result = await ledger.commit(before, decision, extras)
      const { record } = decision
      if (result.kind === 'done') {
        if (record.state === 'sending' && before?.state !== 'sending') await stopAt('after_claim', record.no_refund)
        if (isFinal(record)) await stopAt('after_settled', record.no_refund)
      }
      return result
    },
    outboxOf(publisher, connection) {
      const outbox = ledger.outboxOf(publisher, connection)
      return {
        ...outbox,
        async next(limit, blockMs) {
          const taken = await outbox.next(limit, blockMs)
          if (taken.length > 0) await stopAt('before_publish', '')
          return taken
        },
        async done(published) {
          await stopAt('after_publish', '')
          await outbox.done(published)
        },
      }
    },
  }
}
