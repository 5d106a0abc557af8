import type { KeyView } from '../../src/flows/key-view.ts'
import type { Overview, Sum } from '../../src/flows/overview.ts'
import { CALL_BUCKETS_MS, SETTLE_BUCKETS_MS } from '../../src/refund/counts.ts'

export const NOW = Date.UTC(2026, 10, 22, 6, 0, 0)
export const ROLES = ['submit', 'query', 'publish', 'receive', 'admin']
export const isListed = (ret_code: string): boolean => ['0000', '1002', '5003', '8901', '9999'].includes(ret_code)

const sum = (count: number, fen: number): Sum => ({ count, fen })
const nobody = { oid_partner: '201103171000000000', no_refund: 'A-1' }

const key = (use: KeyView['use'], fingerprint: string, facts: Partial<KeyView>): KeyView => ({
  oid_partner: '201103171000000000',
  use,
  fingerprint,
  place: 0,
  since: NOW - 900_000_000,
  seen: NOW,
  times: 0,
  ...facts,
})

/** A fleet in which every figure is another one. */
export const busy: Overview = {
  now: NOW,
  states: {
    waiting: sum(1, 101),
    sending: sum(2, 202),
    unknown: sum(3, 303),
    processing: sum(4, 404),
    succeeded: sum(50, 9_007_199_254_740_991),
    failed: sum(6, 606),
    rejected: sum(7, 707),
  },
  open: sum(10, 1_010),
  held: sum(5, 505),
  holds: {
    insufficient_balance: sum(1, 11),
    configuration: sum(2, 22),
    amount_mismatch: sum(3, 33),
    contradiction: sum(4, 44),
    attempts_spent: sum(5, 55),
    silence: sum(6, 66),
    cap: sum(7, 77),
    operator: sum(8, 88),
  },
  contradicted: sum(9, 909),
  unmatched: 12,
  oldestOpen: { ...nobody, since: NOW - 86_400_000 },
  oldestUnknown: { ...nobody, since: NOW - 61_500 },
  oldestHeld: { ...nobody, since: NOW - 3_600_000 },
  outbox: { count: 13, since: NOW - 14_000 },
  due: { count: 15, since: NOW - 16_000 },
  counts: {
    'submit:accepted:0000': 100,
    'submit:unclear:none': 7,
    'submit:unclear:9999': 8,
    'submit:unclear:4711': 2,
    'submit:unclear:a "strange" code:\n': 3,
    'query:denied:8901': 5,
    'notice:accepted': 90,
    'notice:bad_signature': 2,
    'event:refund.succeeded': 50,
    published: 49,
    'stalled:refund': 21,
    'failed:refund': 22,
    'unreadable:refund': 23,
    'failed:of-a-queue-that-is-gone': 24,
    'of:tomorrow:1': 25,
    [`time:submit:accepted:${CALL_BUCKETS_MS[1]}`]: 60,
    [`time:submit:accepted:${CALL_BUCKETS_MS[3]}`]: 39,
    'time:submit:accepted:Infinity': 1,
    'time:submit:accepted:sum': 45_678,
    [`time:settle:succeeded:${SETTLE_BUCKETS_MS[0]}`]: 50,
    'time:settle:succeeded:sum': 12_345,
  },
  lastHour: {},
  gates: [
    { oid_partner: '201103171000000000', breaker: 'open', balance: 'open' },
    {
      oid_partner: '201103171000000001',
      breaker: 'shut',
      balance: 'probing',
      stopped: { by: 'on-call', at: NOW - 1_000, reason: 'the bank asked' },
    },
  ],
  alive: [
    { host: 'a', pid: 1, roles: ['submit', 'query', 'publish', 'receive', 'admin'], seen: NOW },
    { host: 'b', pid: 2, roles: ['submit'], seen: NOW },
    { host: 'c', pid: 3, roles: ['of tomorrow'], seen: NOW },
  ],
  operations: [],
  books: [
    { oid_partner: '201103171000000000', at: NOW - 7_200_000, differences: {} },
    { oid_partner: '201103171000000001', at: NOW - 3_600_000, differences: { twice: 1, ours_only: 3 } },
  ],
  unconfigured: [{ oid_partner: '201103171000000002', refunds: 41 }],
  loaded: [
    { process: 'a:1:submit+query+publish+receive+admin', at: NOW - 42_000, digest: 'one', faults: 0 },
    { process: 'b:2:submit', at: NOW - 43_000, digest: 'two', failedSince: NOW - 5_000, faults: 3 },
  ],
  keys: [
    key('sign', 'sha256:1111111111111111', { place: 0, last: NOW - 1_000, times: 44 }),
    key('sign', 'sha256:2222222222222222', { place: 1, last: NOW - 90_000_000, times: 45 }),
    key('verify', 'sha256:3333333333333333', { place: 0, last: NOW - 46_000, times: 46 }),
    key('verify', 'sha256:4444444444444444', { place: 1, times: 0 }),
    key('verify', 'sha256:5555555555555555', { place: 0, times: 47, last: NOW - 47_000, seen: NOW - 3_600_000 }),
  ],
  safeStart: NOW - 500,
  queues: [
    {
      name: 'refund',
      paused: true,
      jobs: { waiting: 31, prioritized: 32, active: 33, delayed: 34, failed: 35, completed: 36 },
      oldestWaiting: NOW - 37_000,
    },
    {
      name: 'refund-completed',
      paused: false,
      jobs: { waiting: 0, prioritized: 0, active: 0, delayed: 0, failed: 0, completed: 0 },
    },
  ],
  durabilityFaults: ['redis: appendfsync must be always, it is everysec'],
}
