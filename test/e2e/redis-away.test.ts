import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { cleanUp } from '../support/clean-up.ts'
import { eventually } from '../support/eventually.ts'
import { type OwnRedis, ownRedis } from '../support/own-redis.ts'
import { type Fleet, startFleet } from './fleet.ts'
import { notification, post } from './notification.ts'
import { PARTNER } from './settings.ts'

const GRACE_MS = 3000

async function fleetOnOwnRedis(): Promise<{ redis: OwnRedis; fleet: Fleet }> {
  const redis = await ownRedis()
  const fleet = await startFleet({
    redisUrl: redis.url,
    // as a plain `new Queue('refund')` has them
    defaultPrefixes: true,
    settings: { SHUTDOWN_GRACE_MS: String(GRACE_MS), REQUIRE_DURABLE_REDIS: 'true' },
    simulator: { notifyRepeatMs: 500 },
  })
  cleanUp(fleet.stop)
  return { redis, fleet }
}

const message = notification({ oid_partner: PARTNER, no_refund: 'a', money_refund: '1.00', sta_refund: '2' })

/** What is asked of a fleet whose Redis is away, whichever way it went. */
async function answersWithoutRedis(fleet: Fleet): Promise<void> {
  const asked = performance.now()
  const [notified, ready, live] = await Promise.all([
    post(fleet.notifyUrl, message),
    fetch(`${fleet.adminUrl}/readyz`),
    fetch(`${fleet.adminUrl}/livez`),
  ])
  expect(performance.now() - asked).toBeLessThan(5000)
  expect(notified.status).toBe(503)
  expect(notified.body).not.toContain('0000')
  expect(live.status).toBe(200)
  expect(ready.status).toBe(503)
  expect(await ready.json()).toMatchObject({ reasons: [expect.stringMatching(/redis/i)] })
}

describe.each(['stopped', 'frozen'] as const)('while Redis is %s', (how) => {
  test('it is said so in time, the fleet goes on afterwards, SIGTERM ends it and a start waits without Redis', {
    timeout: 90_000,
  }, async () => {
    const { redis, fleet } = await fleetOnOwnRedis()
    const numbers = Array.from({ length: 10 }, (_, index) => `R${index}`)
    for (const no_refund of numbers) {
      fleet.simulator.script(no_refund, { settle_ms: 500, submit: Number(no_refund.slice(1)) % 2 ? ['9999'] : [] })
      await fleet.add({ no_refund })
    }
    await eventually(() => expect(fleet.simulator.requests.length).toBeGreaterThan(3))
    if (how === 'stopped') await redis.kill()
    else redis.freeze()
    await answersWithoutRedis(fleet)
    await answersWithoutRedis(fleet)
    if (how === 'stopped') await redis.restart()
    else redis.thaw()

    for (const no_refund of numbers)
      expect((await fleet.event(no_refund, { timeoutMs: 60_000 })).type).toBe('refund.succeeded')
    expect((await fleet.events()).map(({ subject }) => subject).toSorted()).toEqual(numbers)
    for (const no_refund of numbers) expect(fleet.moved(no_refund)).toBe(1)
    await eventually(async () => expect((await fetch(`${fleet.adminUrl}/readyz`)).status).toBe(200))

    const [worker] = fleet.workers
    expect(worker?.hasEnded()).toBe(false)
    if (how === 'stopped') await redis.kill()
    else redis.freeze()
    await sleep(300)
    const asked = performance.now()
    worker?.signal('SIGTERM')
    expect(await worker?.ended).toEqual({ code: 0, signal: null })
    expect(performance.now() - asked).toBeLessThan(GRACE_MS + 1500)

    const next = fleet.start('all')
    await sleep(1500)
    if (how === 'stopped') await redis.restart()
    else redis.thaw()
    await next
    await fleet.add({ no_refund: 'after' })
    expect((await fleet.event('after')).type).toBe('refund.succeeded')
    // whoever collects the logs reads one JSON line a message
    expect(fleet.workers.map((each) => each.stderr())).toEqual(['', ''])
    expect(fleet.workers.map((each) => each.log().length > 0)).toEqual([true, true])
  })
})
