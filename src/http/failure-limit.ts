import { networkOf } from './address.ts'

/** How many notifications that nobody vouches for one source may send: at once, and each second after that. */
const BURST = 500
const PER_SECOND = 50
/** So long a source is trusted to have a true sender in it. */
const VOUCHED_MS = 3_600_000
/** One true notification in so long is enough to go on with that. */
const RENEW_MS = 60_000
/** Sources that are remembered, those of the last failures: a few megabytes. */
const SOURCES = 10_000
/** True senders are few, and cannot be made up: these are not pushed out by a flood. */
const VOUCHED_SOURCES = 1_000

/** The delay that a refused sender is told, s. */
export const RETRY_AFTER_S = 1

/**
 * Holds off a source that sends one forged notification after the other, before its messages are read.
 *
 * A proxy or a NAT may stand before forger and gateway alike, so that both have one address. So the address alone refuses
 * nothing: what is refused has to come over a connection that has brought a failure already, from a source that has
 * spent its failures and has sent nothing true for an hour. The first message of every connection is read: a forger
 * who pays for it with a new connection costs us more by that than by the signature.
 */
export interface FailureLimit {
  /**
   * - `read`: at once
   * - `wait`: until others had their turn, for this connection has brought a failure before
   * - `refuse`: unread
   *
   * @param connection over which the message comes
   * @param source an address as `plainAddress` gives it
   */
  judge(connection: object, source: () => string): 'read' | 'wait' | 'refuse'
  failed(connection: object, source: string): void
  vouched(connection: object, source: string): void
}

interface Budget {
  left: number
  at: number
}

/** @param now monotonic, ms */
export function failureLimit(now: () => number): FailureLimit {
  const failing = new WeakSet<object>()
  const budgets = new Map<string, Budget>()
  const vouchedAt = new Map<string, number>()

  function leftOf(source: string): number {
    const budget = budgets.get(source)
    return budget ? Math.min(BURST, budget.left + ((now() - budget.at) * PER_SECOND) / 1000) : BURST
  }

  return {
    judge(connection, addressOf) {
      if (!failing.has(connection)) return 'read'
      const source = networkOf(addressOf())
      if (leftOf(source) >= 1) return 'wait'
      return now() - (vouchedAt.get(source) ?? Number.NEGATIVE_INFINITY) > VOUCHED_MS ? 'refuse' : 'wait'
    },
    failed(connection, address) {
      failing.add(connection)
      const source = networkOf(address)
      putLast(budgets, source, { left: Math.max(0, leftOf(source) - 1), at: now() }, SOURCES)
    },
    vouched(connection, address) {
      failing.delete(connection)
      const source = networkOf(address)
      const at = now()
      const last = vouchedAt.get(source)
      if (last === undefined || at - last > RENEW_MS) putLast(vouchedAt, source, at, VOUCHED_SOURCES)
    },
  }
}

/** A map keeps the order in which keys were put: the first is the one that was longest untouched. */
function putLast<Value>(map: Map<string, Value>, key: string, value: Value, most: number): void {
  map.delete(key)
  map.set(key, value)
  const [first] = map.size > most ? map.keys() : []
  if (first !== undefined) map.delete(first)
}
