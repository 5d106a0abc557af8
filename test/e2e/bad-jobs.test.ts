import type { Job } from 'bullmq'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { type Fleet, startFleet } from './fleet.ts'
import { notification } from './notification.ts'
import { merchantKeys, PARTNER } from './settings.ts'

const concurrent = { concurrent: true, timeout: 60_000 }

/** Adds any data at all and waits until its job has failed. */
async function failedJob(fleet: Fleet, data: unknown): Promise<Job> {
  const { id = '' } = await fleet.refunds.add('refund', data)
  return await eventually(async () => {
    if ((await fleet.refunds.getJobState(id)) !== 'failed') return false
    return (await fleet.refunds.getJob(id)) ?? false
  })
}

describe('a job with bad data', () => {
  let fleet: Fleet
  beforeAll(async () => {
    fleet = await startFleet()
  })
  afterAll(async () => await fleet?.stop())

  test('is failed with every fault named at once, and refund.rejected says the same', concurrent, async () => {
    const job = await failedJob(fleet, {
      no_refund: 'many',
      money_refund: '1.',
      money_order: '1.00',
      no_order: 'a&b',
      oid_paybill: 'x'.repeat(33),
      dt_order: '20260230120000',
      dt_refund: '2026',
      notify_url: 'ftp://example.com',
      kind: 'foreign',
      order_amount: '.5',
      metadata: { a: 1 },
      schema_version: '2',
      extra: 'x',
    })
    const named = ['money_refund', 'no_order', 'oid_paybill', 'dt_order', 'dt_refund', 'notify_url', 'kind']
    const further = ['order_amount', 'metadata', 'schema_version', 'money_order', 'extra']
    for (const field of [...named, ...further]) expect(job.failedReason).toContain(field)
    expect(job.failedReason).toMatch(/money_order[^;]*money_refund/)
    const event = await fleet.event('many')
    expect(event).toMatchObject({
      id: `${PARTNER}/many/1`,
      type: 'refund.rejected',
      data: { oid_partner: PARTNER, no_refund: 'many', outcome: 'rejected', settled_by: 'validation', attempts: 0 },
    })
    const { reasons } = event.data
    expect(Array.isArray(reasons) && reasons.join('; ')).toBe(job.failedReason)
    expect(Object.values(event.data)).not.toContain(null)
    expect(fleet.submits('many')).toEqual([])
  })

  const one = { money_refund: '1.00', no_order: 'o-1' }
  const faulty: Record<string, { data: Record<string, unknown>; names: string }> = {
    'null for an optional field': { data: { ...one, dt_order: null }, names: 'dt_order' },
    'a number for a text': { data: { ...one, money_refund: 1.5 }, names: 'money_refund' },
    'an amount of nothing': { data: { ...one, money_refund: '0.00' }, names: 'money_refund' },
    'an amount above the bound': { data: { ...one, money_refund: '100000000.01' }, names: 'money_refund' },
    'three decimals': { data: { ...one, money_refund: '1.001' }, names: 'money_refund' },
    'neither order number': { data: { money_refund: '1.00' }, names: 'no_order' },
    'a space in an order number': { data: { money_refund: '1.00', no_order: 'a b' }, names: 'no_order' },
    'a long notify_url': {
      data: { ...one, notify_url: `https://example.com/${'x'.repeat(120)}` },
      names: 'notify_url',
    },
    'too much metadata': { data: { ...one, metadata: { a: 'x'.repeat(5000) } }, names: 'metadata' },
    'nested metadata': { data: { ...one, metadata: { a: { b: 'c' } } }, names: 'metadata' },
    'no amount': { data: { no_order: 'o-1' }, names: 'money_refund' },
    'an own sign': { data: { ...one, sign: 'x' }, names: 'sign' },
  }
  test.each(Object.entries(faulty))(
    '%s: refused, one refund.rejected, nothing sent',
    concurrent,
    async (what, given) => {
      const no_refund = what.replaceAll(' ', '-')
      const job = await failedJob(fleet, { no_refund, ...given.data })
      expect(job.failedReason).toContain(given.names)
      expect(await fleet.event(no_refund)).toMatchObject({ type: 'refund.rejected', data: { outcome: 'rejected' } })
      await failedJob(fleet, { no_refund, ...given.data })
      expect(await fleet.events(no_refund)).toHaveLength(1)
      expect(fleet.submits(no_refund)).toEqual([])
    },
  )

  const nameless: Record<string, unknown> = {
    'no number': { ...one },
    'a number of another form': { ...one, no_refund: 'a/b' },
    'a number as a number': { ...one, no_refund: 12 },
    'a number of 33': { ...one, no_refund: 'x'.repeat(33) },
    'another merchant': { ...one, no_refund: 'other-merchant', oid_partner: '201103171000000999' },
    'a malformed merchant': { ...one, no_refund: 'malformed-merchant', oid_partner: '123' },
    'a list': [{ ...one, no_refund: 'in-a-list' }],
    'a text': 'no_refund=1',
    nothing: null,
  }
  test.each(Object.entries(nameless))('%s: only a failed job with reasons', concurrent, async (_what, data) => {
    const job = await failedJob(fleet, data)
    expect(job.failedReason).toMatch(/expected|required|not a configured merchant/)
    expect(job.stacktrace?.join('')).not.toContain('TypeError')
  })

  test('jobs without a usable number or merchant make no event and no call', async () => {
    const known = new Set(['many', ...Object.keys(faulty).map((what) => what.replaceAll(' ', '-'))])
    const events = await fleet.events()
    expect(events.filter(({ subject }) => !known.has(subject))).toEqual([])
    expect(fleet.simulator.requests).toEqual([])
  })

  test('a job that another one takes down with it is told of in the log', async () => {
    const id = await fleet.add({ no_refund: 'taken-down' }, { delay: 1_000 })
    const parent = { id, queue: fleet.refunds.qualifiedName }
    await fleet.refunds.add('refund', { no_refund: 1 }, { parent, failParentOnFailure: true })
    await eventually(async () => (await fleet.refunds.getJobState(id)) === 'failed')
    const told = await eventually(() => {
      const [worker] = fleet.workers
      return worker?.log().find(({ msg }) => msg === 'a job was failed by one that names it as its parent') ?? false
    })
    expect(told).toMatchObject({ queue: 'refund', job: id, no_refund: 'taken-down', reason: expect.any(String) })
    expect(await fleet.standing('taken-down')).toBeUndefined()
  })

  test('after a rejection the same number may come again with other content', async () => {
    await failedJob(fleet, { no_refund: 'mended', money_refund: '1.005', no_order: 'o-2' })
    expect((await fleet.event('mended')).type).toBe('refund.rejected')
    await fleet.add({ no_refund: 'mended', money_refund: '1.05', no_order: 'o-2' })
    await eventually(async () => {
      const events = (await fleet.events('mended')).map(({ id, type }) => `${id} ${type}`).toSorted()
      expect(events).toEqual([`${PARTNER}/mended/1 refund.rejected`, `${PARTNER}/mended/2 refund.succeeded`])
    })
    expect(fleet.moved('mended')).toBe(1)
  })
})

let other: Fleet
beforeAll(async () => {
  other = await startFleet()
})
afterAll(async () => await other?.stop())

describe('a number used again with other content', () => {
  let fleet: Fleet
  beforeAll(() => {
    fleet = other
    fleet.simulator.script('open', { settle_ms: 60_000 })
  })

  const first = { money_refund: '2.00', no_order: 'order-1', dt_order: '20261101000000', dt_refund: '20261120120000' }
  const changes = [
    { money_refund: '2.01' },
    { no_order: 'order-2' },
    { oid_paybill: 'bill-1' },
    { dt_order: '20261101000001' },
    { dt_refund: '20261120120001' },
    { kind: 'exchange' },
  ]

  test.each(['settled', 'open'])('while the first is %s: the job fails, the first is untouched', async (no_refund) => {
    await fleet.add({ no_refund, ...first })
    if (no_refund === 'settled') await fleet.event(no_refund)
    else await eventually(async () => expect((await fleet.standing(no_refund))?.state).toBe('processing'))
    const before = await fleet.standing(no_refund)
    for (const change of changes) {
      const job = await failedJob(fleet, { no_refund, ...first, ...change })
      expect(job.failedReason).toContain('no_refund_conflict')
    }
    const unreadable = await failedJob(fleet, { no_refund, ...first, money_refund: '2.' })
    expect(unreadable.failedReason).toContain('money_refund')
    expect(await fleet.standing(no_refund)).toEqual(before)
    expect(await fleet.events(no_refund)).toHaveLength(no_refund === 'settled' ? 1 : 0)
    expect(fleet.submits(no_refund)).toHaveLength(1)
  })

  test('what is not content may differ: the first job wins', async () => {
    const { dt_refund: _dated, ...undated } = first
    const id = await fleet.add({
      no_refund: 'settled',
      ...undated,
      money_refund: '2',
      metadata: { other: 'x' },
      notify_url: 'https://example.com/other',
    })
    await eventually(async () => expect(await fleet.refunds.getJobState(id)).toBe('completed'))
    expect(fleet.submits('settled')).toHaveLength(1)
    expect((await fleet.events('settled')).map(({ data }) => data.metadata)).toEqual([{}])
  })
})

describe('refunds of one order together', () => {
  let fleet: Fleet
  beforeAll(() => {
    fleet = other
  })

  test('may not exceed order_amount, however many come at once', async () => {
    const order = { no_order: 'order-10', order_amount: '10.00', money_refund: '3.00' }
    const numbers = ['part-1', 'part-2', 'part-3', 'part-4', 'part-5', 'part-6']
    await Promise.all(numbers.map(async (no_refund) => await fleet.add({ no_refund, ...order })))
    const types = await Promise.all(numbers.map(async (no_refund) => (await fleet.event(no_refund)).type))
    expect(types.toSorted()).toEqual([
      ...Array.from({ length: 3 }, () => 'refund.rejected'),
      ...Array.from({ length: 3 }, () => 'refund.succeeded'),
    ])
    expect(fleet.simulator.book.filter(({ no_refund }) => no_refund.startsWith('part-'))).toHaveLength(3)
    const rejected = numbers.find((_, index) => types[index] === 'refund.rejected') ?? ''
    expect((await fleet.event(rejected)).data.reasons).toEqual([expect.stringContaining('over_refund')])
    expect(fleet.submits(rejected)).toEqual([])
  })

  test('a failed refund gives its part back', async () => {
    const order = { no_order: 'order-5', order_amount: '5.00', money_refund: '5.00' }
    fleet.simulator.script('fails', { final: '3' })
    await fleet.add({ no_refund: 'fails', ...order })
    expect((await fleet.event('fails')).type).toBe('refund.failed')
    await fleet.add({ no_refund: 'instead', ...order })
    expect((await fleet.event('instead')).type).toBe('refund.succeeded')
  })

  test('another order_amount than the first is refused', async () => {
    await fleet.add({ no_refund: 'amount-1', no_order: 'order-7', order_amount: '7.00' })
    await fleet.event('amount-1')
    await failedJob(fleet, { no_refund: 'amount-2', no_order: 'order-7', order_amount: '70.00', money_refund: '1.00' })
    expect((await fleet.event('amount-2')).data.reasons).toEqual([expect.stringContaining('order_amount')])
    expect(fleet.submits('amount-2')).toEqual([])
  })
})

describe('a job that the ledger may have forgotten', () => {
  const DAY_MS = 86_400_000

  test('is asked about before it is sent, and paid once', async () => {
    const timestamp = Date.now() - 31 * DAY_MS
    await other.add({ no_refund: 'old' }, { timestamp })
    expect(await other.event('old')).toMatchObject({ type: 'refund.succeeded', data: { attempts: 1 } })
    const calls = other.simulator.requests.filter(({ fields }) => fields.no_refund === 'old').map(({ path }) => path)
    expect(calls.indexOf('/refund.htm')).toBeGreaterThanOrEqual(2)
    expect(other.submits('old')).toHaveLength(1)
    expect(other.moved('old')).toBe(1)
  })

  test('and that the gateway knows is not sent at all', async () => {
    const dt_refund = '20260101000000'
    const data = { no_refund: 'known', money_refund: '1.00', no_order: 'known', dt_refund }
    const sentBefore = notification(
      { ...data, oid_partner: PARTNER, notify_url: other.notifyUrl },
      merchantKeys.privateKey,
    )
    await fetch(`${other.simulator.url}/refund.htm`, {
      method: 'POST',
      headers: { 'content-type': 'application/json;charset=utf-8' },
      body: sentBefore,
    })
    await other.add(data)
    expect((await other.event('known')).type).toBe('refund.succeeded')
    expect(other.submits('known')).toHaveLength(1)
    expect(other.moved('known')).toBe(1)
  })
})

test('a job without notify_url where settings give none fails and makes no event', async () => {
  const fleet = await startFleet({ settings: { LIANLIAN_NOTIFY_URL: '' } })
  try {
    const job = await failedJob(fleet, { no_refund: 'no-url', money_refund: '1.00', no_order: 'o-1' })
    expect(job.failedReason).toContain('notify_url')
    await fleet.add({ no_refund: 'own-url', notify_url: fleet.notifyUrl })
    await fleet.event('own-url')
    expect(await fleet.events('no-url')).toEqual([])
    expect(fleet.submits('no-url')).toEqual([])
  } finally {
    await fleet.stop()
  }
})
