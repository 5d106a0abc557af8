import type { GatePolicy } from '../../src/ledger/gate.ts'
import type { Policy } from '../../src/refund/policy.ts'
import { DAY, EAGER, HOUR, MINUTE, POLICY, SECOND } from '../refund/builders.ts'
import type { Random } from './random.ts'

/** How often something goes wrong with one command to Redis, each a probability. */
export interface CommandFaults {
  readonly crash: number
  readonly pause: number
  readonly twice: number
  readonly fail: number
  readonly slow: number
}

/** How often the gateway, the way to it and its notifications go wrong, each a probability. */
export interface GatewayFaults {
  readonly lost: number
  readonly late: number
  readonly refuse: number
  readonly stop: number
  readonly ambiguous: number
  readonly garbled: number
  readonly lying: number
  readonly failsLater: number
  readonly hidden: number
  readonly notices: number
}

/** Everything about one schedule that is decided before it begins. */
export interface Plan {
  readonly policy: Policy
  readonly gate: GatePolicy
  readonly paysAgain: boolean
  readonly gatewayTimeoutMs: number
  readonly lockMs: number
  readonly stalledMs: number
  readonly sweepMs: number
  readonly claimMs: number
  readonly retentionMs: number
  readonly processes: number
  readonly refunds: number
  /** when every fault ends, ms after the start */
  readonly healsAfterMs: number
  /** a later request than the client's time-out, and money that the gateway learns of late: less than the quarantine */
  readonly lateMs: number
  readonly lateAfterShortMs: number
  readonly commands: CommandFaults
  readonly gateway: GatewayFaults
  readonly operates: boolean
  readonly losesQueues: boolean
  readonly outages: number
  readonly clockSkewMs: number
}

const QUICK: Policy = {
  ...POLICY,
  retry: { baseMs: 500, factor: 2, capMs: 8 * SECOND, jitter: 0.5 },
  maxAttempts: 4,
  quarantine: { short: { minAgeMs: 5 * SECOND, minCount: 1 }, full: { minAgeMs: 40 * SECOND, minCount: 2 } },
  queryDelaysMs: [5 * SECOND, 20 * SECOND, MINUTE],
  queryGiveUpMs: 20 * MINUTE,
  holdLookMs: 2 * MINUTE,
  maxJobAgeMs: DAY,
}

const SWIFT: Policy = {
  ...EAGER,
  retry: { baseMs: 200, factor: 2, capMs: 5 * SECOND, jitter: 0.5 },
  maxAttempts: 3,
  queryDelaysMs: [2 * SECOND, 10 * SECOND, MINUTE],
  queryGiveUpMs: 10 * MINUTE,
  holdLookMs: MINUTE,
  maxJobAgeMs: DAY,
}

const STANDARD: Policy = { ...POLICY, maxAttempts: 6, queryGiveUpMs: 6 * HOUR, maxJobAgeMs: DAY }

/** One denial that is old enough is all that a resend rests on. */
const SINGLE: Policy = {
  ...QUICK,
  quarantine: { short: { minAgeMs: 10 * SECOND, minCount: 1 }, full: { minAgeMs: 30 * SECOND, minCount: 1 } },
}

export function drawPlan(random: Random): Plan {
  const sometimes = (value: number): number => random.pick([0, value, value, 4 * value, 8 * value])
  const base = random.pick([QUICK, QUICK, SWIFT, SINGLE, STANDARD])
  const lockMs = random.pick([5 * SECOND, 10 * SECOND])
  const stalledMs = 2500
  const policy: Policy = {
    ...base,
    graceMs: lockMs + 2 * stalledMs,
    heldEvents: random.chance(0.5),
    ...(random.chance(0.15) && { dailyCapFen: 60_000 }),
    ...(random.chance(0.15) && { maxRefundFen: 25_000 }),
  }
  const rate = random.chance(0.2) ? { max: random.between(2, 6), durationMs: random.between(500, 4000) } : undefined
  const { minAgeMs } = policy.quarantine.full
  return {
    policy,
    gate: { breakerMs: 10 * SECOND, balanceMs: policy.holdLookMs, rateOf: () => rate },
    paysAgain: random.chance(0.6),
    gatewayTimeoutMs: random.pick([3 * SECOND, 10 * SECOND]),
    lockMs,
    stalledMs,
    sweepMs: random.pick([SECOND, 3 * SECOND]),
    claimMs: random.pick([5 * SECOND, 30 * SECOND]),
    retentionMs: random.chance(0.1) ? 10 * MINUTE : 400 * DAY,
    processes: random.between(2, 3),
    refunds: random.between(3, 8),
    healsAfterMs: random.between(1, 4) * Math.max(MINUTE, minAgeMs),
    lateMs: Math.floor(minAgeMs * 0.95),
    lateAfterShortMs: Math.floor(policy.quarantine.short.minAgeMs * 0.95),
    commands: {
      crash: sometimes(0.004),
      pause: sometimes(0.002),
      twice: sometimes(0.01),
      fail: sometimes(0.004),
      slow: sometimes(0.02),
    },
    gateway: {
      lost: sometimes(0.06),
      late: sometimes(0.05),
      refuse: sometimes(0.05),
      stop: sometimes(0.02),
      ambiguous: sometimes(0.08),
      garbled: sometimes(0.06),
      lying: sometimes(0.04),
      failsLater: sometimes(0.1),
      hidden: sometimes(0.1),
      notices: sometimes(0.12),
    },
    operates: random.chance(0.3),
    losesQueues: random.chance(0.15),
    outages: random.pick([0, 0, 1, 2]),
    clockSkewMs: random.pick([0, 0, 3 * MINUTE]),
  }
}
