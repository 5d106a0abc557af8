import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { type Fleet, startFleet } from './fleet.ts'
import { PARTNER } from './settings.ts'

describe('RATE_LIMIT_MAX calls in RATE_LIMIT_DURATION_MS', () => {
  const MAX = 5
  const DURATION_MS = 250
  let fleet: Fleet
  beforeAll(async () => {
    fleet = await startFleet({
      programs: ['submit', 'submit', 'query', 'publish', 'receive'],
      settings: { RATE_LIMIT_MAX: String(MAX), RATE_LIMIT_DURATION_MS: String(DURATION_MS) },
    })
  })
  afterAll(async () => await fleet?.stop())

  test('are not exceeded by two submit processes and a query process', { timeout: 60_000 }, async () => {
    const numbers = Array.from({ length: 30 }, (_, index) => `R${index}`)
    const began = Date.now()
    for (const no_refund of numbers) {
      if (Number(no_refund.slice(1)) % 4 === 0) fleet.simulator.script(no_refund, { notify: ['lost'] })
      if (Number(no_refund.slice(1)) % 10 === 1) fleet.simulator.script(no_refund, { submit: ['9999'] })
      await fleet.add({ no_refund })
    }
    for (const no_refund of numbers) {
      expect((await fleet.event(no_refund, { timeoutMs: 50_000 })).type).toBe('refund.succeeded')
      expect(fleet.moved(no_refund)).toBe(1)
    }
    const calls = fleet.simulator.requests.map(({ at }) => at).toSorted((a, b) => a - b)
    expect(calls.length).toBeGreaterThanOrEqual(38)
    // a call may be under way for a while, so the gateway may see two windows lie closer together than they were made
    const slackMs = 150
    for (const windows of [1, 2, 4, 8]) {
      const span = windows * DURATION_MS
      const allowed = MAX + Math.ceil((MAX * (span + slackMs)) / DURATION_MS)
      const most = Math.max(...calls.map((from) => calls.filter((at) => at >= from && at < from + span).length))
      expect(most, `calls in ${span} ms`).toBeLessThanOrEqual(allowed)
    }
    // and the limit is used, not only kept
    const last = calls.at(-1) ?? began
    expect(last - began).toBeLessThan(((calls.length * DURATION_MS) / MAX) * 2.5 + 5000)
  })
})

describe('caps and silence', () => {
  let fleet: Fleet
  beforeAll(async () => {
    fleet = await startFleet({
      settings: { MAX_REFUND: '100', DAILY_CAP: '250.00', HELD_EVENTS: 'true', QUERY_GIVE_UP_MS: '1500' },
    })
  })
  afterAll(async () => await fleet?.stop())

  test('silence for QUERY_GIVE_UP_MS holds a refund, which is still asked about and may yet be settled', async () => {
    fleet.simulator.script('silent', { settle_ms: 4000, notify: ['lost'] })
    await fleet.add({ no_refund: 'silent', money_refund: '0.02' })
    expect(await fleet.held('silent')).toMatchObject({ state: 'processing', holds: ['silence'] })
    expect(
      await eventually(async () => {
        const event = (await fleet.events('silent')).find(({ type }) => type !== 'refund.held')
        return event ?? false
      }),
    ).toMatchObject({ type: 'refund.succeeded', data: { settled_by: 'query', reasons: [] } })
  })

  test('a refund above MAX_REFUND is held with cap, told as refund.held, and not sent', async () => {
    const id = await fleet.add({ no_refund: 'above', money_refund: '100.01', metadata: { a: 'b' } })
    expect(await fleet.held('above')).toMatchObject({ state: 'waiting', holds: ['cap'] })
    await eventually(async () => expect(await fleet.refunds.getJobState(id)).toBe('completed'))
    const events = await eventually(async () => {
      const seen = await fleet.events('above')
      return seen.length > 0 && seen
    })
    expect(events).toEqual([
      expect.objectContaining({
        id: `${PARTNER}/above/held-1`,
        type: 'refund.held',
        subject: 'above',
        data: expect.objectContaining({ reasons: ['cap'], attempts: 0, money_refund: '100.01', metadata: { a: 'b' } }),
      }),
    ])
    expect(fleet.submits('above')).toEqual([])
    expect(fleet.queries('above')).toEqual([])
  })

  test('a refund of exactly MAX_REFUND is paid, and what MAX_REFUND holds uses up nothing of the day', async () => {
    await fleet.add({ no_refund: 'day-1', money_refund: '100.00' })
    expect((await fleet.event('day-1')).type).toBe('refund.succeeded')
    // 100.01 yuan wait for a person, 100.02 have been sent: 149.98 of 250 are left
    await fleet.add({ no_refund: 'day-2', money_refund: '90.00' })
    expect((await fleet.event('day-2', { timeoutMs: 8000 })).type).toBe('refund.succeeded')
  })

  test('what comes at once is not paid beyond the DAILY_CAP, the rest is held', async () => {
    const numbers = ['day-3', 'day-4', 'day-5', 'day-6']
    await Promise.all(numbers.map(async (no_refund) => await fleet.add({ no_refund, money_refund: '55.00' })))
    const ends = await eventually(async () => {
      const standings = await Promise.all(numbers.map(async (no_refund) => await fleet.standing(no_refund)))
      const settled = standings.every((now) => now?.state === 'succeeded' || (now?.holds.length ?? 0) > 0)
      return settled && standings
    })
    expect(fleet.simulator.book.reduce((sum, { fen }) => sum + fen, 0)).toBeLessThanOrEqual(25_000)
    const held = ends.filter((now) => now?.state !== 'succeeded')
    expect(held.length).toBeGreaterThanOrEqual(3)
    for (const now of held) expect(now).toMatchObject({ state: 'waiting', holds: ['cap'] })
  })
})
