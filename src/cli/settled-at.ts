import type { Ledger } from '../ledger/ledger.ts'
import { FINAL_STATES, isFinal, type RefundRecord } from '../refund/record.ts'
import { readTrailLine, type TrailLine } from './trail-line.ts'

const FINAL: ReadonlySet<string> = new Set(FINAL_STATES)
/** They may open a rejected number again, and reject it anew. */
const ASKING: ReadonlySet<string> = new Set(['job', 'import'])

/**
 * When a refund came to its end, epoch ms; undefined while it is open. It does not move when a person corrects the end
 * later: the event tells of the correction then, and the end stands in the history.
 */
export async function settledAt(ledger: Pick<Ledger, 'trail'>, record: RefundRecord): Promise<number | undefined> {
  if (!isFinal(record)) return undefined
  const told = record.event?.time ?? record.updated_at
  if (record.event?.type !== 'refund.corrected') return told
  const trail = await ledger.trail(record)
  return trail.map(readTrailLine).findLast(ends)?.at ?? told
}

function ends({ from, to, observation }: TrailLine): boolean {
  return FINAL.has(to) && (!FINAL.has(from) || ASKING.has(observation))
}
