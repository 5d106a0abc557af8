import type { Read } from './read.ts'

/** Where calls go, where a merchant has no URLs of its own. */
export interface GatewayUrls {
  readonly refundUrl: string
  readonly exchangeRefundUrl: string
  readonly queryUrl: string
}

interface Quarantine {
  readonly minAgeMs: number
  readonly minCount: number
}

/** Every figure that a decision depends on. */
export interface PolicySettings {
  readonly retry: {
    readonly baseMs: number
    readonly factor: number
    readonly capMs: number
    readonly jitter: number
  }
  readonly maxAttempts: number
  readonly quarantine: { readonly full: Quarantine; readonly short: Quarantine }
  readonly queryDelaysMs: readonly [number, ...number[]]
  readonly queryGiveUpMs: number
  readonly holdLookMs: number
  readonly maxJobAgeMs: number
  readonly orderMaxAgeMs: number
  readonly maxRefundFen?: number
  readonly dailyCapFen?: number
  readonly heldEvents: boolean
  /** BullMQ brings a job of a dead worker back within this time; until then nobody else wakes its refund */
  readonly graceMs: number
}

/** A lock shorter than a job takes is lost before the job can be finished, and the job is taken again for ever. */
const MIN_LOCK_MS = 500
const MIN_STALLED_INTERVAL_MS = 100
const DAY_MS = 24 * 60 * 60 * 1_000

export function readLocks(read: Read): { readonly lockDurationMs: number; readonly stalledIntervalMs: number } {
  return {
    lockDurationMs: Math.max(read('LOCK_DURATION_MS'), MIN_LOCK_MS),
    stalledIntervalMs: Math.max(read('STALLED_INTERVAL_MS'), MIN_STALLED_INTERVAL_MS),
  }
}

export function readGatewayUrls(read: Read): GatewayUrls {
  return {
    refundUrl: read('LIANLIAN_REFUND_URL'),
    exchangeRefundUrl: read('LIANLIAN_EXCHANGE_REFUND_URL'),
    queryUrl: read('LIANLIAN_QUERY_URL'),
  }
}

export function readPolicy(read: Read): PolicySettings {
  const maxRefundFen = read('MAX_REFUND')
  const dailyCapFen = read('DAILY_CAP')
  const { lockDurationMs, stalledIntervalMs } = readLocks(read)
  return {
    retry: {
      baseMs: read('RETRY_BASE_MS'),
      factor: read('RETRY_FACTOR'),
      capMs: read('RETRY_CAP_MS'),
      jitter: read('RETRY_JITTER'),
    },
    maxAttempts: read('RETRY_MAX_ATTEMPTS'),
    quarantine: {
      full: { minAgeMs: read('NOT_FOUND_MIN_AGE_MS'), minCount: read('NOT_FOUND_MIN_COUNT') },
      short: { minAgeMs: read('NOT_FOUND_SHORT_MIN_AGE_MS'), minCount: read('NOT_FOUND_SHORT_MIN_COUNT') },
    },
    queryDelaysMs: read('QUERY_DELAYS_MS'),
    queryGiveUpMs: read('QUERY_GIVE_UP_MS'),
    holdLookMs: read('HOLD_LOOK_MS'),
    maxJobAgeMs: read('MAX_JOB_AGE_MS'),
    orderMaxAgeMs: read('ORDER_MAX_AGE_DAYS') * DAY_MS,
    ...(maxRefundFen !== undefined && { maxRefundFen }),
    ...(dailyCapFen !== undefined && { dailyCapFen }),
    heldEvents: read('HELD_EVENTS'),
    graceMs: lockDurationMs + 2 * stalledIntervalMs,
  }
}
