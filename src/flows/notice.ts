import type { Decision } from '../refund/decision.ts'
import type { RefundIdentity } from '../refund/job-data.ts'
import type { Notice } from '../refund/observation.ts'
import { isHeld, type RefundRecord } from '../refund/record.ts'
import { decide } from './decide.ts'
import type { Engine } from './ports.ts'

/**
 * - `accepted`: it changed the refund, or made it due for a query
 * - `duplicate`: nothing new
 * - `late`: still on its way, says a notification of a refund that is settled
 * - `mismatch`: another amount, time or number of the gateway's, or it contradicts what is known: a person must look
 * - `unmatched`: no such refund; kept for a person
 */
export type NoticeResult = 'accepted' | 'duplicate' | 'late' | 'mismatch' | 'unmatched'

/** Stores what a verified notification says. Resolves only when it is stored: then it may be acknowledged. */
export async function receiveNotice(
  engine: Pick<Engine, 'ledger' | 'policy' | 'policyOf' | 'random' | 'log' | 'trace'>,
  id: RefundIdentity,
  notice: Notice,
): Promise<NoticeResult> {
  const traced = engine.trace?.('notification')
  const { sta_refund } = notice.fields
  let result: Exclude<NoticeResult, 'unmatched'> | undefined
  const decided = await decide(engine, id, () => ({ type: 'notice', notice }), {
    counts(decision, before) {
      result = resultOf(decision, before)
      return result && { [`notice:${result}`]: 1 }
    },
  })
  if (!result) {
    const kept = await engine.ledger.keepUnmatched(id, notice)
    if (kept === 'matched') return receiveNotice(engine, id, notice)
    engine.log.warn(id, 'a notification of an unknown refund is kept for a person')
    await engine.ledger.count({ 'notice:unmatched': 1 })
    traced?.(id, { result: 'unmatched', sta_refund }, 'unmatched')
    return 'unmatched'
  }
  traced?.(decided.record ?? id, { result, sta_refund }, result === 'mismatch' ? result : undefined)
  return result
}

function resultOf(
  decision: Decision,
  before: RefundRecord | undefined,
): Exclude<NoticeResult, 'unmatched'> | undefined {
  if (decision.kind === 'unmatched') return undefined
  if (decision.kind === 'keep' && decision.note.startsWith('stale')) return 'late'
  if (decision.kind !== 'commit') return 'duplicate'
  const { record, trail } = decision
  const nowHeld = isHeld(record) && record.holds.length > (before?.holds.length ?? 0)
  const warned = trail.warnings !== undefined
  return nowHeld || warned || (record.contradiction && before?.contradiction !== true) ? 'mismatch' : 'accepted'
}
