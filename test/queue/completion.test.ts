import { Queue, Worker } from 'bullmq'
import { describe, expect, test } from 'vitest'
import { completionQueue, eventJobId } from '../../src/queue/completion.ts'
import { cleanUp } from '../support/clean-up.ts'
import { eventually } from '../support/eventually.ts'
import { openRedis, testNamespace } from '../support/redis.ts'
import { fail } from './fail.ts'

const PARTNER = '201103171000000000'

function open(): { subscriber: ReturnType<typeof completionQueue>; queue: Queue; prefix: string } {
  const { queuePrefix: prefix } = testNamespace()
  const connection = openRedis()
  const subscriber = completionQueue('refund-completed', connection, { prefix, waitReplicas: 0, onError: fail })
  cleanUp(async () => await subscriber.close())
  const queue = new Queue('refund-completed', { connection, prefix })
  cleanUp(async () => await queue.close())
  return { subscriber, queue, prefix }
}

function event(path: string, type = 'refund.succeeded'): { id: string; type: string; data: object } {
  return { id: `${PARTNER}/${path}`, type, data: { money_refund: '200.01', metadata: { till: '7' } } }
}

const texts = (...events: object[]): string[] => events.map((each) => JSON.stringify(each))

describe('a subscriber', () => {
  test('gets the event as it is, under its type', async () => {
    const { subscriber, queue } = open()
    await subscriber.publish(texts(event('one/1')))
    expect(await queue.getWaiting()).toMatchObject([
      { id: `${PARTNER}-one-1`, name: 'refund.succeeded', data: event('one/1') },
    ])
  })

  test('has each event once, though it was published twice, and twice at once', async () => {
    const { subscriber, queue } = open()
    const batch = texts(event('one/1'), event('two/1'), event('one/2', 'refund.corrected'))
    await subscriber.publish(batch)
    await Promise.all([subscriber.publish(batch), subscriber.publish(texts(event('one/1'), event('one/1')))])
    expect(new Set((await queue.getWaiting()).map(({ id }) => id))).toEqual(
      new Set([`${PARTNER}-one-1`, `${PARTNER}-one-2`, `${PARTNER}-two-1`]),
    )
  })

  test('sees an event once, though it is published again after it was worked off', async () => {
    const { subscriber, queue, prefix } = open()
    let seen = 0
    const worker = new Worker(
      'refund-completed',
      async () => {
        seen += 1
      },
      { connection: openRedis(), prefix },
    )
    cleanUp(async () => await worker.close())
    await subscriber.publish(texts(event('one/1')))
    await eventually(async () => (await queue.getCompletedCount()) === 1)
    await subscriber.publish(texts(event('one/1'), event('two/1')))
    await eventually(async () => (await queue.getCompletedCount()) === 2)
    expect(seen).toBe(2)
  })

  test('that fails gets the event again, later', async () => {
    const { subscriber, queue, prefix } = open()
    const worker = new Worker('refund-completed', () => Promise.reject(new Error('away')), {
      connection: openRedis(),
      prefix,
    })
    cleanUp(async () => await worker.close())
    await subscriber.publish(texts(event('one/1')))
    await eventually(async () => (await queue.getDelayedCount()) === 1)
    await subscriber.publish(texts(event('one/1')))
    expect(await queue.getDelayedCount()).toBe(1)
    expect(await queue.getFailedCount()).toBe(0)
  })

  test('gets nothing of a batch that cannot be read', async () => {
    const { subscriber, queue } = open()
    await expect(subscriber.publish([...texts(event('one/1')), '{"id":7}'])).rejects.toThrow(/id/)
    expect(await queue.getWaitingCount()).toBe(0)
  })
})

describe('the id of an event as a job id', () => {
  test.for([
    [`${PARTNER}/2013051500001/1`, `${PARTNER}-2013051500001-1`],
    [`${PARTNER}/a-b_c.d/12`, `${PARTNER}-a-b_c.d-12`],
  ])('%s is %s', ([id = '', jobId]) => {
    expect(eventJobId(id)).toBe(jobId)
  })

  test('is unlike that of any other event, also where a number looks like a held event', () => {
    const ids = ['X', 'X-held', 'X-held-held', 'X-held-1', 'X-1', 'held', 'held-1', 'X.held'].flatMap((number) =>
      ['1', '2', '11', 'held-1', 'held-11'].map((version) => `${PARTNER}/${number}/${version}`),
    )
    expect(new Set(ids.map(eventJobId)).size).toBe(ids.length)
  })
})
