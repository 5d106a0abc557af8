/** The demo's times, in milliseconds: those of production, shortened so that a run is over in seconds. */

/** A lost or refused answer is believed to mean "not taken" after this long and so many denials. */
export const QUARANTINE = { fullMs: 2000, shortMs: 1000, count: 2 }

/** From acceptance to the final status at the gateway. */
export const SETTLE_MS = { least: 50, most: 1500 }

/** A notification that the gateway was not acknowledged is repeated after this long. */
export const NOTIFY_REPEAT_MS = 1000

/** Longer than anything that may still come at the gateway by itself: a settlement, a repeat, a late notification. */
export const QUIET_MS = 2500

export const WORKER_TIMES: Readonly<Record<string, string>> = {
  GATEWAY_TIMEOUT_MS: '1500',
  RETRY_BASE_MS: '200',
  RETRY_CAP_MS: '3000',
  NOT_FOUND_MIN_AGE_MS: String(QUARANTINE.fullMs),
  NOT_FOUND_MIN_COUNT: String(QUARANTINE.count),
  NOT_FOUND_SHORT_MIN_AGE_MS: String(QUARANTINE.shortMs),
  NOT_FOUND_SHORT_MIN_COUNT: String(QUARANTINE.count),
  QUERY_DELAYS_MS: '1000,2000,3000',
  HOLD_LOOK_MS: '2000',
  BREAKER_OPEN_MS: '1000',
  SWEEP_INTERVAL_MS: '200',
  LOCK_DURATION_MS: '5000',
  STALLED_INTERVAL_MS: '1000',
  OUTBOX_CLAIM_MS: '5000',
  // below the patience of those who end the processes
  SHUTDOWN_GRACE_MS: '1500',
}
