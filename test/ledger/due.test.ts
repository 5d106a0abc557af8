import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { RECORD_FORMAT } from '../../src/refund/record.ts'
import { BAD_DATA, NUMBER, notice, operator, PARTNER, submit, submits } from '../refund/builders.ts'
import { accepted, claim, claimed, idOf, newerFormat, seenJob, type TestLedger, tamper, testLedger } from './fixture.ts'

const id = idOf(NUMBER)
const MEMBER = `${PARTNER}:${NUMBER}`
/** No job of its own: due as soon as it may be looked at. */
const NO_GRACE = { policy: { graceMs: 0 } }

describe('a refund that is due', () => {
  test('is taken as it stands', async () => {
    const at = testLedger(NO_GRACE)
    const record = await accepted(at)
    const { token: _token, ...stored } = await at.record({
      oid_partner: record.oid_partner,
      no_refund: record.no_refund,
    })
    expect(await at.ledger.takeDue(10, 1000)).toMatchObject({ records: [stored] })
  })

  test('is not taken before its time', async () => {
    const at = testLedger({ policy: { graceMs: 60_000 } })
    await accepted(at)
    expect(await at.ledger.takeDue(10, 1000)).toMatchObject({ records: [] })
  })

  test('stays due, and is taken again only after the lease', async () => {
    const at = testLedger(NO_GRACE)
    await accepted(at)
    expect((await at.ledger.takeDue(10, 400)).records).toHaveLength(1)
    expect(await at.ledger.takeDue(10, 400)).toMatchObject({ records: [] })
    expect(await at.redis.zscore(at.keys.due, MEMBER)).not.toBeNull()
    await sleep(450)
    expect((await at.ledger.takeDue(10, 400)).records).toHaveLength(1)
  })

  test('is taken by one sweeper of many', async () => {
    const at = testLedger(NO_GRACE)
    await accepted(at)
    const taken = await Promise.all(Array.from({ length: 10 }, () => at.ledger.takeDue(10, 60_000)))
    expect(taken.flatMap(({ records }) => records)).toHaveLength(1)
  })

  test('comes before those that are due later, and the rest stay for the next', async () => {
    const at = testLedger(NO_GRACE)
    for (const no_refund of ['first', 'second', 'third']) {
      await accepted(at, { no_refund })
      await sleep(2)
    }
    const taken = [await at.ledger.takeDue(2, 60_000), await at.ledger.takeDue(2, 60_000)]
    expect(taken.map(({ records }) => records.map((record) => record.no_refund))).toEqual([
      ['first', 'second'],
      ['third'],
    ])
  })

  test('is due by its newest commit, not by the lease', async () => {
    const at = testLedger(NO_GRACE)
    await claimed(at)
    await at.redis.zadd(at.keys.due, 1, MEMBER)
    expect((await at.ledger.takeDue(10, 86_400_000)).records).toHaveLength(1)
    const { record } = await at.see(id, submit(submits.timeout))
    expect(Number(await at.redis.zscore(at.keys.due, MEMBER))).toBe(record?.next_look)
  })

  test('does not stop others when it cannot be read, and is told', async () => {
    const told: unknown[] = []
    const at = testLedger({ ...NO_GRACE, onUnreadable: (error) => told.push(error) })
    await accepted(at, { no_refund: 'broken' })
    await accepted(at, { no_refund: 'whole' })
    await tamper(at, 'broken', (stored) => stored.replace('\n{', '\n'))
    const { records } = await at.ledger.takeDue(10, 1000)
    expect(records.map(({ no_refund }) => no_refund)).toEqual(['whole'])
    expect(told).toHaveLength(1)
    expect(told[0]).toBeInstanceOf(SyntaxError)
  })

  test('does not stop others when nothing is left of it', async () => {
    const at = testLedger(NO_GRACE)
    await accepted(at)
    await at.redis.zadd(at.keys.due, 1, `${PARTNER}:gone`)
    expect((await at.ledger.takeDue(10, 1000)).records).toHaveLength(1)
    expect(await at.redis.zscore(at.keys.due, `${PARTNER}:gone`)).toBeNull()
  })
})

describe('a settled refund', () => {
  test('is kept in full for its time', async () => {
    const at = testLedger()
    await settled(at)
    expect(await at.ledger.retire(60_000, 10)).toBe(0)
    expect((await at.record(id)).state).toBe('succeeded')
  })

  test('becomes a tombstone: number and content stay known, for ever', async () => {
    const at = testLedger()
    const { content } = await settled(at)
    expect(await at.ledger.retire(-60_000, 10)).toBe(1)
    expect(await at.ledger.read(id)).toMatchObject({ tombstone: { content } })
    expect(await at.ledger.trail(id)).toEqual([])
    expect(await at.redis.pttl(at.keys.record(id))).toBe(-1)
    expect(await at.redis.zcard(at.keys.index('state:succeeded'))).toBe(0)
    expect(await at.ledger.sums()).toMatchObject({ 'state:succeeded': { count: 0, fen: 0 } })
    expect(await at.ledger.retire(-60_000, 10)).toBe(0)
  })

  test('is never sent again after that: the same job is done, another one is a conflict', async () => {
    const at = testLedger()
    await settled(at)
    await at.ledger.retire(-60_000, 10)
    expect((await at.see(id, seenJob({}, { permit: claim() }))).decision.kind).toBe('keep')
    const other = await at.see(id, seenJob({ money_refund: '200.02' }, { permit: claim() }))
    expect(other.decision).toMatchObject({ kind: 'refuse', faults: [expect.stringContaining('no_refund_conflict')] })
    expect((await at.see(id, seenJob(BAD_DATA))).decision.kind).toBe('refuse')
    expect((await at.ledger.read(id)).record).toBeUndefined()
  })

  test('is retired whatever its end was', async () => {
    const at = testLedger()
    await settled(at)
    await at.see(idOf('bad'), seenJob({ ...BAD_DATA, no_refund: 'bad' }))
    await claimed(at, { no_refund: 'failed' })
    await at.see(idOf('failed'), submit(submits.refused))
    expect(await at.ledger.retire(-60_000, 10)).toBe(3)
  })

  test('is not retired while a person has to resolve a contradiction', async () => {
    const at = testLedger()
    await claimed(at)
    await at.see(id, submit(submits.refused))
    const { request } = await at.record(id)
    await at.see(id, notice('2', { dt_refund: request?.dt_refund }))
    await at.ledger.retire(-60_000, 10)
    expect(await at.record(id)).toMatchObject({ state: 'failed', contradiction: true })
    await at.see(id, operator.resolve('succeeded'))
    await at.ledger.retire(-60_000, 10)
    expect((await at.ledger.read(id)).tombstone).toBeDefined()
  })

  test('of a newer format is left to newer workers', async () => {
    const at = testLedger()
    await settled(at)
    const later = `${RECORD_FORMAT + 1} of another form`
    await tamper(at, NUMBER, () => later)
    await at.ledger.retire(-60_000, 10)
    expect(await at.redis.get(at.keys.record(id))).toBe(later)
  })

  test('that may not be retired does not stand in the way of the next', async () => {
    const at = testLedger()
    await settled(at)
    await tamper(at, NUMBER, newerFormat)
    await sleep(2)
    await claimed(at, { no_refund: 'second' })
    await at.see(idOf('second'), submit(submits.accepted('2')))
    await sleep(2)
    await at.ledger.retire(0, 1)
    await sleep(2)
    await at.ledger.retire(0, 1)
    expect((await at.ledger.read(idOf('second'))).tombstone).toBeDefined()
  })
})

test('an open refund is never retired, however old', async () => {
  const at = testLedger()
  await claimed(at)
  await at.see(id, submit(submits.accepted('0')))
  await accepted(at, { no_refund: 'waits' })
  expect(await at.ledger.retire(-86_400_000, 10)).toBe(0)
  expect(await at.redis.pttl(at.keys.record(id))).toBe(-1)
})

async function settled(at: TestLedger): ReturnType<typeof claimed> {
  await claimed(at)
  await at.see(id, submit(submits.accepted('2')))
  return await at.record(id)
}
