import { describe, expect, test } from 'vitest'
import { gatewayTime } from '../../src/refund/gateway-time.ts'
import { BAD_DATA, DT, MINUTE, NUMBER, notice, submit, submits } from '../refund/builders.ts'
import { accepted, claim, claimed, idOf, seenJob, testLedger } from './fixture.ts'

const id = idOf(NUMBER)
const early = notice('2').notice

describe('a notice without a refund', () => {
  test('is kept once, however often it comes', async () => {
    const at = testLedger()
    expect(await at.ledger.keepUnmatched(id, early)).toBe('kept')
    expect(await at.ledger.keepUnmatched(id, early)).toBe('known')
    const kept = await at.redis.xrange(at.keys.unmatched, '-', '+')
    expect(kept).toHaveLength(1)
    expect(JSON.parse(kept[0]?.[1][1] ?? '')).toEqual({ ...id, ...early })
  })

  test('is kept beside others that say something else, up to a bound', async () => {
    const at = testLedger()
    for (let n = 0; n < 100; n++) await at.ledger.keepUnmatched(id, notice(n % 2 === 0 ? '2' : '3').notice)
    const kept = await at.redis.xlen(at.keys.unmatched)
    expect(kept).toBeGreaterThan(1)
    expect(kept).toBeLessThan(50)
    await at.see(id, seenJob({}, { permit: claim() }))
    expect(await at.redis.xlen(at.keys.unmatched)).toBe(0)
  })

  test('is not kept when its refund was accepted meanwhile', async () => {
    const at = testLedger()
    await accepted(at)
    expect(await at.ledger.keepUnmatched(id, early)).toBe('matched')
    expect(await at.redis.xlen(at.keys.unmatched)).toBe(0)
  })

  test('is forgotten with the records of its time, not before', async () => {
    const at = testLedger()
    await at.ledger.keepUnmatched(id, early)
    const left = await at.redis.pttl(at.keys.early(id))
    expect(left).toBeGreaterThan(399 * 86_400_000)
    expect(left).toBeLessThanOrEqual(400 * 86_400_000)
  })
})

describe('the job of a number with an early notice', () => {
  test('starts in doubt, with the dt_refund of the notice, and the notice is used up', async () => {
    const at = testLedger()
    await at.ledger.keepUnmatched(id, early)
    const { record } = await at.see(id, seenJob({}, { permit: claim() }))
    expect(record).toMatchObject({ state: 'unknown', foreign: true, request: { dt_refund: DT } })
    expect(record?.attempts).toMatchObject([{ number: 0, fate: 'open' }])
    expect(await at.redis.xlen(at.keys.unmatched)).toBe(0)
    expect(await at.redis.exists(at.keys.early(id))).toBe(0)
  })

  test('starts in doubt though the notice named no dt_refund', async () => {
    const at = testLedger()
    const jobAt = Date.now() - MINUTE
    await at.ledger.keepUnmatched(id, { fields: { sta_refund: '2' } })
    const { record } = await at.see(id, seenJob({}, { permit: claim(), at: jobAt }))
    expect(record).toMatchObject({ state: 'unknown', foreign: true, request: { dt_refund: gatewayTime(jobAt) } })
  })

  test('starts in doubt though the notice came between its read and its commit', async () => {
    const at = testLedger()
    const job = seenJob({}, { permit: claim() })
    let looks = 0
    const { record } = await at.see(id, async (snapshot, breaches) => {
      looks += 1
      if (looks === 1) expect(await at.ledger.keepUnmatched(id, early)).toBe('kept')
      return job(snapshot, breaches)
    })
    expect(looks).toBe(2)
    expect(record).toMatchObject({ state: 'unknown', foreign: true })
  })

  test('starts in doubt though a job with unreadable data came first', async () => {
    const at = testLedger()
    await at.ledger.keepUnmatched(id, early)
    await at.see(id, seenJob(BAD_DATA))
    const { record } = await at.see(id, seenJob({}, { permit: claim() }))
    expect(record).toMatchObject({ state: 'unknown', foreign: true })
  })

  test('stays the same refund at its next run, though it names another dt_refund than the notice', async () => {
    const at = testLedger()
    await at.ledger.keepUnmatched(id, early)
    const job = seenJob({ dt_refund: gatewayTime(Date.now()) })
    await at.see(id, job)
    expect((await at.see(id, job)).decision.kind).toBe('keep')
  })
})

test('a notice after the retirement of its refund is kept for a person', async () => {
  const at = testLedger()
  await claimed(at)
  await at.see(id, submit(submits.accepted('2')))
  expect(await at.ledger.retire(-MINUTE, 10)).toBe(1)
  expect(await at.ledger.keepUnmatched(id, early)).toBe('kept')
})
