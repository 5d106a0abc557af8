import type { Policy } from './policy.ts'
import type { Attempt, RefundRecord } from './record.ts'

/**
 * Counts one denial (the gateway says that it does not know the refund) on every attempt that it can speak about.
 * A denial counts only if its query was asked after the attempt's quarantine began, and after the last denial was
 * written down: two queries under way at once are one denial. One that was asked later than now, since another Redis
 * took over whose clock is behind, speaks about no moment that is known.
 *
 * @param askedAt when the query was sent, epoch ms
 */
export function countDenial(attempts: readonly Attempt[], askedAt: number, now: number): readonly Attempt[] {
  return attempts.map((attempt) => {
    const begun = attempt.quarantined_from
    const counts =
      attempt.fate !== 'never_left' &&
      begun !== undefined &&
      askedAt >= begun &&
      askedAt <= now &&
      (attempt.last_denial_at === undefined || askedAt >= attempt.last_denial_at)
    return counts ? { ...attempt, denials: attempt.denials + 1, last_denial_at: now } : attempt
  })
}

/**
 * Whether every attempt that may have left was denied often enough, and long enough after it was sent.
 *
 * @param askedAt when the query of the last denial was sent, epoch ms: a denial speaks about no later moment, however
 * long its answer was under way or its reader stood still
 */
export function deniedEnough(record: RefundRecord, policy: Policy, askedAt: number): boolean {
  return record.attempts.every((attempt) => attempt.fate === 'never_left' || attemptDenied(attempt, policy, askedAt))
}

function attemptDenied(attempt: Attempt, policy: Policy, askedAt: number): boolean {
  // what the gateway once said it has may only be disbelieved after the full time
  const { minAgeMs, minCount } = policy.quarantine[attempt.fate === 'accepted' ? 'full' : attempt.quarantine]
  if (attempt.quarantined_from === undefined || attempt.last_denial_at === undefined) return false
  return attempt.denials >= minCount && askedAt - attempt.quarantined_from >= minAgeMs
}
