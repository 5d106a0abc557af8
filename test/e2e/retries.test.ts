import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { decodeRecord } from '../../src/ledger/codec.ts'
import { eventually } from '../support/eventually.ts'
import { type Fleet, startFleet } from './fleet.ts'
import { PARTNER } from './settings.ts'

const BASE_MS = 100

/** The promise that the project stands on: a failed refund is tried again until it goes through, and paid once. */
describe.each(['pay_again', 'refuse'] as const)('at a gateway that would %s on a repeated number', (repeated) => {
  let fleet: Fleet
  beforeAll(async () => {
    fleet = await startFleet({
      simulator: { repeated },
      settings: {
        RETRY_BASE_MS: String(BASE_MS),
        RETRY_CAP_MS: '60000',
        NOT_FOUND_MIN_AGE_MS: '0',
        NOT_FOUND_MIN_COUNT: '1',
        NOT_FOUND_SHORT_MIN_AGE_MS: '0',
        NOT_FOUND_SHORT_MIN_COUNT: '1',
      },
    })
  })
  afterAll(async () => await fleet?.stop())

  test('a refund answered 9999, 5005, 9000 and then 0000 is asked about before each new send, and paid once', async () => {
    fleet.simulator.script('R1', { submit: ['9999', '5005', '9000'], settle_ms: 300 })
    await fleet.add({ no_refund: 'R1', money_refund: '12.34', dt_order: '20261101120000', oid_paybill: 'pay-1' })
    const event = await fleet.event('R1')
    const calls = fleet.simulator.requests.filter(({ fields }) => fields.no_refund === 'R1')
    const told = calls.map(({ path, ret_code }) => `${path === '/refund.htm' ? 'send' : 'ask'} ${ret_code}`)
    expect(told.slice(0, 7)).toEqual([
      'send 9999',
      'ask 8901',
      'send 5005',
      'ask 8901',
      'send 9000',
      'ask 8901',
      'send 0000',
    ])
    expect(fleet.submits('R1')).toHaveLength(4)

    const withoutSign = fleet.submits('R1').map(({ body }) => body.replace(/"sign":"[^"]*"/, '"sign":""'))
    expect(withoutSign[0]).toContain('"money_refund":"12.34"')
    expect(new Set(withoutSign).size).toBe(1)

    expect(fleet.moved('R1')).toBe(1)
    expect(await fleet.events('R1')).toEqual([event])
    expect(event).toMatchObject({ type: 'refund.succeeded', data: { attempts: 4, outcome: 'succeeded' } })
  })

  test('each delay is twice the one before', () => {
    const sent = fleet.submits('R1').map(({ at }) => at)
    const delays = sent.slice(1).map((at, index) => at - (sent[index] ?? 0))
    expect(delays).toHaveLength(3)
    delays.forEach((delay, index) => {
      const expected = BASE_MS * 2 ** index
      expect(delay).toBeGreaterThanOrEqual(expected - 5)
      expect(delay).toBeLessThan(expected * 2 + 1500)
    })
  })

  test('the waiting retry stands in the delayed set of the queue, its job not failed', async () => {
    fleet.simulator.script('R2', { submit: ['9999', '9999', '9999', '9999', '9999'] })
    const id = await fleet.add({ no_refund: 'R2' })
    await expect.poll(async () => await fleet.refunds.getJobState(id), { interval: 5, timeout: 5000 }).toBe('delayed')
    await fleet.event('R2')
    await expect.poll(async () => await fleet.refunds.getJobState(id), { timeout: 5000 }).toBe('completed')
    expect(fleet.submits('R2')).toHaveLength(6)
    expect(fleet.moved('R2')).toBe(1)
  })
})

/** As it must never be: the quarantine is off, and the gateway denies for a while what it has. */
test('a gateway that paid a number twice, by two numbers of its own, is noticed once', {
  timeout: 60_000,
}, async () => {
  const off = { NOT_FOUND_MIN_AGE_MS: '0', NOT_FOUND_MIN_COUNT: '1', RETRY_BASE_MS: '20' }
  const fleet = await startFleet({ settings: { ...off, LOG_LEVEL: 'info' } })
  try {
    const script = { deny_queries_for: 1000, settle_ms: 1500, notify: ['doubled'] } as const
    fleet.simulator.script('twice', { ...script, submit: ['accept_then_drop'] })
    fleet.simulator.script('once', { ...script, deny_queries_for: 0, submit: ['accept_then_drop'] })
    await fleet.add({ no_refund: 'once', no_order: 'order-1' })
    await fleet.add({ no_refund: 'twice', no_order: 'order-2' })
    for (const no_refund of ['once', 'twice']) {
      expect(await fleet.event(no_refund)).toMatchObject({ type: 'refund.succeeded' })
    }
    await eventually(() => expect(fleet.moved('twice')).toBe(2))
    const stored = async (no_refund: string) => {
      const id = { oid_partner: PARTNER, no_refund }
      return decodeRecord(
        id,
        (await fleet.redis.get(`${fleet.settings.LEDGER_PREFIX}:r:${PARTNER}:${no_refund}`)) ?? '',
      )
    }
    const [a, b] = fleet.simulator
      .refunds()
      .filter(({ no_refund }) => no_refund === 'twice')
      .map(({ oid_refundno }) => oid_refundno)
    await eventually(async () => {
      const { answer, second_refundno } = await stored('twice')
      expect(new Set([answer.oid_refundno, second_refundno])).toEqual(new Set([a, b]))
    })
    expect(await stored('twice')).toMatchObject({ state: 'succeeded', contradiction: false, events: 1 })
    expect(await stored('once')).not.toHaveProperty('second_refundno')
    expect(await fleet.events('twice')).toHaveLength(1)

    const warned = () =>
      fleet.workers.flatMap((worker) => worker.log()).filter(({ warnings }) => warnings !== undefined)
    expect(warned()).toMatchObject([{ level: 'warn', no_refund: 'twice', warnings: ['second_refundno'] }])
    const metrics = await (await fetch(`${fleet.adminUrl}/metrics`)).text()
    expect(metrics).toContain('refund_warnings_total{warning="second_refundno"} 1\n')
    expect(metrics).toContain('refund_notifications_total{result="mismatch"} 1\n')
  } finally {
    await fleet.stop()
  }
})

describe('with RETRY_JITTER and RETRY_MAX_ATTEMPTS', () => {
  let fleet: Fleet
  beforeAll(async () => {
    fleet = await startFleet({
      settings: {
        RETRY_BASE_MS: '200',
        RETRY_FACTOR: '1',
        RETRY_JITTER: '1',
        RETRY_MAX_ATTEMPTS: '3',
        NOT_FOUND_MIN_AGE_MS: '0',
        NOT_FOUND_MIN_COUNT: '1',
      },
    })
  })
  afterAll(async () => await fleet?.stop())

  test('spent attempts end in a hold, never in failed, and nothing more is sent', async () => {
    fleet.simulator.script('spent', { submit: Array.from({ length: 9 }, () => '9999' as const) })
    const id = await fleet.add({ no_refund: 'spent' })
    expect(await fleet.held('spent', { timeoutMs: 10_000 })).toMatchObject({
      state: 'unknown',
      holds: ['attempts_spent'],
    })
    await expect.poll(async () => await fleet.refunds.getJobState(id), { timeout: 5000 }).toBe('completed')
    const asked = fleet.queries('spent').length
    // held refunds are still asked about, slowly
    await expect.poll(() => fleet.queries('spent').length, { timeout: 10_000 }).toBeGreaterThan(asked + 1)
    expect(fleet.submits('spent')).toHaveLength(3)
    expect(await fleet.events('spent')).toEqual([])
  })

  test('a gateway that cannot be reached costs no attempts', { timeout: 60_000 }, async () => {
    const numbers = Array.from({ length: 12 }, (_, index) => `away-${index}`)
    await fleet.simulator.stop()
    for (const no_refund of numbers) await fleet.add({ no_refund })
    // long enough for more tries than there are attempts
    await sleep(3000)
    await fleet.simulator.restart()
    for (const no_refund of numbers) {
      expect(await fleet.event(no_refund)).toMatchObject({ type: 'refund.succeeded', data: { attempts: 1 } })
      expect(fleet.submits(no_refund)).toHaveLength(1)
    }
  })
})
