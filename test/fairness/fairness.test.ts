import { describe, expect, test } from 'vitest'
import { LARGE, type SetUp, SMALL, type TwoMerchants, twoMerchants } from '../../bench/two-merchants.ts'
import { cleanUp } from '../support/clean-up.ts'
import { eventually } from '../support/eventually.ts'
import { testNamespace } from '../support/redis.ts'

const STOP = { by: 'ops', at: 1, reason: 'test' }
const numbers = (count: number) => Array.from({ length: count }, (_, index) => `refund-${index}`)

async function fleet(setUp: Partial<SetUp> = {}): Promise<TwoMerchants> {
  const at = await twoMerchants({ ...testNamespace(), concurrency: 10, gatewayMs: () => 5, ...setUp })
  cleanUp(async () => at.close())
  return at
}

const sentOf = (at: TwoMerchants, partner: string): string[] =>
  [...at.sent.keys()].filter((name) => name.startsWith(partner)).map((name) => name.slice(partner.length + 1))

/** Everything is accepted, and what waits has no job. */
async function atRest(at: TwoMerchants, waiting: number): Promise<void> {
  await eventually(
    async () => {
      expect((await at.ledger.sums())['state:waiting'].count).toBe(waiting)
      expect(await at.refunds.getJobCounts('waiting', 'active', 'delayed')).toEqual({
        waiting: 0,
        active: 0,
        delayed: 0,
      })
    },
    { timeoutMs: 30_000 },
  )
}

const sendsOne = async (at: TwoMerchants, no_refund: string, timeoutMs = 15_000): Promise<void> => {
  await at.add(SMALL, [no_refund])
  await eventually(() => at.sent.has(`${SMALL}:${no_refund}`), { timeoutMs })
}

describe('a single refund behind the backlog of another merchant', () => {
  test('does not wait for a call rate that is not its own', { timeout: 60_000 }, async () => {
    // sending the backlog would take a minute
    const rate = { max: 5, durationMs: 500 }
    const at = await fleet({ gate: { rateOf: (partner) => (partner === LARGE ? rate : undefined) } })
    await at.add(LARGE, numbers(600))
    await sendsOne(at, 'single')
    expect(sentOf(at, LARGE).length).toBeLessThan(300)
    expect(at.doubled).toEqual([])
  })

  test('does not wait for a merchant that is stopped, whose refunds hold no job of the queue', {
    timeout: 60_000,
  }, async () => {
    const at = await fleet()
    await at.ledger.stop(LARGE, STOP)
    await at.add(LARGE, numbers(500))
    await sendsOne(at, 'single')
    await atRest(at, 500)
    expect(sentOf(at, LARGE)).toEqual([])
    await sendsOne(at, 'another', 3000)
  })

  test('does not wait for a slow gateway that is not its own', { timeout: 60_000 }, async () => {
    // sending the backlog with every hand would take a minute and a half
    const at = await fleet({ gatewayMs: (partner) => (partner === LARGE ? 3000 : 5) })
    await at.add(LARGE, numbers(300))
    await sendsOne(at, 'single')
    expect(sentOf(at, LARGE).length).toBeLessThan(100)
    for (const no_refund of ['second', 'third']) await sendsOne(at, no_refund, 5000)
  })
})

describe('a backlog that was put aside', () => {
  test('goes on within moments when its merchant is resumed, and every refund is sent once', {
    timeout: 60_000,
  }, async () => {
    const at = await fleet()
    await at.ledger.stop(LARGE, STOP)
    await at.add(LARGE, numbers(400))
    await atRest(at, 400)
    await at.ledger.resume(LARGE)
    await eventually(() => sentOf(at, LARGE).length > 0, { timeoutMs: 3000 })
    await atRest(at, 0)
    expect(sentOf(at, LARGE)).toHaveLength(400)
    expect(at.doubled).toEqual([])
  })

  test('is sent at its call rate, in the order in which it came', { timeout: 60_000 }, async () => {
    const rate = { max: 10, durationMs: 300 }
    const at = await fleet({ gate: { rateOf: () => rate } })
    await at.ledger.stop(LARGE, STOP)
    for (const no_refund of numbers(60)) {
      await at.add(LARGE, [no_refund])
      await eventually(async () => (await at.refunds.getJobCountByTypes('waiting', 'active')) === 0, { intervalMs: 1 })
    }
    await atRest(at, 60)
    await at.ledger.resume(LARGE)
    await atRest(at, 0)
    // those of one call go to the gateway side by side
    const places = sentOf(at, LARGE).map((no_refund, index) => Math.abs(index - Number(no_refund.slice(7))))
    expect(Math.max(...places)).toBeLessThan(rate.max)
    const times = [...at.sent.values()]
    const windows = times.flatMap((from, first) => {
      const to = times[first + rate.max] ?? Number.POSITIVE_INFINITY
      // a call may be under way to the gateway for a while
      return to - from < rate.durationMs - 100 ? [to - from] : []
    })
    expect(windows).toEqual([])
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeLessThan(10_000)
  })

  test('needs nothing of the queue: it is sent though every key of BullMQ is gone', { timeout: 60_000 }, async () => {
    const at = await fleet()
    await at.ledger.stop(LARGE, STOP)
    await at.add(LARGE, numbers(50))
    await atRest(at, 50)
    await at.refunds.obliterate({ force: true })
    await at.ledger.resume(LARGE)
    await eventually(() => expect(sentOf(at, LARGE)).toHaveLength(50), { timeoutMs: 15_000 })
    expect(at.doubled).toEqual([])
  })
})
