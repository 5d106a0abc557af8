import { describe, expect, test } from 'vitest'
import {
  type Cancellation,
  createProducer,
  QueueUnavailableError,
  RefundDataError,
} from '../../src/package/producer.ts'
import { refundView } from '../../src/refund/view.ts'
import { sent } from '../cli/mix.ts'
import { accepted, idOf, seenJob } from '../ledger/fixture.ts'
import { DATA, notice, operator, PARTNER, submits } from '../refund/builders.ts'
import { cleanUp } from '../support/clean-up.ts'
import { freePort } from '../support/free-port.ts'
import { testNamespace } from '../support/redis.ts'
import { bench } from './bench.ts'

const NUMBER = DATA.no_refund

describe('a refund that is looked up', () => {
  test('and is unknown is undefined', async () => {
    expect(await bench().producer.getRefund('nothing')).toBeUndefined()
  })

  test('and that no worker has taken is queued, also where its job leaves the merchant to the workers', async () => {
    const { producer, queue } = bench()
    await producer.enqueueRefund(DATA)
    await queue.add('refund', { ...DATA, no_refund: 'plain' }, { jobId: 'refund-default-plain' })
    for (const no_refund of [NUMBER, 'plain']) {
      expect(await producer.getRefund(no_refund)).toEqual({
        oid_partner: PARTNER,
        no_refund,
        state: 'queued',
        requested_at: expect.stringMatching(/Z$/),
      })
    }
  })

  test('is shown as the ledger has it: state, holds, answers and times', async () => {
    const { at, producer } = bench()
    await accepted(at)
    await sent(at, 'paid', submits.accepted('2'))
    await sent(at, 'poor', submits.noBalance)
    expect(await producer.getRefund(NUMBER)).toEqual(refundView(await at.record(idOf(NUMBER))))
    expect(await producer.getRefund('paid')).toMatchObject({ state: 'succeeded', attempts: 1, sta_refund: '2' })
    expect(await producer.getRefund('poor')).toMatchObject({ holds: ['insufficient_balance'], ret_code: '5006' })
    expect(await producer.getRefund('paid', { oid_partner: '201103171000000001' })).toBeUndefined()
  })

  test('and was refused for its data says why', async () => {
    const { producer, queue, take } = bench()
    await queue.add('refund', { ...DATA, money_refund: '1.' }, { jobId: `refund-${PARTNER}-bad` })
    await (await take()).moveToFailed(new Error('money_refund: expected yuan'), 'token', false)
    expect(await producer.getRefund('bad')).toMatchObject({
      state: 'refused',
      reasons: ['money_refund: expected yuan'],
    })
  })

  test('and was settled long ago is retired', async () => {
    const { at, producer } = bench()
    await sent(at, 'old', submits.accepted('2'))
    await at.ledger.retire(-60_000, 10)
    expect(await producer.getRefund('old')).toEqual({ ...idOf('old'), state: 'retired' })
  })

  test('needs a merchant', async () => {
    const { redisUrl } = testNamespace()
    const producer = createProducer({ redis: redisUrl })
    cleanUp(async () => await producer.close())
    await expect(producer.getRefund(NUMBER)).rejects.toThrow(RefundDataError)
    await expect(producer.cancelRefund(NUMBER, { reason: 'x' })).rejects.toThrow(RefundDataError)
  })

  test('while Redis is away fails soon, with a stable code', async () => {
    const producer = createProducer({ redis: `redis://127.0.0.1:${await freePort()}`, oid_partner: PARTNER })
    cleanUp(async () => await producer.close())
    await expect(producer.getRefund(NUMBER)).rejects.toThrow(QueueUnavailableError)
    await expect(producer.cancelRefund(NUMBER, { reason: 'x' })).rejects.toMatchObject({ code: 'queue_unavailable' })
  })
})

describe('a refund that is cancelled', () => {
  const word = { reason: 'entered twice', by: 'ann' }

  test('while it waits in the ledger is rejected, with its event, its reason and who did it', async () => {
    const { at, producer } = bench()
    await accepted(at)
    expect(await producer.cancelRefund(NUMBER, word)).toMatchObject({
      outcome: 'cancelled',
      refund: { state: 'rejected', reasons: ['cancelled: entered twice'], attempts: 0 },
    })
    expect(await at.events()).toMatchObject([{ type: 'refund.rejected', subject: NUMBER }])
    const trail = await at.ledger.trail(idOf(NUMBER))
    expect(JSON.parse(trail.at(-1) ?? '')).toMatchObject({ observation: 'cancel', by: 'ann' })
    expect(await at.redis.zscore(at.keys.due, `${PARTNER}:${NUMBER}`)).toBeNull()
  })

  test('twice is cancelled once', async () => {
    const { at, producer } = bench()
    await accepted(at)
    const outcomes = await Promise.all([1, 2, 3].map(async () => await producer.cancelRefund(NUMBER, word)))
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['cancelled', 'cancelled', 'cancelled'])
    expect(await at.events()).toHaveLength(1)
  })

  test.for([
    ['may have been sent', submits.timeout],
    ['is with the gateway', submits.accepted('0')],
    ['succeeded', submits.accepted('2')],
    ['failed', submits.refused],
    ['waits for balance', submits.noBalance],
  ] as const)('is left alone when it %s', async ([, outcome]) => {
    const { at, producer } = bench()
    await sent(at, 'gone', outcome)
    const before = await at.record(idOf('gone'))
    expect(await producer.cancelRefund('gone', word)).toEqual({ outcome: 'refused', reasons: [expect.any(String)] })
    expect(await at.record(idOf('gone'))).toEqual(before)
  })

  test('is left alone when its record is from before a restore, and could have been sent since', async () => {
    const { at, producer } = bench()
    await accepted(at)
    await at.ledger.setSafeStart(Date.now() + 60_000)
    expect(await producer.cancelRefund(NUMBER, word)).toMatchObject({
      outcome: 'refused',
      reasons: [expect.stringContaining('restored')],
    })
  })

  test('is left alone when a person would not free it either, for the gateway has spoken of its number', async () => {
    const { at, producer } = bench()
    await at.ledger.keepUnmatched(idOf('spoken'), notice('2').notice)
    expect(await producer.cancelRefund('spoken', word)).toMatchObject({
      outcome: 'refused',
      reasons: [expect.stringContaining('notification')],
    })
  })

  test('and was settled long ago is left alone', async () => {
    const { at, producer } = bench()
    await sent(at, 'old', submits.accepted('2'))
    await at.ledger.retire(-60_000, 10)
    expect(await producer.cancelRefund('old', word)).toMatchObject({ outcome: 'refused' })
  })

  test.for([
    ['rejected', undefined, 'rejected already'],
    ['succeeded', submits.accepted('2'), 'succeeded already'],
    ['unknown', submits.timeout, 'may have been sent'],
  ] as const)('and is %s says so, and nothing that is not true', async ([, outcome, said]) => {
    const { at, producer } = bench()
    if (outcome) await sent(at, NUMBER, outcome)
    else await at.see(idOf(NUMBER), seenJob({ money_refund: '1.' }))
    const told = await producer.cancelRefund(NUMBER, word)
    expect(told).toEqual({ outcome: 'refused', reasons: [expect.stringContaining(said)] })
  })

  test('needs a reason', async () => {
    const { at, producer } = bench()
    await accepted(at)
    const untyped: readonly object[] = [{}, { reason: '' }, { reason: ' ' }, { reason: 7 }, { reason: 'x', by: '' }]
    for (const given of untyped) {
      await expect(producer.cancelRefund(NUMBER, given as Cancellation)).rejects.toThrow(RefundDataError)
    }
    expect(await producer.getRefund(NUMBER)).toMatchObject({ state: 'waiting' })
  })

  test("and looked up, for another merchant than the producer's own, is not a job that names none", async () => {
    const { producer, queue } = bench()
    await queue.add('refund', DATA, { jobId: `refund-default-${NUMBER}` })
    const another = { oid_partner: '201103171000000001' }
    expect(await producer.getRefund(NUMBER, another)).toBeUndefined()
    expect(await producer.cancelRefund(NUMBER, { ...word, ...another })).toEqual({ outcome: 'unknown' })
    expect(await queue.getWaitingCount()).toBe(1)
    expect(await producer.cancelRefund(NUMBER, word)).toEqual({ outcome: 'withdrawn' })
  })

  test('before any worker saw it is taken off the queue, and may be added anew', async () => {
    const { producer, queue } = bench()
    await producer.enqueueRefund(DATA)
    expect(await producer.cancelRefund(NUMBER, word)).toEqual({ outcome: 'withdrawn' })
    expect(await queue.getJobCountByTypes('waiting', 'delayed', 'prioritized')).toBe(0)
    expect(await producer.cancelRefund(NUMBER, word)).toEqual({ outcome: 'unknown' })
    await producer.enqueueRefund({ ...DATA, money_refund: '1.00' })
    expect(await producer.getRefund(NUMBER)).toMatchObject({ state: 'queued' })
  })

  test('while a worker has its job is busy, and stays on the queue', async () => {
    const { producer, queue, take } = bench()
    await producer.enqueueRefund(DATA)
    const job = await take()
    expect(await producer.cancelRefund(NUMBER, word)).toEqual({ outcome: 'busy' })
    await job.moveToDelayed(Date.now() + 60_000, 'token')
    // the ledger does not have it, but a worker has seen it: a failover may have lost the record
    expect(await producer.cancelRefund(NUMBER, word)).toEqual({ outcome: 'busy' })
    expect(await queue.getDelayedCount()).toBe(1)
  })

  test('is not taken off the queue when its job is from before a restore', async () => {
    const { at, producer, queue } = bench()
    await producer.enqueueRefund(DATA)
    await at.ledger.setSafeStart(Date.now() + 60_000)
    expect(await producer.cancelRefund(NUMBER, word)).toMatchObject({ outcome: 'refused' })
    expect(await queue.getWaitingCount()).toBe(1)
  })

  test('in the moment in which a worker accepts it is judged by what the ledger then has', async () => {
    for (let round = 0; round < 20; round++) {
      const { at, producer, take } = bench()
      await producer.enqueueRefund(DATA)
      const [outcome] = await Promise.all([
        producer.cancelRefund(NUMBER, word),
        take().then(
          async () => await accepted(at),
          () => undefined,
        ),
      ])
      const { record } = await at.ledger.read(idOf(NUMBER))
      const stands = {
        withdrawn: undefined,
        cancelled: 'rejected',
        busy: record?.state,
        unknown: 'never',
        refused: 'never',
      }
      expect(record?.state).toBe(stands[outcome.outcome])
      expect(record?.state).not.toBe('sending')
    }
  })
})

test('an operator may still act on what a producer enqueued', async () => {
  const { at, producer } = bench()
  await accepted(at)
  await at.see(idOf(NUMBER), operator.hold)
  expect(await producer.getRefund(NUMBER)).toMatchObject({ state: 'waiting', holds: ['operator'] })
  expect(await producer.cancelRefund(NUMBER, { reason: 'x' })).toMatchObject({ outcome: 'cancelled' })
})
