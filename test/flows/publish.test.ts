import { describe, expect, test } from 'vitest'
import { type PublisherOptions, publisher } from '../../src/flows/publish.ts'
import { claimed, idOf, type TestLedger, testLedger } from '../ledger/fixture.ts'
import { submit, submits } from '../refund/builders.ts'
import { openRedis } from '../support/redis.ts'

interface Subscriber {
  readonly publish: PublisherOptions['subscribers'][number]
  readonly got: string[][]
  failures: number
}

describe('the publisher', () => {
  test('gives every event to every subscriber, and only then is it gone', async () => {
    const at = testLedger()
    const [a, b] = [subscriber(), subscriber()]
    const step = await publisherOf(at, 'one', [a, b])
    await settle(at, 'first', 'second')
    expect(await step(1)).toBe(2)
    expect([a.got, b.got]).toEqual([[['first', 'second']], [['first', 'second']]])
    expect(await at.events()).toEqual([])
    expect(await step(1)).toBe(0)
  })

  test('keeps an event that one subscriber did not take, and repeats it with the same ids', async () => {
    const at = testLedger()
    const [good, bad] = [subscriber(), subscriber(2)]
    const step = await publisherOf(at, 'one', [good, bad])
    await settle(at, 'first', 'second')
    const ids = (await at.events()).map(({ id }) => id)
    await expect(step(1)).rejects.toThrow('the queue is away')
    await settle(at, 'third')
    await expect(step(1)).rejects.toThrow('the queue is away')
    expect((await at.events()).map(({ id }) => id).slice(0, 2)).toEqual(ids)
    expect(await step(1)).toBe(2)
    expect(await step(1)).toBe(1)
    expect(good.got).toEqual([['first', 'second'], ['first', 'second'], ['first', 'second'], ['third']])
    expect(bad.got).toEqual([['first', 'second'], ['third']])
    expect(await at.events()).toEqual([])
  })

  test('repeats what it could not take off the outbox', async () => {
    const at = testLedger()
    const a = subscriber()
    let failures = 1
    const step = await publisherOf(at, 'one', [a], (outbox) => ({
      ...outbox,
      done: async (batch) => {
        if (failures-- > 0) throw new Error('Connection is closed.')
        await outbox.done(batch)
      },
    }))
    await settle(at, 'first')
    await expect(step(1)).rejects.toThrow('Connection is closed.')
    expect(await step(1)).toBe(1)
    expect(a.got).toEqual([['first'], ['first']])
    expect(await at.events()).toEqual([])
  })

  test('takes over what a dead publisher had taken, after its time', async () => {
    const at = testLedger()
    await settle(at, 'first')
    const dead = at.ledger.outboxOf('dead', openRedis())
    await dead.open()
    expect(await dead.next(10, 1)).toHaveLength(1)
    const a = subscriber()
    let now = 0
    const heir = at.ledger.outboxOf('heir', openRedis())
    const step = publisher({ outbox: heir, subscribers: [a.publish], claimMs: 100, monotonic: () => now })
    expect(await step(1)).toBe(0)
    await expect
      .poll(async () => {
        now += 50
        return await step(1)
      })
      .toBe(1)
    expect(a.got).toEqual([['first']])
    expect(await at.events()).toEqual([])
  })

  test('shares the work with others: each event goes out once when nobody fails', async () => {
    const at = testLedger()
    const a = subscriber()
    const steps = await Promise.all(['one', 'two', 'three'].map((name) => publisherOf(at, name, [a])))
    await settle(at, ...Array.from({ length: 12 }, (_, index) => `refund-${index}`))
    await Promise.all(steps.map((step) => step(1)))
    await Promise.all(steps.map((step) => step(1)))
    const all = a.got.flat()
    expect(all).toHaveLength(12)
    expect(new Set(all).size).toBe(12)
  })
})

type Outbox = PublisherOptions['outbox']

async function publisherOf(
  at: TestLedger,
  name: string,
  subscribers: readonly Subscriber[],
  wrap: (outbox: Outbox) => Outbox = (outbox) => outbox,
): Promise<ReturnType<typeof publisher>> {
  const outbox = at.ledger.outboxOf(name, openRedis())
  await outbox.open()
  return publisher({
    outbox: wrap(outbox),
    subscribers: subscribers.map(({ publish }) => publish),
    claimMs: 60_000,
    monotonic: () => performance.now(),
  })
}

function subscriber(failures = 0): Subscriber {
  const it: Subscriber = {
    failures,
    got: [],
    publish: async (events) => {
      if (it.failures > 0) {
        it.failures -= 1
        throw new Error('the queue is away')
      }
      it.got.push(events.map((event) => JSON.parse(event).subject))
    },
  }
  return it
}

async function settle(at: TestLedger, ...numbers: string[]): Promise<void> {
  for (const no_refund of numbers) {
    await claimed(at, { no_refund })
    await at.see(idOf(no_refund), submit(submits.accepted('2')))
  }
}
