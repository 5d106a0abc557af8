import type { Script } from '../../src/simulator/faults.ts'
import type { CallCounts } from '../../src/simulator/journal.ts'

/** Deals scripts out by the figures at a number's end, one after another: every kind is met, and all kinds mix. */
export function dealt(scripts: readonly Script[]): (no_refund: string) => Script | undefined {
  return (no_refund) => scripts[Number(no_refund.slice(-4)) % scripts.length]
}

/** Each script as it is, and with its notification lost, so that nothing but a query can tell. */
export function withAndWithoutNotice(scripts: readonly Script[]): readonly Script[] {
  return scripts.flatMap((script) => [script, { ...script, notify: ['lost' as const] }])
}

/**
 * Workers that wait long, believe a denial only late, open few connections at once and look seldom. The gateway is one
 * process: on a loaded machine it takes a new connection seconds after its sender has given up, while queries on kept
 * connections are answered at once. Beyond the quarantine no client could know better.
 */
export const PATIENT = {
  GATEWAY_TIMEOUT_MS: '2000',
  LOCK_DURATION_MS: '5000',
  NOT_FOUND_MIN_AGE_MS: '3000',
  NOT_FOUND_SHORT_MIN_AGE_MS: '3000',
  SUBMIT_CONCURRENCY: '10',
  QUERY_CONCURRENCY: '10',
  RETRY_BASE_MS: '200',
  RETRY_CAP_MS: '1000',
  HOLD_LOOK_MS: '2000',
} as const
/** For so long the gateway may not find what it has taken, without harm to patient workers. */
export const DENIED = { deny_queries_for: 900 } as const

/** @throws Error when one of these faults befell no call: the case would prove nothing about it */
export function mustHaveMet({ faults }: CallCounts, ...names: readonly string[]): void {
  const missed = names.filter((name) => faults[name] === undefined)
  if (missed.length > 0) throw new Error(`no call met ${missed.join(', ')}`)
}
