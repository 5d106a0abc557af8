import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { CALLED_AT_ONCE } from '../../src/ledger/due.ts'
import { member } from '../../src/ledger/keys.ts'
import { notice, operator, PARTNER, queries, query, submit, submits } from '../refund/builders.ts'
import { eventually } from '../support/eventually.ts'
import { accepted, claimed, endPause, idOf, type LedgerSettings, type TestLedger, testLedger } from './fixture.ts'

const NO_GRACE = { graceMs: 0 }
const STOP = { by: 'ops', at: 1, reason: 'test' }
const LEASE_MS = 60_000

async function lined(numbers: readonly string[], settings: LedgerSettings = {}): Promise<TestLedger> {
  const at = testLedger({ ...settings, policy: { ...NO_GRACE, ...settings.policy } })
  for (const no_refund of numbers) {
    await accepted(at, { no_refund })
    await sleep(2)
  }
  return at
}

const called = async (at: TestLedger, leaseMs = LEASE_MS): Promise<string[]> =>
  (await at.ledger.takeDue(500, leaseMs)).records.map(({ no_refund }) => no_refund)

const many = (count: number) => Array.from({ length: count }, (_, index) => `refund-${index}`)

describe('refunds of a merchant that may not send', () => {
  test('are called by nobody while it is stopped, and stay in due, far enough to cost nothing', async () => {
    const at = await lined(['one', 'two'])
    await at.ledger.stop(PARTNER, STOP)
    expect(await called(at)).toEqual([])
    expect(await at.redis.zcount(at.keys.due, Date.now() + 60_000, '+inf')).toBe(2)
    expect(await at.redis.zrange(at.keys.line('send', PARTNER), '0', '-1')).toEqual(
      ['one', 'two'].map((no) => member(idOf(no))),
    )
  })

  test.for([
    ['the merchant is resumed', PARTNER],
    ['the fleet is resumed', undefined],
  ] as const)('are called at once, oldest first, when %s', async ([, whom]) => {
    const at = await lined(['one', 'two', 'three'])
    await at.ledger.stop(whom, STOP)
    expect(await called(at)).toEqual([])
    await at.ledger.resume(whom)
    expect(await called(at)).toEqual(['one', 'two', 'three'])
    expect(await at.redis.exists(at.keys.lines, at.keys.line('send', PARTNER))).toBe(0)
  })

  test('stand in no line while a person holds them: their slow look sends nothing', async () => {
    const at = await lined(['held'], { policy: { ...NO_GRACE, holdLookMs: 1 } })
    await at.see(idOf('held'), operator.hold)
    await at.ledger.stop(PARTNER, STOP)
    await sleep(5)
    expect(await called(at)).toEqual(['held'])
    expect(await at.redis.exists(at.keys.line('send', PARTNER))).toBe(0)
  })

  test('do not keep back what is only asked about', async () => {
    const at = await lined(['one'], { policy: { ...NO_GRACE, queryDelaysMs: [1] } })
    await claimed(at, { no_refund: 'sent' })
    await at.see(idOf('sent'), submit(submits.accepted('0')))
    await at.ledger.stop(PARTNER, STOP)
    await sleep(5)
    expect(await called(at)).toEqual(['sent'])
  })

  test('send one to try when the time of a shut door has come', async () => {
    const at = await lined(['one', 'two', 'three'], { gate: { breakerMs: 600_000 } })
    for (let call = 0; call < 5; call++) await at.ledger.report(idOf('one'), 'unreachable')
    expect(await called(at)).toEqual([])
    await endPause(at, idOf('one'), 'breaker')
    expect(await called(at)).toEqual(['one'])
    expect(await called(at)).toEqual([])
    expect(await at.ledger.admit(idOf('one'), 'send')).toMatchObject({ go: true })
    expect(await called(at)).toEqual([])
    await at.ledger.report(idOf('one'), 'answered')
    expect(await called(at)).toEqual(['two', 'three'])
  })

  test('tell when a door opens, so that nobody looks for it all the time', async () => {
    const at = await lined(['one'], { gate: { breakerMs: 20_000 } })
    for (let call = 0; call < 5; call++) await at.ledger.report(idOf('one'), 'unreachable')
    const { restMs } = await at.ledger.takeDue(500, LEASE_MS)
    expect(restMs).toBeGreaterThan(15_000)
  })

  test('call the prober that was not heard of before the door opens for others', async () => {
    const at = await lined(['one', 'two'], { gate: { balanceMs: 100 } })
    await at.ledger.report(idOf('one'), 'no_balance')
    await sleep(120)
    expect(await called(at, 20)).toEqual(['one'])
    expect(await at.ledger.admit(idOf('one'), 'send')).toMatchObject({ go: true })
    await eventually(async () => expect(await called(at, 20)).toEqual(['one']), { timeoutMs: 100, intervalMs: 5 })
  })

  test('lose their place when somebody wrote to them, and due looks after them', async () => {
    const at = await lined(['one', 'two', 'three'], { policy: { ...NO_GRACE, holdLookMs: 3_600_000 } })
    await at.ledger.stop(PARTNER, STOP)
    await called(at)
    await at.see(idOf('one'), operator.hold)
    await at.see(idOf('two'), operator.cancel)
    await at.ledger.resume(PARTNER)
    expect(await called(at)).toEqual(['three'])
    expect(await at.redis.exists(at.keys.line('send', PARTNER))).toBe(0)
    expect(Number(await at.redis.zscore(at.keys.due, member(idOf('one'))))).toBeGreaterThan(Date.now() + 3_000_000)
  })

  test('that were asked about meanwhile wait for their next time, not for their place', async () => {
    const at = testLedger({ policy: { ...NO_GRACE, queryDelaysMs: [1, 3_600_000] }, gate: { breakerMs: 600_000 } })
    await claimed(at, { no_refund: 'sent' })
    await at.see(idOf('sent'), submit(submits.accepted('0')))
    for (let call = 0; call < 5; call++) await at.ledger.report(idOf('one'), 'unreachable')
    await sleep(5)
    expect(await called(at)).toEqual([])
    expect(await at.redis.zcard(at.keys.line('query', PARTNER))).toBe(1)
    await at.see(idOf('sent'), query(queries.found('1'), Date.now()))
    await endPause(at, idOf('one'), 'breaker')
    expect(await called(at)).toEqual([])
    expect(await at.redis.exists(at.keys.line('query', PARTNER))).toBe(0)
  })

  test('keep their place when they ask again by themselves', async () => {
    const at = await lined(['one', 'two'])
    await at.ledger.stop(PARTNER, STOP)
    await called(at)
    await at.redis.zadd(at.keys.due, Date.now() - 1, member(idOf('one')))
    expect(await called(at)).toEqual([])
    await at.ledger.resume(PARTNER)
    expect(await called(at)).toEqual(['one', 'two'])
  })

  test('are found in due by a version that knows no lines', async () => {
    const at = await lined(['one'])
    await at.ledger.stop(PARTNER, STOP)
    await called(at)
    const due = Number(await at.redis.zscore(at.keys.due, member(idOf('one'))))
    expect(due - Date.now()).toBeLessThanOrEqual(30 * 60_000)
  })
})

test('a merchant that this process does not have is left in its line, to whoever has it', async () => {
  const at = await lined(['one'], { gate: { configured: new Map() } })
  expect(await called(at)).toEqual([])
  expect(await at.redis.zcard(at.keys.line('send', PARTNER))).toBe(1)
  const having = testLedger({ beside: at, gate: { configured: new Map([[PARTNER, true]]) } })
  expect(await called(having)).toEqual(['one'])
})

test('what is due beyond what one round lines up comes at once with the next', async () => {
  const at = await lined(many(5))
  await at.ledger.stop(PARTNER, STOP)
  expect(await at.ledger.takeDue(1, LEASE_MS)).toEqual({ records: [], restMs: 0 })
  expect(await at.redis.zcard(at.keys.line('send', PARTNER))).toBe(2)
})

describe('a call rate', () => {
  const RATED = { gate: { rateOf: () => ({ max: 3, durationMs: 400 }) } }

  test('calls as many as have a token, oldest first, and the next when one is back', async () => {
    const at = await lined(many(7), RATED)
    expect(await called(at)).toEqual(['refund-0', 'refund-1', 'refund-2'])
    expect(await called(at)).toEqual([])
    for (const no_refund of many(3)) expect(await at.ledger.admit(idOf(no_refund), 'send')).toMatchObject({ go: true })
    const { records, restMs } = await at.ledger.takeDue(500, LEASE_MS)
    expect(records).toEqual([])
    expect(restMs).toBeGreaterThanOrEqual(50)
    expect(restMs).toBeLessThanOrEqual(400)
    await sleep(410)
    expect(await called(at)).toEqual(['refund-3', 'refund-4', 'refund-5'])
  })

  test('keeps the token of one that was called from whoever comes meanwhile', async () => {
    const at = await lined(many(3), RATED)
    expect(await called(at)).toHaveLength(3)
    expect(await at.ledger.admit(idOf('newcomer'), 'send')).toMatchObject({
      go: false,
      reason: 'the call rate is spent',
    })
    expect(await at.ledger.admit(idOf('refund-0'), 'send')).toMatchObject({ go: true })
  })

  test('leaves a token that is kept for nobody to whoever comes', async () => {
    const at = await lined(many(2), RATED)
    expect(await called(at)).toHaveLength(2)
    expect(await at.ledger.admit(idOf('newcomer'), 'send')).toMatchObject({ go: true })
    expect(await at.ledger.admit(idOf('another'), 'send')).toMatchObject({ go: false })
    for (const no_refund of many(2)) expect(await at.ledger.admit(idOf(no_refund), 'send')).toMatchObject({ go: true })
  })

  test('lets nobody overtake those who wait', async () => {
    const at = await lined(many(5), RATED)
    await called(at)
    for (const no_refund of many(3)) await at.ledger.admit(idOf(no_refund), 'send')
    await sleep(410)
    expect(await at.ledger.admit(idOf('newcomer'), 'send')).toMatchObject({ go: false })
    expect(await called(at)).toEqual(['refund-3', 'refund-4'])
  })

  test('keeps no token longer than the lease for one that was called and never asks', async () => {
    const at = await lined(many(3), RATED)
    await called(at, 50)
    await sleep(60)
    expect(await at.ledger.admit(idOf('newcomer'), 'send')).toMatchObject({ go: true })
  })

  test('that is raised calls more at once', async () => {
    let max = 1
    const at = await lined(many(5), { gate: { rateOf: () => ({ max, durationMs: 600_000 }) } })
    expect(await called(at)).toEqual(['refund-0'])
    max = 4
    expect(await called(at)).toEqual(['refund-1', 'refund-2', 'refund-3'])
  })

  test('is shared by sends and questions in the order in which they came', async () => {
    const at = testLedger({ ...RATED, policy: { ...NO_GRACE, queryDelaysMs: [1] } })
    for (const no_refund of many(4)) {
      if (no_refund === 'refund-1') {
        await claimed(at, { no_refund })
        await at.see(idOf(no_refund), submit(submits.accepted('0')))
      } else {
        await accepted(at, { no_refund })
      }
      await sleep(5)
    }
    await at.redis.sadd(at.keys.lines, PARTNER)
    expect(await called(at)).toEqual(['refund-0', 'refund-1', 'refund-2'])
  })
})

test(`no merchant has more than ${CALLED_AT_ONCE} on their way at once, and the next are called as they ask`, async () => {
  const numbers = many(CALLED_AT_ONCE + 50)
  const at = testLedger({ policy: NO_GRACE })
  await Promise.all(numbers.map(async (no_refund) => accepted(at, { no_refund })))
  await sleep(5)
  const first = await called(at)
  expect(first).toHaveLength(CALLED_AT_ONCE)
  expect(await at.ledger.takeDue(500, LEASE_MS)).toMatchObject({ records: [], restMs: 50 })
  for (const no_refund of first.slice(0, 30)) await at.ledger.admit(idOf(no_refund), 'send')
  const next = await called(at)
  expect(next).toHaveLength(30)
  expect(first.filter((no_refund) => next.includes(no_refund))).toEqual([])
})

test('a wake-up that was lost costs the lease, and no place in the line of others', async () => {
  const at = await lined(['one', 'two'])
  expect(await called(at, 40)).toEqual(['one', 'two'])
  await sleep(50)
  expect(await called(at, 40)).toEqual(['one', 'two'])
})

test('what was settled while it waited is called no more', async () => {
  const at = testLedger({ policy: { ...NO_GRACE, queryDelaysMs: [1] }, gate: { breakerMs: 600_000 } })
  await claimed(at)
  const { record } = await at.see(idOf('2013051500001'), submit(submits.accepted('0')))
  for (let call = 0; call < 5; call++) await at.ledger.report(idOf('one'), 'unreachable')
  await sleep(5)
  expect(await called(at)).toEqual([])
  await at.see(idOf('2013051500001'), notice('2', { dt_refund: record?.request?.dt_refund }))
  await endPause(at, idOf('one'), 'breaker')
  expect(await called(at)).toEqual([])
  expect(await at.redis.exists(at.keys.line('query', PARTNER), at.keys.lines)).toBe(0)
})
