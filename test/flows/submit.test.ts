import { describe, expect, test } from 'vitest'
import { submitJob } from '../../src/flows/submit.ts'
import { idOf } from '../ledger/fixture.ts'
import { BAD_DATA, DATA, defaults, FEN, NUMBER, OTHER_CONTENT, queries, submits } from '../refund/builders.ts'
import { world } from './world.ts'

const SLOW = {
  policy: { retry: { baseMs: 60_000, factor: 1, capMs: 60_000, jitter: 0 }, queryDelaysMs: [60_000] },
} as const

describe('a refund job', () => {
  test('is accepted, sent with what it said, and done', async () => {
    const { submit, gateway, record } = world()
    expect(await submit()).toEqual({ kind: 'done', state: 'processing' })
    expect(gateway.book).toEqual([(await record()).request])
    expect(gateway.book).toMatchObject([{ no_refund: NUMBER, fen: FEN, no_order: DATA.no_order, kind: 'domestic' }])
  })

  test('is sent under a claim that stands in the ledger before the request leaves', async () => {
    const { submit, gateway, record } = world()
    gateway.submitScript.push(async (request, mayWrite) => {
      expect(await record()).toMatchObject({ state: 'sending', attempts: [{ number: 1, fate: 'open' }] })
      return gateway.honestly(request, mayWrite)
    })
    await submit()
    expect(gateway.paymentsOf(NUMBER)).toBe(1)
  })

  test('ends at once when the gateway settles it at once, with its event', async () => {
    const { submit, gateway, at } = world()
    gateway.status = '2'
    expect(await submit()).toEqual({ kind: 'done', state: 'succeeded' })
    expect(await at.events()).toMatchObject([{ type: 'refund.succeeded', data: { settled_by: 'response' } }])
  })

  test('moves money once, though it comes again and again', async () => {
    const { submit, gateway } = world(SLOW)
    await submit()
    expect(await submit({}, 'job-2')).toEqual({ kind: 'done', state: 'processing' })
    expect(await submit({}, 'job-3')).toEqual({ kind: 'done', state: 'processing' })
    expect(gateway.submitCalls).toBe(1)
    expect(gateway.queryCalls).toBe(0)
  })

  test('moves money once, though twenty come at the same time in two processes', async () => {
    const one = world(SLOW)
    const two = world({ ...SLOW, with: one })
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? one : two).submit({}, `job-${index}`)),
    )
    expect(one.gateway.submitCalls).toBe(1)
    expect(one.gateway.paymentsOf(NUMBER)).toBe(1)
    for (const result of results) expect(result.kind).toBe('done')
    expect((await one.record()).attempts).toHaveLength(1)
  })

  test('with faulty data fails with every fault, and says so in an event', async () => {
    const { submit, gateway, at } = world()
    const result = await submit({ ...BAD_DATA, money_order: '1.00', no_order: 7 })
    expect(result).toMatchObject({
      kind: 'failed',
      faults: expect.arrayContaining([
        expect.stringContaining('money_refund'),
        expect.stringContaining('money_order'),
        expect.stringContaining('no_order'),
      ]),
    })
    expect(gateway.submitCalls).toBe(0)
    expect(await at.events()).toMatchObject([{ type: 'refund.rejected', subject: NUMBER }])
  })

  test('without a usable number fails without an event', async () => {
    const { submit, at } = world()
    expect((await submit({ no_refund: 'a b' })).kind).toBe('failed')
    expect((await submit({ oid_partner: '209999999999999999' })).kind).toBe('failed')
    expect(await at.events()).toEqual([])
  })

  test('with other content than the refund of its number fails, and leaves that refund alone', async () => {
    const { submit, gateway, record, at } = world()
    await submit()
    const before = await record()
    expect(await submit(OTHER_CONTENT)).toMatchObject({
      kind: 'failed',
      faults: [expect.stringContaining('no_refund_conflict')],
    })
    expect(await record()).toEqual(before)
    expect(gateway.submitCalls).toBe(1)
    expect(await at.events()).toEqual([])
  })

  test('beyond its order fails with the reason, before anything is sent', async () => {
    const { submit, gateway } = world()
    await submit({ order_amount: '200.01' })
    expect(await submit({ no_refund: 'second', money_refund: '0.01' })).toMatchObject({
      kind: 'failed',
      faults: [expect.stringContaining('over_refund')],
    })
    expect(gateway.submitCalls).toBe(1)
  })

  test('of a held refund is done: a person has it now', async () => {
    const { submit, gateway, record } = world({ policy: { maxRefundFen: 1 } })
    expect(await submit()).toEqual({ kind: 'done', state: 'waiting' })
    expect(await record()).toMatchObject({ holds: ['cap'] })
    expect(gateway.submitCalls).toBe(0)
  })

  test('carries the next look itself, after the backoff, when the answer was unclear', async () => {
    const { submit, gateway } = world(SLOW)
    gateway.submitScript.push(gateway.silently)
    const result = await submit()
    expect(result).toMatchObject({ kind: 'later' })
    expect(result.kind === 'later' ? result.delayMs : 0).toBeGreaterThan(50_000)
  })

  test('that was taken over by another job is done, and the other carries on', async () => {
    const { submit, look, gateway, dueTime } = world({
      policy: { retry: { baseMs: 1000, factor: 1, capMs: 1000, jitter: 0 } },
    })
    gateway.submitScript.push(gateway.silently)
    gateway.queryScript.push(() => queries.silent)
    expect((await submit({}, 'first')).kind).toBe('later')
    await dueTime()
    await look(NUMBER, 'second')
    expect(await submit({}, 'first')).toEqual({ kind: 'done', state: 'unknown' })
    expect((await submit({}, 'second')).kind).toBe('later')
  })

  test('of a merchant that is not configured here is not sent, and not lost', async () => {
    const { submit, engine, record, at } = world(SLOW)
    const alone = { ...engine, gatewayOf: () => undefined }

    const result = await submitJob(alone, defaults().merchants, { id: 'job-1', data: DATA, timestamp: Date.now() })
    expect(result.kind).toBe('later')
    expect(await record()).toMatchObject({ state: 'waiting', attempts: [{ fate: 'never_left' }] })
    expect(await at.redis.zcard(at.keys.due)).toBe(1)
    expect((await submit()).kind).toBe('later')
  })

  test('is not sent when its claim is on too few replicas', async () => {
    const { submit, gateway, record } = world({ ...SLOW, waitReplicas: 1 })
    expect((await submit()).kind).toBe('later')
    expect(gateway.submitCalls).toBe(0)
    expect(await record()).toMatchObject({ state: 'waiting', attempts: [{ fate: 'never_left' }] })
  })
})

describe('a refusal', () => {
  test('that is definite ends the refund, once, with its event', async () => {
    const { submit, gateway, at, settle } = world()
    gateway.submitScript.push(() => submits.refused)
    expect(await submit()).toEqual({ kind: 'done', state: 'failed' })
    await settle()
    expect(gateway.submitCalls).toBe(1)
    expect((await at.events()).map(({ type }) => type)).toEqual(['refund.failed'])
  })

  test('that is not sure ends it after enough denials, without another send', async () => {
    const { submit, gateway, settle } = world()
    gateway.submitScript.push(() => submits.refusedUnsure)
    await submit()
    expect(await settle()).toMatchObject({ state: 'failed', settled_by: 'query' })
    expect(gateway.submitCalls).toBe(1)
  })
})

test('a number that the gateway knows already is asked about, and never sent again', async () => {
  const { submit, gateway, settle } = world()
  gateway.submitScript.push(async (request, mayWrite) => {
    await gateway.honestly(request, mayWrite)
    gateway.status = '2'
    return submits.alreadyKnown
  })
  expect(await submit()).toEqual({ kind: 'done', state: 'processing' })
  expect((await settle()).state).toBe('succeeded')
  expect(gateway.submitCalls).toBe(1)
})

test('what was counted says how the gateway answered', async () => {
  const { submit, gateway, at, settle } = world()
  gateway.submitScript.push(() => submits.timeout)
  await submit()
  gateway.status = '2'
  await settle()
  expect(await at.ledger.counted()).toMatchObject({
    'submit:unclear:none': 1,
    'time:submit:unclear:50': 1,
    'query:denied:8901': 1,
    'time:query:denied:50': 1,
    'submit:accepted:0000': 1,
    'event:refund.succeeded': 1,
  })
  expect(await at.record(idOf(NUMBER))).toMatchObject({ state: 'succeeded' })
})

describe('a job whose refund needs it no longer', () => {
  test.for([
    ['taken by the gateway', {}],
    ['rejected', { money_refund: '1.' }],
  ] as const)('stays until replicas have the record of the refund, which is %s', async ([, data]) => {
    let kept = false
    const at = world({
      wrap: (ledger) => ({ ...ledger, confirmed: async (_id, token) => token !== undefined || kept }),
    })
    expect(await at.submit(data)).toEqual({ kind: 'later', delayMs: 1000 })
    expect((await at.submit(data)).kind).toBe('later')
    kept = true
    expect((await at.submit(data)).kind).not.toBe('later')
    expect(at.gateway.submitCalls).toBeLessThanOrEqual(1)
    expect(await at.at.events()).toHaveLength('money_refund' in data ? 1 : 0)
  })

  test('ends without asking replicas when the ledger has no record to keep', async () => {
    const at = world({ wrap: (ledger) => ({ ...ledger, confirmed: async () => false }) })
    const unknownMerchant = await at.submit({ oid_partner: '1' })
    expect(unknownMerchant.kind).toBe('failed')
  })
})
