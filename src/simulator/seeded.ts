/**
 * Faults drawn by seed. Each draw depends on the seed, the refund's number and the number of the attempt alone.
 *
 * Drawn faults can be survived: a refund meets at most three bad submits and four bad queries, a paid refund is denied
 * for at most half of the clients' waiting time, and no drawn message contradicts a refund's true final state. Only
 * scripts do worse.
 */

import type { Course, Faults, NotifyFault, QueryFault, ReturnCode, SubmitFault } from './faults.ts'
import { ANSWER_LOST, ANSWER_SPOILT, NOT_PROCESSED } from './faults.ts'
import { pick, randomFor } from './random.ts'

export const FAULT_LEVELS = ['none', 'some', 'many'] as const
export type FaultLevel = (typeof FAULT_LEVELS)[number]

/** Share of refunds in trouble, most troubles of one refund, and share that only a person can help. */
const SHARES = {
  some: { troubled: 0.1, most: 1, needsOperator: 0 },
  many: { troubled: 0.45, most: 3, needsOperator: 0.05 },
} as const

const SUBMIT_FAULTS: readonly SubmitFault[] = [
  '9999',
  '9990',
  '9902',
  '5005',
  '9000',
  '9970',
  { accept_then: '9999' },
  { accept_then: '9990' },
  { accept_then: '1002' },
  { accept_then: '9983' },
  { accept_then: '2008' },
  ...NOT_PROCESSED,
  // Lost answers of paid refunds are what double money elsewhere: drawn twice as often.
  ...ANSWER_LOST,
  ...ANSWER_LOST,
  ...ANSWER_SPOILT,
]

const QUERY_FAULTS: readonly QueryFault[] = [
  '9921',
  '9999',
  '9902',
  ...NOT_PROCESSED,
  // Not another amount: in a signed query answer that is for a person to look at.
  ...ANSWER_SPOILT.filter((fault) => fault !== 'wrong_amount'),
]

const NOTIFY_FAULTS: readonly NotifyFault[] = [
  'lost',
  'first_lost',
  { late: 2000 },
  'early',
  'doubled',
  'times_30',
  'reordered',
  'forged',
  'without_amount',
]

/** `3` is a failure at the bank; the others are definite refusals, given to every submit of the refund. */
const BUSINESS: readonly Course[] = [
  { final: '3' },
  { final: '3' },
  { final: '3' },
  { refusal: '5003' },
  { refusal: '5008' },
  { refusal: '5007' },
]

const NEEDS_OPERATOR: readonly ReturnCode[] = ['1004', '1009']

/** Each trouble as often as it stands here. */
const TROUBLES = ['submit', 'submit', 'submit', 'notify', 'notify', 'query', 'denied', 'business'] as const

const MOST_BAD_SUBMITS = 3
const MOST_BAD_QUERIES = 4

/** @param quarantineMs the shortest time that clients wait before they believe a denial; 0: no denials are drawn */
export function seededFaults(level: Exclude<FaultLevel, 'none'>, seed: number, quarantineMs: number): Faults {
  const shares = SHARES[level]

  function fate(no_refund: string): { badSubmits: number; badQueries: number; first?: SubmitFault; course: Course } {
    const random = randomFor(seed, no_refund)
    const upTo = (most: number) => 1 + Math.floor(random() * most)
    const drawn = { badSubmits: 0, badQueries: 0, course: {} as Course }
    if (random() < shares.needsOperator) return { ...drawn, badSubmits: 1, first: pick(NEEDS_OPERATOR, random) }
    if (random() >= shares.troubled) return drawn

    const troubles = new Set(Array.from({ length: upTo(shares.most) }, () => pick(TROUBLES, random)))
    const notify = troubles.has('notify') ? [pick(NOTIFY_FAULTS, random)] : []
    const denied = troubles.has('denied') && quarantineMs > 1
    return {
      badSubmits: troubles.has('submit') ? upTo(MOST_BAD_SUBMITS) : Number(denied),
      badQueries: troubles.has('query') ? upTo(MOST_BAD_QUERIES) : 0,
      // A denial matters where the answer was lost: only then is the client tempted to send again.
      ...(denied && { first: pick(ANSWER_LOST, random) }),
      course: {
        notify,
        ...(denied && { deny_queries_for: Math.floor(quarantineMs * (0.1 + 0.4 * random())) }),
        ...(troubles.has('business') && pick(BUSINESS, random)),
      },
    }
  }

  return {
    submit(no_refund, attempt) {
      const { badSubmits, first } = fate(no_refund)
      if (attempt > badSubmits) return 'normal'
      return attempt === 1 && first !== undefined
        ? first
        : pick(SUBMIT_FAULTS, randomFor(seed, no_refund, 'submit', attempt))
    },
    query(no_refund, attempt) {
      if (attempt > fate(no_refund).badQueries) return 'normal'
      return pick(QUERY_FAULTS, randomFor(seed, no_refund, 'query', attempt))
    },
    course: (no_refund) => fate(no_refund).course,
  }
}
