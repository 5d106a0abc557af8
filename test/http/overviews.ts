import type { Overview, QueueView, Sum } from '../../src/flows/overview.ts'
import { HOLD_REASONS, STATES } from '../../src/refund/record.ts'

export const PARTNER = '201103171000000000'
const OTHER_PARTNER = '201408071000001543'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** A fleet at rest, with every role alive. */
export function quietOverview(changes: Partial<Overview> = {}): Overview {
  const now = changes.now ?? Date.now()
  return {
    now,
    states: sums(STATES, {}),
    open: NONE,
    held: NONE,
    holds: sums(HOLD_REASONS, {}),
    contradicted: NONE,
    unmatched: 0,
    outbox: { count: 0 },
    due: { count: 0 },
    counts: {},
    lastHour: {},
    gates: [{ oid_partner: PARTNER, breaker: 'open', balance: 'open' }],
    alive: ['submit', 'query', 'publish', 'receive', 'admin'].map((role, index) => ({
      host: `refunds-${role}-7d9f`,
      pid: 11 + index,
      roles: [role],
      seen: now - 1_000 * index,
    })),
    operations: [],
    books: [],
    unconfigured: [],
    loaded: [],
    keys: [],
    queues: [queueView('refund'), queueView('refund-query'), queueView('refund-completed')],
    durabilityFaults: [],
    ...changes,
  }
}

/** A fleet on a bad day: everything that the status page can show. */
export function busyOverview(now = Date.now()): Overview {
  const { alive } = quietOverview({ now })
  return quietOverview({
    now,
    states: sums(STATES, {
      waiting: { count: 42, fen: 1_264_250 },
      sending: { count: 3, fen: 45_900 },
      unknown: { count: 9, fen: 312_035 },
      processing: { count: 1_187, fen: 28_460_911 },
      succeeded: { count: 412_906, fen: 9_840_255_173 },
      failed: { count: 1_203, fen: 25_003_400 },
      rejected: { count: 88, fen: 1_930_000 },
    }),
    open: { count: 1_241, fen: 30_083_096 },
    held: { count: 17, fen: 698_120 },
    holds: sums(HOLD_REASONS, {
      insufficient_balance: { count: 11, fen: 402_020 },
      contradiction: { count: 1, fen: 20_001 },
      silence: { count: 2, fen: 76_000 },
      cap: { count: 3, fen: 200_099 },
    }),
    contradicted: { count: 1, fen: 20_001 },
    unmatched: 2,
    oldestOpen: { oid_partner: PARTNER, no_refund: 'RF-20261113-00042', since: now - 9 * 24 * HOUR },
    oldestUnknown: { oid_partner: PARTNER, no_refund: 'RF-20261121-08815', since: now - 3 * HOUR - 12 * MINUTE },
    oldestHeld: { oid_partner: PARTNER, no_refund: 'RF-20261114-00317', since: now - 8 * 24 * HOUR },
    outbox: { count: 4, since: now - 350 },
    due: { count: 12, since: now - 800 },
    lastHour: {
      'submit:accepted:0000': 2_814,
      'submit:needs_operator:5006': 11,
      'submit:unclear:none': 7,
      'submit:already_known:1002': 4,
      'submit:refused:5003': 2,
      'query:found:0000': 3_120,
      'query:denied:8901': 12,
      'query:inconclusive:9999': 1,
      'notice:accepted': 2_655,
      'notice:duplicate': 64,
      'notice:late': 8,
      'notice:bad_signature': 3,
      'event:refund.succeeded': 2_640,
      'event:refund.failed': 15,
    },
    gates: [
      { oid_partner: PARTNER, breaker: 'open', balance: 'shut' },
      {
        oid_partner: OTHER_PARTNER,
        breaker: 'probing',
        balance: 'open',
        stopped: { by: 'on-call', at: now - 25 * MINUTE, reason: 'key change of the merchant, INC-2291' },
      },
    ],
    alive: [...alive, { host: 'refunds-submit-b2kq', pid: 14, roles: ['submit'], seen: now - 2_000 }],
    operations: [
      {
        at: now - 25 * MINUTE,
        by: 'on-call',
        action: `stop ${OTHER_PARTNER}`,
        reason: 'key change of the merchant, INC-2291',
      },
      { at: now - 2 * HOUR, by: 'on-call', action: 'retry refund/4711', reason: 'on the queue board' },
    ],
    safeStart: now - 40 * 24 * HOUR,
    queues: [
      queueView('refund', { waiting: 42, active: 50, delayed: 31, failed: 6 }, now - 4_000),
      queueView('refund-query', { waiting: 3, active: 20 }, now - 1_000),
      queueView('refund-completed', { waiting: 310, completed: 52_180 }, now - 7 * MINUTE),
    ],
  })
}

const NONE: Sum = { count: 0, fen: 0 }

function sums<Name extends string>(
  names: readonly Name[],
  given: Partial<Record<Name, Sum>>,
): Readonly<Record<Name, Sum>> {
  const all: Partial<Record<Name, Sum>> = {}
  for (const name of names) all[name] = given[name] ?? NONE
  if (!isWhole(all, names)) throw new Error('a sum is missing')
  return all
}

function isWhole<Name extends string>(
  some: Partial<Record<Name, Sum>>,
  names: readonly Name[],
): some is Record<Name, Sum> {
  return names.every((name) => some[name] !== undefined)
}

function queueView(name: string, jobs: Partial<QueueView['jobs']> = {}, oldestWaiting?: number): QueueView {
  return {
    name,
    paused: false,
    jobs: { waiting: 0, prioritized: 0, active: 0, delayed: 0, failed: 0, completed: 0, ...jobs },
    ...(oldestWaiting !== undefined && { oldestWaiting }),
  }
}
