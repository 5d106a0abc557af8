import { DelayedError, RateLimitError, UnrecoverableError, WaitingError } from 'bullmq'
import { describe, expect, test } from 'vitest'
import { DeadLetterError } from '../../src/package/consumer.ts'
import { eventually } from '../support/eventually.ts'
import { bench, eventOf } from './bench.ts'

describe('a handler that fails', () => {
  test('is asked again, and the event counts as handled once it succeeds', async () => {
    const { publish, consume, handled, queue } = bench()
    const event = eventOf('third-time')
    consume({
      handle(_event, { attempt }) {
        if (attempt < 3) throw new Error('no database')
      },
    })
    await publish(event)
    await eventually(() => expect(handled.map(({ about }) => about.attempt)).toEqual([1, 2, 3]))
    await eventually(async () => expect(await queue.getCompletedCount()).toBe(1))
    expect(await queue.getFailedCount()).toBe(0)
  })

  test('as often as it may sends the event to the dead letters, whatever the publisher allowed', async () => {
    const { publish, consume, handled, queue, dead } = bench()
    const event = eventOf('never')
    consume({
      attempts: 12,
      backoff: { baseMs: 1, capMs: 1 },
      handle() {
        throw new Error('no such customer')
      },
    })
    await publish(event)
    const [letter] = await eventually(async () => {
      const letters = await dead.getWaiting()
      return letters.length === 1 && letters
    })
    expect(letter?.data).toEqual({
      event,
      code: 'attempts_spent',
      reason: 'no such customer',
      attempts: 12,
      time: expect.stringMatching(/Z$/),
    })
    expect(handled).toHaveLength(12)
    await eventually(async () => expect(await queue.getCompletedCount()).toBe(1))
    expect(await queue.getFailedCount()).toBe(0)
  })

  test.for([
    new UnrecoverableError('gone'),
    new DelayedError(),
    new WaitingError(),
    new RateLimitError(),
    Object.create(null),
  ])('with what BullMQ has a meaning for, or nobody, is asked again like every other: %o', async (thrown: unknown) => {
    const { publish, consume, handled, dead, queue } = bench()
    consume({
      attempts: 3,
      backoff: { baseMs: 1, capMs: 1 },
      handle() {
        throw thrown
      },
    })
    await publish(eventOf('special'))
    await eventually(async () => expect(await dead.getWaitingCount()).toBe(1))
    expect(handled.map(({ about }) => about.attempt)).toEqual([1, 2, 3])
    await eventually(async () => expect(await queue.getCompletedCount()).toBe(1))
    expect(await queue.getFailedCount()).toBe(0)
  })

  test('and says that it is of no use to try again, sends the event to the dead letters at once', async () => {
    const { publish, consume, handled, dead } = bench()
    consume({
      handle() {
        throw new DeadLetterError('the order was deleted')
      },
    })
    await publish(eventOf('deleted'))
    await eventually(async () => expect(await dead.getWaitingCount()).toBe(1))
    expect((await dead.getWaiting())[0]?.data).toMatchObject({
      code: 'dead_letter',
      reason: 'the order was deleted',
      attempts: 1,
    })
    expect(handled).toHaveLength(1)
  })

  test('rejects or throws what is no error, and is asked again all the same', async () => {
    const { publish, consume, handled } = bench()
    consume({
      async handle(_event, { attempt }) {
        // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- handlers are others' code
        if (attempt === 1) await Promise.reject('text')
      },
    })
    await publish(eventOf('text'))
    await eventually(() => expect(handled).toHaveLength(2))
  })
})

describe('dead letters', () => {
  test('that are put back are handled, once', async () => {
    const { publish, consume, handled, dead } = bench()
    const events = [eventOf('one'), eventOf('two')]
    let mended = false
    const consumer = consume({
      attempts: 1,
      handle() {
        if (!mended) throw new Error('broken')
      },
    })
    await publish(...events)
    await eventually(async () => expect(await dead.getWaitingCount()).toBe(2))
    mended = true
    expect(await consumer.redriveDeadLetters(1)).toBe(1)
    expect(await consumer.redriveDeadLetters()).toBe(1)
    expect(await consumer.redriveDeadLetters()).toBe(0)
    await eventually(() => expect(handled).toHaveLength(4))
    expect(await dead.getWaitingCount()).toBe(0)
  })

  test('that are dead again are dead letters again', async () => {
    const { publish, consume, dead } = bench()
    const consumer = consume({
      attempts: 1,
      handle() {
        throw new Error('still broken')
      },
    })
    await publish(eventOf('stubborn'))
    for (let round = 0; round < 3; round++) {
      await eventually(async () => expect(await dead.getWaitingCount()).toBe(1))
      expect(await consumer.redriveDeadLetters()).toBe(1)
    }
    await eventually(async () => expect(await dead.getWaitingCount()).toBe(1))
  })
})

test.for([
  ['unknown_type', { ...eventOf('newer'), type: 'refund.split' }],
  ['unknown_version', { ...eventOf('newest'), specversion: '2.0' }],
  ['not_an_event', { hello: 'world' }],
  ['not_an_event', ['text']],
] as const)(
  'job data of the kind %s is kept for a person, holds nobody up and is not handled',
  async ([code, data]) => {
    const { publish, consume, handled, queue, dead } = bench()
    consume()
    await queue.add('anything', data)
    await publish(eventOf('good'))
    await eventually(() => expect(handled).toHaveLength(1))
    await eventually(async () => expect(await dead.getWaitingCount()).toBe(1))
    expect((await dead.getWaiting())[0]?.data).toMatchObject({ event: data, code, attempts: 0 })
    await eventually(async () => expect(await queue.getCompletedCount()).toBe(2))
  },
)

test('a job whose data is no JSON is kept for a person as text, and does not stay with the consumer', async () => {
  const { publish, consume, handled, queue, dead, redis } = bench()
  const { id } = await queue.add('anything', { hello: 'world' })
  await redis.hset(queue.toKey(String(id)), 'data', '{"hello":')
  consume({ leaseMs: 300 })
  await publish(eventOf('good'))
  await eventually(() => expect(handled).toHaveLength(1))
  await eventually(async () => expect(await dead.getWaitingCount()).toBe(1), { timeoutMs: 15_000 })
  expect((await dead.getWaiting())[0]?.data).toMatchObject({
    event: { unreadable: '{"hello":' },
    code: 'not_an_event',
  })
  expect(await queue.getActiveCount()).toBe(0)
})
