/**
 * What a call to the gateway taught us, already reduced to what a decision needs.
 * `src/lianlian/classify.ts` makes these; `transition` reads them; nothing else looks at return codes.
 */

/** How long a denial must stand before the same request may be sent again; see `Policy.quarantine`. */
export type Quarantine = 'short' | 'full'

/** The gateway's own fields about a refund, as received, kept for the event and for operators. */
export interface GatewayFields {
  readonly oid_refundno?: string
  readonly sta_refund?: string
  readonly settle_date?: string
  readonly ret_code?: string
  readonly ret_msg?: string
  readonly money_foreign_refund?: string
  readonly rate_id?: string
  readonly rate?: string
  readonly exchange_bankcode?: string
}

/**
 * The result of a submit (`refund.htm`, `exchangerefund.htm`).
 *
 * - `accepted`: 0000, signature valid, merchant, number and amount are ours; `fields.sta_refund` says how far it is.
 * - `already_known`: the gateway has this number (1002, 9983, 2005, ...); a query tells what became of it.
 * - `refused`: a definite refusal. `conclusive` when it may end the refund by itself: it is trusted
 *   (signed, or unsigned refusals are trusted by setting) and the code speaks about this refund alone (5007 does not).
 * - `needs_operator`: stopped until a person acts; `hold` says which kind.
 * - `unclear`: it may have left, and what became of it is not known: time-out, reset, HTTP error, unreadable or
 *   wrongly signed answer, ambiguous or unlisted code.
 * - `never_left`: the request provably never reached the gateway: it may be sent again at once. `unreachable` when
 *   no connection could be made, as opposed to a fault of our own (signing, an expired claim).
 */
export type SubmitOutcome =
  | { readonly kind: 'accepted'; readonly fields: GatewayFields }
  | { readonly kind: 'already_known'; readonly fields: GatewayFields }
  | {
      readonly kind: 'refused'
      readonly conclusive: boolean
      readonly quarantine: Quarantine
      readonly fields: GatewayFields
    }
  | {
      readonly kind: 'needs_operator'
      readonly hold: 'insufficient_balance' | 'configuration'
      readonly quarantine: Quarantine
      readonly fields: GatewayFields
    }
  | {
      readonly kind: 'unclear'
      readonly reason: string
      readonly quarantine: Quarantine
      readonly fields: GatewayFields
    }
  | { readonly kind: 'never_left'; readonly reason: string; readonly unreachable: boolean }

/**
 * The result of a query (`refundquery.htm`).
 *
 * - `found`: 0000, signature valid, merchant and number are ours; `fen` is the amount the gateway names.
 * - `denied`: a code of class not-found: the gateway says that it does not know the refund.
 * - `needs_operator`: the query itself was refused for a reason that only a person can mend.
 * - `inconclusive`: anything else; nothing may be concluded. `unreachable` when no connection could be made.
 */
export type QueryOutcome =
  | { readonly kind: 'found'; readonly fen: number; readonly fields: GatewayFields }
  | { readonly kind: 'denied'; readonly fields: GatewayFields }
  | { readonly kind: 'needs_operator'; readonly fields: GatewayFields }
  | {
      readonly kind: 'inconclusive'
      readonly reason: string
      readonly unreachable: boolean
      readonly fields: GatewayFields
    }
