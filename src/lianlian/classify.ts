import type { QueryOutcome, SubmitOutcome } from '../refund/outcome.ts'
import type { RefundRequest } from '../refund/request.ts'
import { type Answer, readAnswer } from './answer.ts'
import type { Exchange } from './exchange.ts'
import type { PublicKey } from './keys.ts'

export interface Received {
  readonly request: RefundRequest
  readonly exchange: Exchange
  /** the gateway's keys; one that verifies is enough */
  readonly publicKeys: readonly PublicKey[]
}

/**
 * What a call of `refund.htm` or `exchangerefund.htm` taught us. Pure.
 *
 * @param trustUnsignedRefusals whether a definite refusal that only the connection vouches for may end a refund
 */
export function classifySubmit(received: Received & { readonly trustUnsignedRefusals: boolean }): SubmitOutcome {
  const { request, exchange, publicKeys, trustUnsignedRefusals } = received
  if (exchange.kind === 'never_left') return exchange
  if (exchange.kind === 'lost') return unclear(exchange.reason)

  const reading = readAnswer(exchange, request, publicKeys)
  if (!reading.ok) return unclear(reading.reason)
  const { code, verified, named, fen, fields } = reading.answer
  if (fen !== undefined && fen !== request.fen) return unclear('the answer names another amount')

  const { quarantine } = code
  switch (code.submit) {
    case 'success': {
      const doubt = successDoubt(reading.answer)
      return doubt === undefined ? { kind: 'accepted', fields } : unclear(doubt)
    }
    case 'already-known-query':
      return { kind: 'already_known', fields }
    case 'terminal-failure': {
      // A signature vouches for this refund only when it covers its number: a signed refusal without one could be
      // the answer to any other call, so it counts as unsigned.
      const trusted = (verified && named) || trustUnsignedRefusals
      return { kind: 'refused', conclusive: trusted && code.conclusive, quarantine, fields }
    }
    case 'needs-operator':
      return { kind: 'needs_operator', hold: code.hold, quarantine, fields }
    case 'retry-same-request':
    case 'ambiguous-query-first':
      return { kind: 'unclear', reason: `return code ${code.ret_code}: ${code.meaning}`, quarantine, fields }
  }
}

/**
 * What a call of `refundquery.htm` taught us. Pure.
 *
 * A verified answer that names another amount than ours is `found` with that amount: the decision to hold the refund
 * is not made here. One without an amount is inconclusive: the amount could not be compared.
 */
export function classifyQuery(received: Received): QueryOutcome {
  const { request, exchange, publicKeys } = received
  if (exchange.kind === 'never_left') return inconclusive(exchange.reason, exchange.unreachable)
  if (exchange.kind === 'lost') return inconclusive(exchange.reason)

  const reading = readAnswer(exchange, request, publicKeys)
  if (!reading.ok) return inconclusive(reading.reason)
  const { code, fen, fields } = reading.answer

  if (code.query === 'success') {
    const doubt = successDoubt(reading.answer)
    return doubt === undefined && fen !== undefined
      ? { kind: 'found', fen, fields }
      : inconclusive(doubt ?? 'no amount')
  }
  if (fen !== undefined && fen !== request.fen) return inconclusive('the answer names another amount')

  switch (code.query) {
    case 'not-found':
      return { kind: 'denied', fields }
    case 'needs-operator':
      return { kind: 'needs_operator', fields }
    case 'already-known-query':
    case 'retry-same-request':
    case 'ambiguous-query-first':
      return {
        kind: 'inconclusive',
        reason: `return code ${code.ret_code}: ${code.meaning}`,
        unreachable: false,
        fields,
      }
  }
}

/** A 0000 counts only signed, and only when it says by itself whose refund it is and how much. */
function successDoubt({ verified, named, fen }: Answer): string | undefined {
  if (!verified) return '0000 without a signature'
  if (!named) return '0000 without oid_partner or no_refund'
  if (fen === undefined) return '0000 without money_refund'
  return undefined
}

/** Nothing in the answer may be believed, so nothing of it is passed on, and the longest quarantine holds. */
function unclear(reason: string): SubmitOutcome {
  return { kind: 'unclear', reason, quarantine: 'full', fields: {} }
}

function inconclusive(reason: string, unreachable = false): QueryOutcome {
  return { kind: 'inconclusive', reason, unreachable, fields: {} }
}
