import type { SimulatorEvent } from './events.ts'
import type { Script } from './faults.ts'
import type { MsRange } from './random.ts'
import type { FaultLevel } from './seeded.ts'

export interface Merchant {
  readonly oid_partner: string
  /** PEM, or the bare base64 of a DER key: what the merchant's signatures are verified with; any of several will do */
  readonly publicKey: string | readonly string[]
  /** fen that its refunds are paid from; without it they never run out */
  readonly balance?: number
}

/** A payment that the gateway knows. Its refunds together may not pass `fen` (5007). */
export interface Order {
  readonly fen: number
  /** the gateway's own number of the payment; with another one beside `no_order` a refund gets 9092 */
  readonly oid_paybill?: string
}

export interface SimulatorOptions {
  readonly merchants: readonly Merchant[]
  /** default 127.0.0.1 */
  readonly host?: string
  /** default 0: any free port */
  readonly port?: number
  /** PEM; without it a pair of 1024 bits is made */
  readonly gatewayPrivateKey?: string
  /** what a second submit of a taken number does: 1002, or the money moves once more; default `refuse` */
  readonly repeated?: 'refuse' | 'pay_again'
  /** by `no_order` */
  readonly orders?: Readonly<Record<string, Order>>
  /** refunds of orders that are not registered get 9093; default false: any order is good for any amount */
  readonly strictOrders?: boolean
  /** whether refusals of a verified submit are signed, as seen from `refund.htm`; default true */
  readonly signRefusals?: boolean

  /** faults drawn by seed; default `none` */
  readonly faults?: FaultLevel
  /** default 1 */
  readonly seed?: number
  /** the shortest not-found waiting time of the clients, ms: drawn denials of paid refunds stay well below; default 0: none are drawn */
  readonly quarantineMs?: number
  readonly scripts?: Readonly<Record<string, Script>>
  /** asked once for a refund without a script */
  readonly scriptFor?: (no_refund: string) => Script | undefined

  /** from acceptance to the final status; 0: final before the submit is answered; default 200 */
  readonly settleMs?: MsRange
  /** between the work and its answer; default 0 */
  readonly latencyMs?: MsRange
  /** how long a `slow_body` takes; default 3000 */
  readonly slowBodyMs?: number
  /** between repeats of a notification; default 2 minutes, as documented */
  readonly notifyRepeatMs?: number
  /** default 30, as documented */
  readonly notifyMaxRepeats?: number
  /** how soon a notification must be acknowledged; default 5 s, as documented */
  readonly notifyAckTimeoutMs?: number

  /** the book is also appended to this file, one JSON line a movement */
  readonly bookFile?: string
  /** how many of the latest requests are kept with their bodies; default 10000 */
  readonly keepRequests?: number
  readonly onEvent?: (event: SimulatorEvent) => void
  /** epoch milliseconds; default Date.now */
  readonly now?: () => number
}
