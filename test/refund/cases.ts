import { STATES } from '../../src/refund/record.ts'
import { DAY, EAGER, HOUR, job, notice, operator, POLICY, queries, submits } from './builders.ts'
import {
  cancelled,
  failed,
  IN_STATE,
  inDoubt,
  processing,
  rejected,
  type Story,
  sending,
  succeeded,
  unknown,
  waiting,
} from './story.ts'

/** A second send is under way while the first is still in doubt. */
export function resending(): Story {
  const story = unknown(EAGER)
  story.ask(queries.denied, 'second')
  return story
}

/** Refunds that differ in more than their state. */
const SPECIAL: Readonly<Record<string, () => Story>> = {
  cancelled,
  'in doubt, attempt 0': () => inDoubt(),
  'sent by somebody else': () => waiting(POLICY, job({}, { unmatched: {} })),
  'being sent again': resending,
  'unknown, refused': () => unknown(POLICY, submits.refusedUnsure),
  'without balance': () => unknown(POLICY, submits.noBalance).after(HOUR),
  'held by several': () => unknown().sees(operator.hold, notice('2', { fen: 1 })),
  'sending, held': () => sending().sees(operator.hold),
  'waiting, contradicted': () => waiting().sees(notice('2')),
  'failed, contradicted': () => failed().sees(notice('2')),
  'succeeded, contradicted': () => succeeded().sees(notice('3')),
  'rejected unread, contradicted': () => rejected().sees(notice('2')),
  'denied although it was there': () => {
    const story = processing(EAGER)
    story.ask(queries.denied)
    return story
  },
  'unknown for long': () => unknown().after(30 * DAY),
  'processing for long': () =>
    processing()
      .after(30 * DAY)
      .sees(operator.requery),
}

/** Refunds in every state, and in every special case: their names, and how they came about. */
export const CASES = [...STATES.map((state) => [state, () => IN_STATE[state]()] as const), ...Object.entries(SPECIAL)]
