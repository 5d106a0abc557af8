import { type Context, commit, type Decision } from '../decision.ts'
import { type Attempt, mayHaveLeft, type RefundRecord } from '../record.ts'
import { toUnknown, unseenAttempt } from './changes.ts'

/**
 * Whether a record may be older than the truth: it stood in a backup, and what was sent between the backup and the
 * restore is not in it. A refund that the gateway has is never sent again, so nothing is to be doubted there.
 */
export function predatesSafeStart(record: RefundRecord, safeStart: number | undefined): safeStart is number {
  if (safeStart === undefined || record.created_at >= safeStart || (record.safe_start ?? 0) >= safeStart) return false
  return record.state === 'waiting' || record.state === 'sending' || record.state === 'unknown'
}

/** Whatever was believed about earlier sends is asked anew, for the full quarantine from now on. */
export function doubtRestored(context: Context, safeStart: number): Decision {
  const { record, moment } = context
  const { now } = moment
  const attempts = record.attempts.map((attempt): Attempt => {
    if (attempt.fate === 'never_left') return attempt
    const { last_denial_at: _denied, ...rest } = attempt
    // never earlier than it was: the clock may have gone back meanwhile
    return { ...rest, quarantine: 'full', quarantined_from: Math.max(now, attempt.quarantined_from ?? now), denials: 0 }
  })
  const doubted: RefundRecord = {
    ...toUnknown(record),
    attempts: mayHaveLeft(record) ? attempts : [unseenAttempt(now), ...attempts],
    safe_start: safeStart,
    next_look: now,
    quiet_since: now,
  }
  return commit(context, doubted, 'look', {
    note: 'asked first, since the ledger was restored from before a safe start',
  })
}
