import type { Difference } from '../books/difference.ts'
import { refundJobSchema } from '../refund/job-data.ts'
import type { Session } from './session.ts'

/**
 * Takes what LianLian's books alone have as paid for a verified notification: an unknown number is doubted from now on,
 * an open refund is asked about, and one that ended otherwise is a contradiction, so that its number never opens again.
 *
 * @returns whether the ledger has a record of it; a number without one is kept among the unmatched notifications
 */
export async function learn(
  session: Pick<Session, 'decide'> & { readonly ledger: Pick<Session['ledger'], 'keepUnmatched'> },
  difference: Difference,
): Promise<boolean> {
  const { kind, oid_partner, theirs, ours } = difference
  const { data: no_refund } = refundJobSchema.shape.no_refund.safeParse(difference.no_refund)
  if (!theirs || no_refund === undefined || kind === 'forgotten' || ours?.state === 'succeeded') return false
  const id = { oid_partner, no_refund }
  const { fen, dt_refund, settle_date } = theirs
  const fields = { sta_refund: '2', ...(settle_date !== undefined && { settle_date }) }
  // without dt_refund it settles nothing that is open: the gateway itself is asked
  const { decision } = await session.decide(id, () => ({ type: 'notice', notice: { fen, fields } }))
  if (decision.kind !== 'unmatched') return true
  const kept = await session.ledger.keepUnmatched(id, { fen, ...(dt_refund !== undefined && { dt_refund }), fields })
  // a job came meanwhile
  return kept === 'matched' ? learn(session, difference) : false
}
