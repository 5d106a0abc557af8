import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RefundIdentity } from '../../src/refund/job-data.ts'
import type { Observation } from '../../src/refund/observation.ts'
import type { QueryOutcome, SubmitOutcome } from '../../src/refund/outcome.ts'
import type { Policy } from '../../src/refund/policy.ts'
import { besideRecord, type Snapshot } from '../../src/refund/snapshot.ts'
import { idOf } from '../ledger/fixture.ts'
import {
  DAY,
  EAGER,
  HOUR,
  MINUTE,
  notice,
  operator,
  PARTNER,
  parse,
  queries,
  SECOND,
  submits,
  T0,
} from '../refund/builders.ts'
import { openRedis, testNamespace } from '../support/redis.ts'
import { BothLedgers } from './both-ledgers.ts'

type Operation = (both: BothLedgers) => Promise<unknown>

const ids = ['one', 'two', 'three', 'four', 'five', 'six', 'seven'].map(idOf)
const OTHER_MERCHANT = { oid_partner: '201103171000000001', no_refund: 'one' }
const id = fc.constantFrom(...ids)
const at = { T0, PARTNER }

/** Jobs of a few refunds that share orders, and give their amount now and then. */
const jobs = fc
  .record({
    id,
    money_refund: fc.constantFrom('60.00', '40.00', '10.00', '10.00', '100.01', 'a lot'),
    no_order: fc.constantFrom('order-1', 'order-2'),
    oid_paybill: fc.constantFrom(undefined, undefined, 'bill-1'),
    order_amount: fc.constantFrom(undefined, '100.00', '100.00', '150.00'),
    claims: fc.boolean(),
    overtaken: fc.nat(5),
    guess: fc.constantFrom(undefined, undefined, 0, 0, 100, 101),
    age: fc.constantFrom(0, 0, 0, 40 * DAY),
  })
  .map(
    ({ id: of, claims, overtaken, age, guess, ...data }): Operation =>
      async (both) => {
        const permit = claims ? await both.permit(of, 'send') : undefined
        const given = Object.fromEntries(Object.entries(data).filter(([, value]) => value !== undefined))
        const seen = (snapshot: Snapshot): Observation => {
          const timestamp = both.now - age
          const parsed = parse({ no_refund: of.no_refund, ...given }, timestamp)
          return {
            type: 'job',
            job: 'job-1',
            at: timestamp,
            parsed,
            ...besideRecord(snapshot),
            ...(permit && { permit }),
          }
        }
        // a notice of the number comes between the reading and the writing
        const meanwhile = async () => both.keepUnmatched(of, notice('2').notice)
        const guessing = guess === undefined ? {} : { guess }
        await both.see(of, seen, overtaken === 0 ? { meanwhile, ...guessing } : guessing)
      },
  )

const submitted: readonly SubmitOutcome[] = [
  submits.accepted('0'),
  submits.accepted('2'),
  submits.accepted('3'),
  submits.alreadyKnown,
  submits.refused,
  submits.refusedUnsure,
  submits.noBalance,
  submits.misconfigured,
  submits.timeout,
  submits.timeout,
  submits.neverLeft,
]
const queried = (fen: number): readonly QueryOutcome[] => [
  queries.denied,
  queries.denied,
  queries.found('1', fen),
  queries.found('2', fen),
  queries.found('3', fen),
  queries.found('2', fen + 1),
  queries.silent,
  queries.stopped,
]
const said = Object.values(operator).map((words) => (typeof words === 'function' ? words() : words))

/** What is seen of a refund that may stand in the ledger; often of one that was read too long ago. */
const sights = fc
  .record({
    id,
    sight: fc.nat(),
    kind: fc.constantFrom('look', 'submit', 'query', 'notice', 'operator'),
    stale: fc.nat(5),
  })
  .map(
    ({ id: of, sight, kind, stale }): Operation =>
      async (both) => {
        const permit = await both.permit(of, kind === 'query' ? 'resend' : 'send')
        const seen = (snapshot: Snapshot): Observation => observed(snapshot, both.now, kind, sight, permit)
        await both.see(of, seen, { stale: stale === 0 })
      },
  )

function observed(
  { record }: Snapshot,
  now: number,
  kind: string,
  sight: number,
  permit: Extract<Observation, { type: 'look' }>['permit'],
): Observation {
  const of = <T>(choices: readonly T[]): T | undefined => choices[sight % choices.length]
  const fen = record?.request?.fen ?? 6000
  switch (kind) {
    case 'submit':
      return { type: 'submit', token: record?.claim?.token ?? 'none', outcome: of(submitted) ?? submits.timeout }
    case 'query':
      return { type: 'query', askedAt: now, outcome: of(queried(fen)) ?? queries.denied, ...(permit && { permit }) }
    case 'notice': {
      const dt_refund = record?.request?.dt_refund
      return notice(of(['0', '2', '2', '3']), { fen: sight % 7 === 0 ? fen + 1 : fen, dt_refund })
    }
    case 'operator':
      return of(said) ?? operator.hold
    default:
      return { type: 'look', ...(permit && { permit }) }
  }
}

const calls = fc
  .record({ id: fc.constantFrom(...ids, OTHER_MERCHANT), call: fc.constantFrom('send', 'resend', 'lift', 'query') })
  .map(
    ({ id: of, call }): Operation =>
      async (both) =>
        both.admit(of, call),
  )
const reports = fc
  .record({
    id: fc.constantFrom(...ids, OTHER_MERCHANT),
    report: fc.constantFrom('unreachable', 'reached', 'answered', 'no_balance'),
    times: fc.constantFrom(1, 1, 5),
  })
  .map(
    ({ id: of, report, times }): Operation =>
      async (both) => {
        for (let time = 0; time < times; time++) await both.report(of, report)
      },
  )
/** Facts that cannot both be true: the order freezes. */
const contradictions = id.map(
  (of): Operation =>
    async (both) => {
      const told =
        (status: string) =>
        (snapshot: Snapshot): Observation => {
          const { fen, dt_refund } = snapshot.record?.request ?? {}
          return notice(status, { fen, dt_refund })
        }
      const { record } = await both.read(of)
      if (!record) return
      await both.see(of, () => ({
        type: 'submit',
        token: record.claim?.token ?? 'none',
        outcome: submits.accepted('2'),
      }))
      await both.see(of, told('3'))
    },
)
const crowds = fc.constantFrom('send', 'query').map(
  (call): Operation =>
    async (both) => {
      for (let n = 0; n < 14; n++) await both.admit(idOf(`refund-${n}`), call)
    },
)
const early = fc
  .record({
    id,
    status: fc.constantFrom('2', '3'),
    dt_refund: fc.constantFrom(undefined, '20261121195959', '20261121195958'),
  })
  .map(
    ({ id: of, status, dt_refund }): Operation =>
      async (both) => {
        const { record } = await both.read(of)
        await both.keepUnmatched(record ? { ...of, no_refund: 'stranger' } : of, notice(status, { dt_refund }).notice)
      },
  )
const taking = fc.record({ limit: fc.constantFrom(1, 2, 500), leaseMs: fc.constantFrom(SECOND, HOUR) }).map(
  ({ limit, leaseMs }): Operation =>
    async (both) =>
      both.takeDue(limit, leaseMs),
)
const retiring = fc.record({ keepMs: fc.constantFrom(0, MINUTE, HOUR), limit: fc.constantFrom(1, 500) }).map(
  ({ keepMs, limit }): Operation =>
    async (both) =>
      both.retire(keepMs, limit),
)
const publishing = fc
  .record({
    publisher: fc.constantFrom('a', 'b'),
    how: fc.constantFrom('next', 'next', 'abandoned', 'too soon', 'done'),
    limit: fc.constantFrom(1, 200),
  })
  .map(
    ({ publisher, how, limit }): Operation =>
      async (both) =>
        both.publish(publisher, how, limit),
  )
const passing = fc.constantFrom(1, 10, 500, SECOND, SECOND, MINUTE, 20 * MINUTE, HOUR, DAY).map(
  (ms): Operation =>
    async (both) =>
      both.advance(ms),
)
const others = fc.constantFrom<Operation>(
  async (both) => both.resend(),
  async (both) => both.resend(),
  async (both) => both.count({ 'notice:unmatched': 1, 'time:x:5': 3 }),
  async (both) => both.safeStart(at.T0 + MINUTE),
  async (both) => both.stop(undefined),
  async (both) => both.stop(ids[0]?.oid_partner),
  async (both) => both.resume(undefined),
  async (both) => both.resume(ids[0]?.oid_partner),
)

const operation = fc.oneof(
  { arbitrary: jobs, weight: 8 },
  { arbitrary: sights, weight: 16 },
  { arbitrary: calls, weight: 5 },
  { arbitrary: reports, weight: 2 },
  { arbitrary: contradictions, weight: 3 },
  { arbitrary: crowds, weight: 1 },
  { arbitrary: early, weight: 1 },
  { arbitrary: taking, weight: 2 },
  { arbitrary: retiring, weight: 1 },
  { arbitrary: publishing, weight: 3 },
  { arbitrary: passing, weight: 6 },
  { arbitrary: others, weight: 2 },
)

const policies = fc.constantFrom<Policy>(
  EAGER,
  { ...EAGER, heldEvents: true, maxAttempts: 2 },
  { ...EAGER, dailyCapFen: 15_000, maxRefundFen: 10_000 },
)
const rates = fc.constantFrom(
  undefined,
  { max: 3, durationMs: 7000 },
  { max: 1, durationMs: SECOND },
  { max: 1, durationMs: 20 * SECOND },
)

test('the ledger in memory keeps what the scripts keep, and answers what they answer', {
  timeout: 120_000,
}, async () => {
  const redis = openRedisOf()
  let runs = 0
  await fc.assert(
    fc.asyncProperty(
      fc.record({ policy: policies, rate: rates, operations: fc.array(operation, { minLength: 10, maxLength: 60 }) }),
      async ({ policy, rate, operations }) => {
        runs += 1
        const rateOf = (partner: RefundIdentity['oid_partner']) => (partner === PARTNER ? rate : undefined)
        const gate = { breakerMs: 10 * SECOND, balanceMs: 30 * MINUTE, rateOf }
        const both = new BothLedgers(redis.connection, `${redis.prefix}-${runs}`, { policy, gate, start: T0 })
        await both.open()
        for (const operate of operations) {
          await operate(both)
          if (both.differences.length > 0) break
        }
        await both.compareContents()
        expect(both.differences).toEqual([])
      },
    ),
    { numRuns: 80 },
  )
})

function openRedisOf(): { readonly connection: ReturnType<typeof openRedis>; readonly prefix: string } {
  const { ledgerPrefix } = testNamespace()
  return { connection: openRedis(), prefix: ledgerPrefix }
}
