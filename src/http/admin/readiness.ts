import { inTime } from './in-time.ts'

/** What stands in the way of work; empty when nothing does. Must name no secret. */
export type ReadinessCheck = () => Promise<readonly string[]>

export interface ReadinessSources {
  /** epoch ms; a Redis that tells its time is reachable */
  readonly redisTime: () => Promise<number>
  readonly durabilityFaults: () => Promise<readonly string[]>
  /** runs a script of the ledger */
  readonly tryLedger: () => Promise<unknown>
  /** when this process last wrote that it is alive, by the clock of Redis; `undefined`: not yet */
  readonly lastBeat: () => Promise<number | undefined>
  /** this process's own, epoch ms */
  readonly clock: () => number
}

/** Claims are checked on both clocks: one that is off by more makes workers give up claims that still hold. */
const MAX_DRIFT_MS = 2_000

/** Beats come every few seconds: a Redis that took none for so long is read-only, full or a replica. */
const BEAT_WITHIN_MS = 20_000

export function readiness({
  redisTime,
  durabilityFaults,
  tryLedger,
  lastBeat,
  clock,
}: ReadinessSources): ReadinessCheck {
  return async () => {
    const before = clock()
    const now = await redisTime()
    const after = clock()
    const [durability, scripts, beat] = await Promise.all([durabilityFaults(), scriptFaults(tryLedger), lastBeat()])
    return [...durability, ...scripts, ...beatFaults(now, beat), ...driftFaults(now, before, after)]
  }
}

async function scriptFaults(tryLedger: () => Promise<unknown>): Promise<readonly string[]> {
  try {
    await tryLedger()
    return []
  } catch {
    return ['redis: the scripts of the ledger do not run']
  }
}

function beatFaults(now: number, beat: number | undefined): readonly string[] {
  if (beat === undefined || now - beat <= BEAT_WITHIN_MS) return []
  return [`redis: has taken no write of this process for ${Math.round((now - beat) / 1_000)} s`]
}

/** The answer was made at some moment between the two. */
function driftFaults(now: number, before: number, after: number): readonly string[] {
  const drift = Math.max(before - now, now - after, 0)
  return drift > MAX_DRIFT_MS ? [`clock: ${(drift / 1_000).toFixed(1)} s off the clock of Redis`] : []
}

const CHECK_WITHIN_MS = 3_000

/** The same with a deadline, and an answer in place of an error. */
export async function checkInTime(check: ReadinessCheck): Promise<readonly string[]> {
  try {
    const reasons = await inTime(check(), CHECK_WITHIN_MS)
    return reasons === 'late' ? ['redis does not answer in time'] : reasons
  } catch {
    return ['redis cannot be asked']
  }
}
