import type { RefundIdentity } from '../refund/job-data.ts'
import type { Notice } from '../refund/observation.ts'
import { isHeld, type RefundRecord } from '../refund/record.ts'
import { type Decided, decide } from './decide.ts'
import type { Engine } from './ports.ts'

/**
 * - `accepted`: it changed the refund, or made it due for a query
 * - `duplicate`: nothing new
 * - `late`: still on its way, says a notification of a refund that is settled
 * - `mismatch`: another amount or time, or it contradicts what is known: a person must look
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
  let before: RefundRecord | undefined
  const decided = await decide(engine, id, (snapshot) => {
    before = snapshot.record
    return { type: 'notice', notice }
  })
  if (decided.decision.kind === 'unmatched') {
    const kept = await engine.ledger.keepUnmatched(id, notice)
    if (kept === 'matched') return receiveNotice(engine, id, notice)
    engine.log.warn(id, 'a notification of an unknown refund is kept for a person')
    await engine.ledger.count({ 'notice:unmatched': 1 })
    traced?.(id, { result: 'unmatched', sta_refund }, 'unmatched')
    return 'unmatched'
  }
  const result = resultOf(decided, before)
  await engine.ledger.count({ [`notice:${result}`]: 1 })
  traced?.(decided.record ?? id, { result, sta_refund }, result === 'mismatch' ? result : undefined)
  return result
}

function resultOf({ decision, record }: Decided, before: RefundRecord | undefined): NoticeResult {
  if (decision.kind === 'keep' && decision.note.startsWith('stale')) return 'late'
  if (decision.kind !== 'commit' || !record) return 'duplicate'
  const nowHeld = isHeld(record) && record.holds.length > (before?.holds.length ?? 0)
  return nowHeld || (record.contradiction && before?.contradiction !== true) ? 'mismatch' : 'accepted'
}
