import { expect, test } from 'vitest'
import type { GatewayFigures } from '../../src/demo/gateway.ts'
import type { Verdict } from '../../src/demo/judge.ts'
import { type Report, summary } from '../../src/demo/summary.ts'
import { NOTICE_RESULTS } from '../../src/metrics/counted.ts'
import { countCall } from '../../src/refund/counts.ts'

const verdict: Verdict = {
  enqueued: 6,
  outcomes: {
    succeeded: { count: 2, fen: 20_001 },
    failed: { count: 1, fen: 5 },
    rejected: { count: 1, fen: 0 },
    held: { count: 1, fen: 100 },
  },
  lost: [],
  doubled: [],
  disagreements: [],
}
const gateway: GatewayFigures = {
  submits: 5,
  repeats: 1,
  queries: 2,
  notified: 4,
  acknowledged: 3,
  forged: 1,
  forgedAcknowledged: 0,
  faults: 2,
  lastAt: 0,
}
const report: Report = {
  verdict,
  counted: {
    'submit:accepted:0000': 3,
    ...countCall('submit', { kind: 'unclear', reason: '', quarantine: 'full', fields: { ret_code: '9999' } }, 20),
    'submit:unclear:none': 2,
    'submit:needs_operator:1004': 1,
    'submit:refused:5007': 1,
    'query:denied:8901': 4,
    'query:inconclusive:none': 1,
    'notice:accepted': 2,
    'notice:duplicate': 1,
    'notice:bad_signature': 1,
  },
  doubts: { times: 4, byQuery: 1, byNotice: 1, byDenial: 1, open: 1, waitsMs: [1000, 200, 3000] },
  gateway,
  repeatedEvents: 0,
  settledBy: new Map([
    ['query', 1],
    ['notification', 2],
  ]),
  latenciesMs: [100, 200, 5000],
  elapsedMs: 12_345,
}

test('the last line is the one that scripts read', () => {
  expect(summary(report).trimEnd().split('\n').at(-1)).toBe(
    'demo: 6 refunds, 2 succeeded, 1 failed, 1 rejected, 1 held, 0 lost, 0 doubled',
  )
})

test('what was lost or doubled is counted in the last line, and told above it', () => {
  const wrong = { ...verdict, lost: ['a', 'b'], doubled: ['c'], disagreements: ['a: x', 'b: y', 'c: z'] }
  const lines = summary({ ...report, verdict: wrong })
    .trimEnd()
    .split('\n')
  expect(lines.at(-1)).toContain('1 held, 2 lost, 1 doubled')
  expect(lines).toEqual(expect.arrayContaining(['What is not as it must be', '  a: x', '  b: y', '  c: z']))
})

test('refunds are told with their sums, return codes with what was done about them', () => {
  const text = summary(report)
  expect(text).toMatch(/succeeded +2 +200\.01\n/)
  expect(text).toMatch(/failed +1 +0\.05\n/)
  expect(text).toMatch(/in doubt: asked by query.*\n +2 {2}- +No answer.*\n +1 {2}9999 {2}System error/)
  expect(text).toMatch(/held for a person; not sent again\n +1 {2}1004/)
  expect(text).toMatch(/failed once a query confirmed it\n +1 {2}5007/)
  expect(text).toMatch(/denied: counted.*\n +4 {2}8901/)
  expect(text).toMatch(/ 3 {2}received with a valid signature\n +1 {2}of these duplicates/)
  expect(text).toMatch(/ 1 {2}refused: forged or unreadable/)
  expect(text).toMatch(/ 1 {2}resolved by query/)
  expect(text).toContain('1.00 s in doubt half of the time, 3.00 s at most')
  expect(text).toContain('p50 0.20 s, p99 5.00 s')
  expect(text).toContain('settled by: notification 2, query 1')
})

test('every notification that the receiver counts is in the figures, each once', () => {
  const results = NOTICE_RESULTS.map((result, at) => [`notice:${result}`, 10 ** at] as const)
  const text = summary({ ...report, counted: Object.fromEntries(results) })
  const [block = ''] = (text.split('Notifications\n')[1] ?? '').split('\n\n')
  const figures = [...block.matchAll(/^ +(\d+) {2}(\w+:? \w+)/gm)].map(([, figure, what]) => [what, figure])
  expect(Object.fromEntries(figures)).toMatchObject({
    'received with': '11111',
    'of these': '11000',
    'refused: forged': '1100000',
    'refused unread': '10000000',
  })
  expect(text).toMatch(/ 110 {2}of these duplicates or overtaken/)
})

test('no line but the last is wider than a terminal of 80 columns', () => {
  const lines = summary(report).trimEnd().split('\n').slice(0, -1)
  expect(lines.filter((line) => line.length > 79)).toEqual([])
})

test('a run without faults and figures is told as well', () => {
  const doubts = { times: 0, byQuery: 0, byNotice: 0, byDenial: 0, open: 0, waitsMs: [] }
  const text = summary({ ...report, counted: {}, doubts, latenciesMs: [], settledBy: new Map() })
  expect(text).toContain('no outcome was ever in doubt')
  expect(text).toContain('p50 -, p99 -')
  expect(text).not.toContain('Answers to')
})
