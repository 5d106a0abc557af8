import { describe, expect, test } from 'vitest'
import { NewerRecordError } from '../../src/ledger/codec.ts'
import type { Decision } from '../../src/refund/decision.ts'
import { RECORD_FORMAT } from '../../src/refund/record.ts'
import { transition } from '../../src/refund/transition.ts'
import { FEN, NUMBER, notice, operator, submit, submits } from '../refund/builders.ts'
import { contents } from './contents.ts'
import { accepted, claim, claimed, idOf, seenJob, type TestLedger, tamper, testLedger } from './fixture.ts'
import { recording } from './recording.ts'

const id = idOf(NUMBER)

describe('a commit whose reply was lost', () => {
  test('is done once, though the client sends it again', async () => {
    const { through, resendCommit } = recording()
    const at = testLedger({ through })
    await claimed(at, { order_amount: '500.00' })
    await at.see(id, submit(submits.accepted('2')), { counts: () => ({ 'submit:0000': 1 }) })
    const before = await contents(at)
    expect(await resendCommit()).toEqual(['done', 2, expect.any(Number)])
    expect(await contents(at)).toEqual(before)
    expect(await at.events()).toHaveLength(1)
    expect(await at.ledger.counted()).toMatchObject({
      'submit:0000': 1,
      'event:refund.succeeded': 1,
      'time:settle:succeeded:1000': 1,
    })
  })

  test('is done once, though it was the first of its number', async () => {
    const { through, resendCommit } = recording()
    const at = testLedger({ through, policy: { dailyCapFen: FEN } })
    await accepted(at, { order_amount: '200.01' })
    const before = await contents(at)
    expect(await resendCommit()).toEqual(['done', 1, expect.any(Number)])
    expect(await contents(at)).toEqual(before)
  })

  test('does not undo what came after it', async () => {
    const { through, resendCommit } = recording()
    const at = testLedger({ through })
    await claimed(at)
    const beside = testLedger({ beside: at })
    await beside.see(id, submit(submits.accepted('2')))
    const before = await contents(at)
    expect(await resendCommit()).toEqual(['stale'])
    expect(await contents(at)).toEqual(before)
  })

  test('does not bring back a refund that was retired', async () => {
    const { through, resendCommit } = recording()
    const at = testLedger({ through })
    await claimed(at)
    await at.see(id, submit(submits.accepted('2')))
    await at.ledger.retire(-60_000, 10)
    const before = await contents(at)
    expect(await resendCommit()).toEqual(['stale'])
    expect(await contents(at)).toEqual(before)
  })
})

describe('a decision that was made from an older version', () => {
  test('is not written, and leaves nothing behind', async () => {
    const at = testLedger()
    await claimed(at)
    const old = await at.record(id)
    const decision = decided(at, old, submit(submits.refused))
    await at.see(id, submit(submits.accepted('0')))
    const before = await contents(at)
    expect(await at.ledger.commit(old, decision, { counts: { 'submit:5002': 1 } })).toEqual({ kind: 'stale' })
    expect(await contents(at)).toEqual(before)
  })

  test('is made again from the newer one', async () => {
    const at = testLedger()
    await claimed(at)
    let looks = 0
    const { record } = await at.see(id, async () => {
      looks += 1
      if (looks === 1) await at.see(id, operator.hold)
      return submit(submits.accepted('0'))
    })
    expect(looks).toBe(2)
    expect(record).toMatchObject({ state: 'processing', holds: ['operator'], version: 3 })
  })

  test('that says a number is new is not written when another worker was first', async () => {
    const at = testLedger()
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, index) => at.see(id, seenJob({}, { permit: claim(`token-${index}`) }))),
    )
    expect(all.filter(({ decision }) => decision.kind === 'commit')).toHaveLength(1)
    expect(await at.record(id)).toMatchObject({ version: 1, state: 'sending' })
    expect(await at.ledger.trail(id)).toHaveLength(1)
  })
})

test('a number that was settled and retired meanwhile is not opened by a decision that found it free', async () => {
  const at = testLedger()
  const fresh = decided(at, undefined, seenJob({}, { permit: claim() })(await at.ledger.read(id)))
  await claimed(at)
  await at.see(id, submit(submits.accepted('2')))
  await at.ledger.retire(-60_000, 10)
  const before = await contents(at)
  expect(await at.ledger.commit(undefined, fresh)).toEqual({ kind: 'stale' })
  expect(await contents(at)).toEqual(before)
})

describe('a record that a newer version wrote', () => {
  test('cannot be read, so that nothing is decided about it', async () => {
    const at = await newer()
    await expect(at.ledger.read(id)).rejects.toThrow(NewerRecordError)
    await expect(at.see(id, notice('2'))).rejects.toThrow(NewerRecordError)
  })

  test('is not overwritten by a first commit of its number, nor by one made before it was written', async () => {
    const at = testLedger()
    const old = await claimed(at)
    await makeNewer(at)
    const before = await contents(at)
    const fresh = decided(at, undefined, seenJob()(await emptySnapshot(at)))
    expect(await at.ledger.commit(undefined, fresh)).toEqual({ kind: 'stale' })
    expect(await at.ledger.commit(old, decided(at, old, submit(submits.accepted('2'))))).toEqual({ kind: 'stale' })
    expect(await contents(at)).toEqual(before)
  })

  test('is not woken, and stays due for a newer worker', async () => {
    const at = await newer()
    await at.redis.zadd(at.keys.due, 1, `${id.oid_partner}:${NUMBER}`)
    expect(await at.ledger.takeDue(10, 1000)).toMatchObject({ records: [] })
    expect(await at.redis.zscore(at.keys.due, `${id.oid_partner}:${NUMBER}`)).toBe('1')
  })

  test('does not stand in the way of those that are due after it', async () => {
    const at = await newer()
    await at.redis.zadd(at.keys.due, 1, `${id.oid_partner}:${NUMBER}`)
    await accepted(at, { no_refund: 'second' })
    await at.redis.zadd(at.keys.due, 2, `${id.oid_partner}:second`)
    expect((await at.ledger.takeDue(1, 1000)).records.map(({ no_refund }) => no_refund)).toEqual(['second'])
  })

  test('does not make its notices unmatched: they are refused for now, and the gateway repeats them', async () => {
    const at = await newer()
    expect(await at.ledger.keepUnmatched(id, notice('2').notice)).toBe('matched')
  })
})

test('every script is there again after SCRIPT FLUSH', async () => {
  const at = testLedger()
  await claimed(at)
  await at.redis.script('FLUSH')
  expect((await at.see(id, submit(submits.accepted('2')))).record?.state).toBe('succeeded')
  await at.redis.script('FLUSH')
  expect(await at.ledger.admit(id, 'send')).toMatchObject({ go: true })
  await at.redis.script('FLUSH')
  await at.ledger.report(id, 'no_balance')
  expect(await at.ledger.admit(id, 'send')).toMatchObject({ go: false })
  await at.redis.script('FLUSH')
  expect(await at.ledger.takeDue(10, 1000)).toMatchObject({ records: [] })
  await at.redis.script('FLUSH')
  expect(await at.ledger.keepUnmatched(id, notice('2').notice)).toBe('matched')
  await at.redis.script('FLUSH')
  expect(await at.ledger.retire(-60_000, 10)).toBe(1)
  expect((await at.ledger.read(id)).record).toBeUndefined()
})

test('the trail keeps the last 200 lines, and every line tells the change', async () => {
  const at = testLedger()
  await claimed(at)
  for (let round = 0; round < 105; round++) {
    await at.see(id, operator.hold)
    await at.see(id, operator.release)
  }
  const trail = (await at.ledger.trail(id)).map((line) => JSON.parse(line))
  expect(trail).toHaveLength(200)
  expect(trail.at(-1)).toMatchObject({ observation: 'release', from: 'sending', to: 'sending', by: 'ann' })
  expect(trail[0]).toMatchObject({ observation: 'hold', holds: ['operator'] })
})

test('a trail that grows too long keeps how it began, and what persons said', async () => {
  const at = testLedger()
  await claimed(at)
  const { claim: held } = await at.record(id)
  await at.see(id, submit(submits.timeout, held?.token))
  await at.see(id, operator.hold)
  for (let round = 0; round < 130; round++) {
    await at.see(id, { type: 'look', permit: { blocked: { until: round, reason: `odd ${round}` } } })
    await at.see(id, { type: 'look', permit: { blocked: { until: round, reason: `even ${round}` } } })
  }
  const trail = (await at.ledger.trail(id)).map((line) => JSON.parse(line))
  expect(trail).toHaveLength(200)
  expect(trail.slice(0, 3).map(({ observation }) => observation)).toEqual(['job', 'submit', 'hold'])
  expect(trail.at(-1)).toMatchObject({ note: 'even 129' })
})

test('amounts up to the largest are kept to the fen', async () => {
  const at = testLedger()
  const data = { money_refund: '99999999.99', order_amount: '100000000.00' }
  await claimed(at, data)
  await at.see(id, submit(submits.accepted('2')))
  await accepted(at, { ...data, no_refund: 'last', money_refund: '0.01' })
  expect(await at.order('2013051500009')).toEqual({ amount: 10_000_000_000, settled: 9_999_999_999, reserved: 1 })
  expect((await at.ledger.sums())['state:succeeded'].fen).toBe(9_999_999_999)
})

async function newer(): Promise<TestLedger> {
  const at = testLedger()
  await claimed(at)
  await makeNewer(at)
  return at
}

/** What another program of a later version would leave. */
async function makeNewer(at: TestLedger): Promise<void> {
  await tamper(at, NUMBER, () => `${RECORD_FORMAT + 1} 2 of another form`)
}

async function emptySnapshot(at: TestLedger): ReturnType<TestLedger['ledger']['read']> {
  return await at.ledger.read(idOf('never-seen'))
}

function decided(
  at: TestLedger,
  record: Parameters<typeof transition>[0],
  observation: Parameters<typeof transition>[1],
): Extract<Decision, { kind: 'commit' }> {
  const decision = transition(record, observation, at.policy, { now: Date.now(), random: 0.5 })
  if (decision.kind !== 'commit') throw new Error(`nothing to commit: ${decision.kind}`)
  return decision
}
