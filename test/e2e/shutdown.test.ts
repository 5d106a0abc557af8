import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { cleanUp } from '../support/clean-up.ts'
import { eventually } from '../support/eventually.ts'
import { type Fleet, type FleetOptions, startFleet } from './fleet.ts'

const patience = { timeoutMs: 60_000 }

async function fleetOf(options: FleetOptions): Promise<Fleet> {
  const fleet = await startFleet(options)
  cleanUp(fleet.stop)
  return fleet
}

async function addMany(fleet: Fleet, count: number): Promise<readonly string[]> {
  const numbers = Array.from({ length: count }, (_, index) => `R${String(index).padStart(3, '0')}`)
  const data = (no_refund: string) => ({ no_refund, money_refund: '1.00', no_order: no_refund })
  await fleet.refunds.addBulk(numbers.map((no_refund) => ({ name: 'refund', data: data(no_refund) })))
  return numbers
}

test('SIGTERM finishes the calls under way, exits 0, and a restart does the rest', { timeout: 90_000 }, async () => {
  const fleet = await fleetOf({
    simulator: { latencyMs: 800 },
    settings: { SUBMIT_CONCURRENCY: '10', GATEWAY_TIMEOUT_MS: '3000' },
  })
  const numbers = await addMany(fleet, 40)
  await eventually(() => expect(fleet.simulator.requests.length).toBeGreaterThanOrEqual(12))
  const asked = performance.now()
  fleet.workers[0]?.signal('SIGTERM')
  expect(await fleet.workers[0]?.ended).toEqual({ code: 0, signal: null })
  expect(performance.now() - asked).toBeLessThan(5000 + 1500)
  expect(fleet.workers[0]?.stderr()).toBe('')
  const standings = await Promise.all(numbers.map(async (no_refund) => (await fleet.standing(no_refund))?.state))
  expect(standings, 'a call under way was not waited for').not.toContain('sending')

  await fleet.start('all')
  for (const no_refund of numbers) {
    expect((await fleet.event(no_refund, patience)).type).toBe('refund.succeeded')
    expect(fleet.moved(no_refund)).toBe(1)
    expect(fleet.submits(no_refund)).toHaveLength(1)
  }
  expect(await fleet.events()).toHaveLength(numbers.length)
})

test('a call that outlasts the grace is left to the next process, which asks first', { timeout: 90_000 }, async () => {
  const fleet = await fleetOf({
    simulator: { latencyMs: 2500 },
    settings: { SHUTDOWN_GRACE_MS: '400', GATEWAY_TIMEOUT_MS: '4000' },
  })
  await fleet.add({ no_refund: 'long' })
  await eventually(() => expect(fleet.submits('long')).toHaveLength(1))
  const asked = performance.now()
  fleet.workers[0]?.signal('SIGTERM')
  expect(await fleet.workers[0]?.ended).toEqual({ code: 0, signal: null })
  expect(performance.now() - asked).toBeLessThan(2000)
  await fleet.start('all')
  expect((await fleet.event('long', patience)).type).toBe('refund.succeeded')
  expect(fleet.submits('long')).toHaveLength(1)
})

test('a second signal ends the process at once', async () => {
  const fleet = await fleetOf({
    simulator: { latencyMs: 5000 },
    settings: { SHUTDOWN_GRACE_MS: '20000', GATEWAY_TIMEOUT_MS: '10000' },
  })
  await fleet.add({ no_refund: 'long' })
  await eventually(() => expect(fleet.submits('long')).toHaveLength(1))
  const [worker] = fleet.workers
  worker?.signal('SIGINT')
  await sleep(300)
  expect(worker?.hasEnded()).toBe(false)
  const asked = performance.now()
  worker?.signal('SIGTERM')
  await worker?.ended
  expect(performance.now() - asked).toBeLessThan(1000)
})

test('kill -9 again and again during refunds with faults loses nothing and doubles nothing', {
  timeout: 120_000,
}, async () => {
  const faults = ['normal', 'accept_then_drop', '9999', 'pay_then_500', '5005', 'timeout', 'unsigned_success'] as const
  const fleet = await fleetOf({
    settings: {
      GATEWAY_TIMEOUT_MS: '600',
      LOCK_DURATION_MS: '600',
      STALLED_INTERVAL_MS: '300',
      NOT_FOUND_MIN_AGE_MS: '500',
    },
    simulator: {
      settleMs: [0, 300],
      latencyMs: [0, 60],
      notifyRepeatMs: 300,
      scriptFor: (no_refund) => {
        const number = Number(no_refund.slice(1))
        const fault = faults[number % faults.length] ?? 'normal'
        return {
          submit: [fault],
          ...(number % 3 === 0 && { notify: ['lost'] }),
          ...(number % 5 === 0 && { deny_queries_for: 200 }),
        }
      },
    },
  })
  const numbers = await addMany(fleet, 40)
  for (const ms of [150, 400, 900, 250]) {
    await sleep(ms)
    const worker = fleet.workers.at(-1)
    worker?.signal('SIGKILL')
    await worker?.ended
    await fleet.start('all')
  }
  for (const no_refund of numbers) expect((await fleet.event(no_refund, patience)).type).toBe('refund.succeeded')
  await sleep(1000)
  expect((await fleet.events()).map(({ subject }) => subject).toSorted()).toEqual(numbers)
  expect(fleet.simulator.summary().doubled).toEqual([])
  expect(fleet.simulator.book.map(({ no_refund }) => no_refund).toSorted()).toEqual(numbers)
  // every job was seen to its end
  await eventually(async () => {
    const counts = await fleet.refunds.getJobCounts('waiting', 'active', 'delayed', 'failed')
    expect(counts).toEqual({ waiting: 0, active: 0, delayed: 0, failed: 0 })
  }, patience)
})
