import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Observation } from '../../src/refund/observation.ts'
import type { QueryOutcome, SubmitOutcome } from '../../src/refund/outcome.ts'
import { isFinal, type RefundRecord } from '../../src/refund/record.ts'
import type { Snapshot } from '../../src/refund/snapshot.ts'
import { BAD_DATA, EAGER, FEN, MINUTE, notice, operator, queries, submit, submits } from '../refund/builders.ts'
import { expectedFigures, keptFigures, recordsOf } from './audit.ts'
import { claim, idOf, seenJob, type TestLedger, testLedger } from './fixture.ts'

/** What may be seen about a refund, given what the ledger knows now. */
type Happening = (snapshot: Snapshot, no_refund: string, at: TestLedger) => Observation | ReturnType<typeof seenJob>

let tokens = 0
/** One of two claims runs out at once, since no clock here can be moved. */
const permit = (): ReturnType<typeof claim> => {
  tokens += 1
  return claim(`token-${tokens}`, Date.now() + (tokens % 2 === 0 ? MINUTE : -MINUTE))
}

const jobs: readonly Happening[] = [
  {},
  { order_amount: '500.00' },
  { order_amount: '400.00' },
  { money_refund: '300.00' },
  { oid_paybill: 'bill', money_refund: '1.50' },
  { no_order: undefined, oid_paybill: 'bill', order_amount: '201.00' },
  BAD_DATA,
  { money_refund: '.5' },
].flatMap((data): Happening[] => [
  (_, no_refund) => seenJob({ ...data, no_refund }),
  (_, no_refund) => seenJob({ ...data, no_refund }, { permit: permit() }),
])
const oldJob: Happening = (_, no_refund) => seenJob({ no_refund }, { at: Date.now() - 31 * 24 * 60 * MINUTE })

const submitOutcomes: readonly SubmitOutcome[] = [
  submits.accepted('0'),
  submits.accepted('2'),
  submits.accepted('3'),
  submits.alreadyKnown,
  submits.refused,
  submits.refusedUnsure,
  submits.noBalance,
  submits.misconfigured,
  submits.timeout,
  submits.neverLeft,
]
const answers = submitOutcomes.map(
  (outcome): Happening =>
    ({ record }) =>
      submit(outcome, record?.claim?.token ?? 'none'),
)

const queryOutcomes: readonly QueryOutcome[] = [
  queries.denied,
  queries.found('1'),
  queries.found('2'),
  queries.found('3'),
  queries.found('2', FEN + 1),
  queries.stopped,
]
const asked = queryOutcomes.flatMap((outcome) =>
  [undefined, permit].map(
    (ask): Happening =>
      ({ now }) => ({ type: 'query', askedAt: now, outcome, ...(ask && { permit: ask() }) }),
  ),
)

const about = ({ record }: Snapshot): { fen?: number; dt_refund?: string } =>
  record?.request ? { fen: record.request.fen, dt_refund: record.request.dt_refund } : {}
const paid: Happening = (snapshot) => notice('2', about(snapshot))
const unpaid: Happening = (snapshot) => notice('3', about(snapshot))
const notices: readonly Happening[] = [paid, unpaid, () => notice('2', { fen: 1 }), () => notice(undefined)]

const look: Happening = () => ({ type: 'look', permit: permit() })
const said = [
  operator.hold,
  operator.release,
  operator.cancel,
  operator.resolve('succeeded'),
  operator.resolve('failed'),
].map(
  (word): Happening =>
    () =>
      word,
)

const happenings = fc.oneof(
  { arbitrary: fc.constantFrom(...jobs), weight: 5 },
  { arbitrary: fc.constant(oldJob), weight: 1 },
  { arbitrary: fc.constantFrom(...answers), weight: 5 },
  { arbitrary: fc.constantFrom(...asked), weight: 5 },
  { arbitrary: fc.constantFrom(...notices), weight: 3 },
  { arbitrary: fc.constant(look), weight: 5 },
  { arbitrary: fc.constantFrom(...said), weight: 3 },
)
const numbers = fc.constantFrom('one', 'two', 'three')
const histories = fc.array(fc.tuple(numbers, happenings), { minLength: 10, maxLength: 30 })

const refused: Happening = ({ record }) => submit(submits.refused, record?.claim?.token ?? 'none')
const [bad, claimed] = [jobs[12], jobs[1]]
if (!bad || !claimed) throw new Error('the list of jobs is shorter than it was')
/** What random histories reach seldom. */
const examples: [string, Happening][][] = [
  // failed, then paid: a contradiction; the order freezes; a person resolves it
  [
    ['one', claimed],
    ['one', refused],
    ['one', paid],
    ['two', claimed],
    ['one', () => operator.resolve('succeeded')],
    ['three', claimed],
  ],
  // rejected without an amount, opened by other content, cancelled, opened again, paid although cancelled
  [
    ['one', bad],
    ['one', (_, no_refund) => seenJob({ no_refund, money_refund: '2.00' })],
    ['one', () => operator.cancel],
    ['one', (_, no_refund) => seenJob({ no_refund, money_refund: '3.00' })],
    ['one', () => operator.cancel],
    ['one', paid],
    ['one', claimed],
  ],
]

const POLICIES = [
  { ...EAGER, maxAttempts: 2 },
  { ...EAGER, dailyCapFen: 50_000, heldEvents: true },
]

test('whatever happens, indexes and sums say what the records say, and every open refund is due', {
  timeout: 60_000,
}, async () => {
  const reached = new Set<string>()
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...POLICIES), histories, async (policy, history) => {
      const at = testLedger({ policy })
      await live(at, history)
      const records = await recordsOf(at)
      expect(await keptFigures(records, at)).toEqual(expectedFigures(records, at))
      await expectNoOverdraft(at, records)
      for (const record of records) for (const name of seen(record)) reached.add(name)
    }),
    {
      numRuns: 60,
      examples: POLICIES.flatMap((policy) =>
        examples.map((history): [typeof policy, typeof history] => [policy, history]),
      ),
    },
  )
  expect([...reached]).toEqual(
    expect.arrayContaining(['rejected', 'succeeded', 'failed', 'contradiction', 'held', 'open', 'unread']),
  )
})

/** Lives through a history by the one way there is: read, decide, commit. */
async function live(at: TestLedger, history: readonly (readonly [string, Happening])[]): Promise<void> {
  for (const [no_refund, happening] of history) {
    await at.see(idOf(no_refund), (snapshot, breaches) => {
      const observed = happening(snapshot, no_refund, at)
      return typeof observed === 'function' ? observed(snapshot, breaches) : observed
    })
  }
}

/** The refunds of an order pass its amount only where a person was called. */
async function expectNoOverdraft(at: TestLedger, records: readonly RefundRecord[]): Promise<void> {
  for (const key of await at.redis.keys(`${at.prefix}:o:*`)) {
    const { amount, reserved = '0', settled = '0' } = await at.redis.hgetall(key)
    if (amount === undefined || Number(reserved) + Number(settled) <= Number(amount)) continue
    const calls = records.some(
      (record) =>
        record.contradiction ||
        record.holds.includes('contradiction') ||
        record.reasons.some((reason) => reason.startsWith('resolved')) ||
        record.attempts.some(({ number }) => number === 0),
    )
    expect(calls, `${key}: ${reserved} reserved, ${settled} settled of ${amount}`).toBe(true)
  }
}

function seen(record: RefundRecord): string[] {
  return [
    record.state,
    ...(isFinal(record) ? [] : ['open']),
    ...(record.contradiction ? ['contradiction'] : []),
    ...(record.holds.length > 0 ? ['held'] : []),
    ...(record.request ? [] : ['unread']),
  ]
}
