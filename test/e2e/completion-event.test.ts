import { Queue } from 'bullmq'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { type Fleet, startFleet } from './fleet.ts'
import { PARTNER } from './settings.ts'

describe('a refund added with nothing but its data', () => {
  let fleet: Fleet
  beforeAll(async () => {
    fleet = await startFleet({
      programs: ['submit', 'query', 'publish', 'receive', 'admin'],
      settings: { COMPLETION_QUEUES: 'refund-completed,bookkeeping' },
    })
  })
  afterAll(async () => await fleet?.stop())

  const isoTime = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)

  test('ends in one event of exactly the documented shape', async () => {
    const job = await fleet.refunds.add('refund', {
      no_refund: '2013051500001',
      money_refund: '200.1',
      no_order: '2013051500005',
      oid_paybill: '2013051613121201',
      metadata: { case: 'broken glass' },
    })
    const event = await fleet.event('2013051500001')
    const requested = new Date(job.timestamp)
    const dt_refund = new Date(job.timestamp + 8 * 3_600_000).toISOString().replace(/[-:T]/g, '').slice(0, 14)
    const { settled_by } = event.data
    expect(settled_by).toMatch(/^(notification|response|query)$/)
    expect(event).toStrictEqual({
      specversion: '1.0',
      id: `${PARTNER}/2013051500001/1`,
      source: `/lianlian/refunds/${PARTNER}`,
      type: 'refund.succeeded',
      subject: '2013051500001',
      time: isoTime,
      datacontenttype: 'application/json',
      data: {
        oid_partner: PARTNER,
        no_refund: '2013051500001',
        dt_refund,
        money_refund: '200.10',
        no_order: '2013051500005',
        oid_paybill: '2013051613121201',
        oid_refundno: expect.stringMatching(/^\d{16}$/),
        sta_refund: '2',
        settle_date: expect.stringMatching(/^\d{8}$/),
        ret_code: '0000',
        ret_msg: expect.any(String),
        outcome: 'succeeded',
        settled_by,
        attempts: 1,
        requested_at: requested.toISOString(),
        reasons: [],
        metadata: { case: 'broken glass' },
      },
    })
    const jobs = await fleet.queue('refund-completed').getJobs()
    expect(jobs.map(({ id, name }) => ({ id, name }))).toEqual([
      { id: `${PARTNER}-2013051500001-1`, name: 'refund.succeeded' },
    ])
    expect(await fleet.events(undefined, 'bookkeeping')).toEqual([event])
    expect(fleet.simulator.book).toEqual([expect.objectContaining({ no_refund: '2013051500001', fen: 20_010 })])
  })

  test('sends the documented fields only, the amount with two decimals', async () => {
    await fleet.add({ no_refund: 'fields', money_refund: '5', order_amount: '7.00', metadata: { a: 'b' } })
    await fleet.event('fields')
    const [submit] = fleet.submits('fields')
    expect(Object.keys(submit?.fields ?? {}).toSorted()).toEqual([
      'dt_refund',
      'money_refund',
      'no_order',
      'no_refund',
      'notify_url',
      'oid_partner',
      'sign',
      'sign_type',
    ])
    expect(submit?.fields.money_refund).toBe('5.00')
  })

  test('an exchange refund goes to its own address and its event tells the foreign amount', async () => {
    await fleet.add({ no_refund: 'exchange', money_refund: '200.01', kind: 'exchange' })
    const event = await fleet.event('exchange')
    expect(event.data).toMatchObject({
      money_foreign_refund: '30.03',
      rate: '6.66',
      rate_id: '1',
      exchange_bankcode: '01040000',
    })
    expect(fleet.submits('exchange').map(({ path }) => path)).toEqual(['/exchangerefund.htm'])
  })

  test('added again, with and without a job id, by two producers at once, moves money once', async () => {
    const own = new Redis(fleet.settings.REDIS_URL ?? '', { maxRetriesPerRequest: null })
    const other = new Queue('refund', { connection: own, prefix: fleet.settings.QUEUE_PREFIX ?? '' })
    try {
      const data = { no_refund: 'twice', money_refund: '3.00', no_order: 'order-twice' }
      const added = await Promise.all([
        ...[1, 2, 3].map(async () => await fleet.refunds.add('refund', data)),
        ...[1, 2, 3].map(async () => await other.add('whatever', { ...data, oid_partner: PARTNER })),
        fleet.refunds.add('refund', data, { jobId: 'refund-mine' }),
        other.add('refund', data, { jobId: 'refund-mine' }),
        other.add('refund', { ...data, money_refund: '3' }, { jobId: 'refund-other', attempts: 5, priority: 3 }),
      ])
      await fleet.event('twice')
      const again = await Promise.all([
        fleet.refunds.add('refund', data),
        other.add('refund', data, { jobId: 'refund-mine-later', removeOnComplete: true }),
        fleet.refunds.add('refund', data, { delay: 50 }),
      ])
      const ids = new Set([...added, ...again].map(({ id }) => id ?? ''))
      await eventually(async () => {
        const states = await Promise.all([...ids].map(async (id) => await fleet.refunds.getJobState(id)))
        expect(new Set(states)).toEqual(new Set(['completed']))
      })
      expect(fleet.moved('twice')).toBe(1)
      expect(fleet.submits('twice')).toHaveLength(1)
      expect(await fleet.events('twice')).toHaveLength(1)
      expect(await fleet.events('twice', 'bookkeeping')).toHaveLength(1)
    } finally {
      await other.close()
      own.disconnect()
    }
  })

  test('a job completes when the gateway has accepted the refund, before the money has moved', async () => {
    fleet.simulator.script('slowly', { settle_ms: 2500, notify: [] })
    const id = await fleet.add({ no_refund: 'slowly' })
    await eventually(async () => expect(await fleet.refunds.getJobState(id)).toBe('completed'), { timeoutMs: 2000 })
    expect(fleet.moved('slowly')).toBe(0)
    expect(await fleet.events('slowly')).toEqual([])
    await fleet.event('slowly')
    expect(fleet.moved('slowly')).toBe(1)
  })
})
