import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ReturnCode } from '../../src/simulator/faults.ts'
import { eventually } from '../support/eventually.ts'
import { type Fleet, startFleet } from './fleet.ts'
import { PARTNER } from './settings.ts'

const concurrent = { concurrent: true, timeout: 60_000 }

const always = (code: ReturnCode) => ({ refusal: code })

describe('refusals that a signature vouches for', () => {
  let fleet: Fleet
  beforeAll(async () => {
    fleet = await startFleet({ settings: { HELD_EVENTS: 'true', LIANLIAN_TRUST_UNSIGNED_REFUSALS: 'false' } })
  })
  afterAll(async () => await fleet?.stop())

  test.each(['5002', '5003', '5008', '9092', '9093', '7017'] as const)(
    '%s fails the refund at once, with one event',
    concurrent,
    async (code) => {
      fleet.simulator.script(`no-${code}`, always(code))
      const id = await fleet.add({ no_refund: `no-${code}`, metadata: { reference: code } })
      expect(await fleet.event(`no-${code}`)).toMatchObject({
        type: 'refund.failed',
        data: {
          outcome: 'failed',
          settled_by: 'response',
          ret_code: code,
          attempts: 1,
          money_refund: '1.00',
          reasons: [expect.stringContaining(code)],
          metadata: { reference: code },
        },
      })
      await eventually(async () => expect(await fleet.refunds.getJobState(id)).toBe('completed'))
      expect(fleet.queries(`no-${code}`)).toEqual([])
      expect(await fleet.standing(`no-${code}`)).toMatchObject({ state: 'failed', holds: [] })
    },
  )

  test('5007 speaks about other refunds too, so it fails the refund only after queries', concurrent, async () => {
    fleet.simulator.script('no-5007', always('5007'))
    await fleet.add({ no_refund: 'no-5007' })
    expect(await fleet.event('no-5007')).toMatchObject({
      type: 'refund.failed',
      data: { outcome: 'failed', settled_by: 'query', attempts: 1, reasons: [expect.stringContaining('5007')] },
    })
    expect(fleet.submits('no-5007')).toHaveLength(1)
    expect(fleet.queries('no-5007').length).toBeGreaterThanOrEqual(2)
  })

  test('a refusal of a later attempt does not settle an earlier one of unknown fate', concurrent, async () => {
    fleet.simulator.script('doubt', { submit: ['timeout', '5003'] })
    await fleet.add({ no_refund: 'doubt' })
    expect(await fleet.event('doubt')).toMatchObject({
      type: 'refund.failed',
      data: { settled_by: 'query', attempts: 2 },
    })
    const codes = fleet.simulator.requests
      .filter(({ fields }) => fields.no_refund === 'doubt')
      .map(({ path, ret_code }) => `${path} ${ret_code}`)
    expect(codes.at(-1)).toBe('/refundquery.htm 8901')
    expect(fleet.submits('doubt')).toHaveLength(2)
  })

  test.each(['1001', '1004', '1008', '1009', '3001', '5004', '9901', '9911'] as const)(
    '%s holds the refund for a person',
    concurrent,
    async (code) => {
      fleet.simulator.script(`ask-${code}`, { submit: [code] })
      const id = await fleet.add({ no_refund: `ask-${code}` })
      expect(await fleet.held(`ask-${code}`)).toMatchObject({ state: 'unknown', holds: ['configuration'] })
      await eventually(async () => expect(await fleet.refunds.getJobState(id)).toBe('completed'))
      // held refunds are asked about, slowly, and never sent
      await eventually(() => expect(fleet.queries(`ask-${code}`).length).toBeGreaterThan(1))
      expect(fleet.submits(`ask-${code}`)).toHaveLength(1)
      expect(fleet.moved(`ask-${code}`)).toBe(0)
      const events = await fleet.events(`ask-${code}`)
      expect(events).toEqual([
        expect.objectContaining({
          type: 'refund.held',
          id: `${PARTNER}/ask-${code}/held-1`,
          data: expect.objectContaining({ reasons: ['configuration'], attempts: 1, ret_code: code }),
        }),
      ])
      expect(events[0]?.data).not.toHaveProperty('outcome')
      expect(events[0]?.data).not.toHaveProperty('settled_by')
    },
  )

  test('a held refund X and a refund X-held each have their event', concurrent, async () => {
    fleet.simulator.script('twin', { submit: ['1004'] })
    await fleet.add({ no_refund: 'twin' })
    await fleet.held('twin')
    await fleet.add({ no_refund: 'twin-held' })
    await eventually(async () => {
      const jobs = await fleet.queue('refund-completed').getJobs()
      const twins = jobs
        .filter(({ data }) => data.subject.startsWith('twin'))
        .map(({ name, data }) => `${data.id} ${name}`)
      expect(twins.toSorted()).toEqual([
        `${PARTNER}/twin-held/1 refund.succeeded`,
        `${PARTNER}/twin/held-1 refund.held`,
      ])
    })
  })
})

describe('refusals without a signature', () => {
  const unsigned = { signRefusals: false }

  test('are trusted by default: one event, no query', async () => {
    const fleet = await startFleet({ simulator: unsigned })
    try {
      fleet.simulator.script('trusted', always('5003'))
      await fleet.add({ no_refund: 'trusted' })
      expect(await fleet.event('trusted')).toMatchObject({
        type: 'refund.failed',
        data: { settled_by: 'response', ret_code: '5003' },
      })
      expect(fleet.queries('trusted')).toEqual([])
      expect(await fleet.events('trusted')).toHaveLength(1)
    } finally {
      await fleet.stop()
    }
  })

  test('fail a refund only after queries with LIANLIAN_TRUST_UNSIGNED_REFUSALS=false', async () => {
    const fleet = await startFleet({ simulator: unsigned, settings: { LIANLIAN_TRUST_UNSIGNED_REFUSALS: 'false' } })
    try {
      fleet.simulator.script('untrusted', always('5003'))
      await fleet.add({ no_refund: 'untrusted' })
      expect(await fleet.event('untrusted')).toMatchObject({ type: 'refund.failed', data: { settled_by: 'query' } })
      expect(fleet.submits('untrusted')).toHaveLength(1)
      expect(fleet.queries('untrusted').length).toBeGreaterThanOrEqual(2)
      expect(await fleet.events('untrusted')).toHaveLength(1)
    } finally {
      await fleet.stop()
    }
  })
})

describe('a merchant without balance (5006)', () => {
  const merchant = async () => {
    const fleet = await startFleet({ settings: { HOLD_LOOK_MS: '700' } })
    fleet.simulator.setBalance(PARTNER, 150)
    return fleet
  }

  test('sends nothing more until there is balance again, then goes on by itself', { timeout: 60_000 }, async () => {
    const fleet = await merchant()
    try {
      await fleet.add({ no_refund: 'first', money_refund: '1.00' })
      await fleet.event('first')
      await fleet.add({ no_refund: 'second', money_refund: '1.00' })
      expect(await fleet.held('second')).toMatchObject({ state: 'unknown', holds: ['insufficient_balance'] })
      const others = ['third', 'fourth', 'fifth', 'sixth']
      for (const no_refund of others) await fleet.add({ no_refund, money_refund: '1.00' })
      const refused = () => fleet.simulator.requests.filter(({ ret_code }) => ret_code === '5006')
      await eventually(() => expect(refused().length).toBeGreaterThanOrEqual(4))
      const probes = refused().map(({ at }) => at)
      for (const [index, at] of probes.slice(1).entries()) {
        expect(at - (probes[index] ?? 0), 'a probe sooner than the slow look').toBeGreaterThan(500)
      }
      expect(await fleet.events('second')).toEqual([])

      fleet.simulator.setBalance(PARTNER, 10_000)
      for (const no_refund of ['second', ...others]) {
        expect((await fleet.event(no_refund)).type).toBe('refund.succeeded')
        expect(fleet.moved(no_refund)).toBe(1)
      }
    } finally {
      await fleet.stop()
    }
  })
})
