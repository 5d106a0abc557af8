import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { OutboxEntry } from '../../src/ledger/outbox.ts'
import { submit, submits } from '../refund/builders.ts'
import { openRedis } from '../support/redis.ts'
import { claimed, idOf, type TestLedger, testLedger } from './fixture.ts'

type Outbox = ReturnType<TestLedger['ledger']['outboxOf']>

describe('the outbox', () => {
  test('gives each event to one publisher, oldest first, though it was written before the first publisher came', async () => {
    const at = testLedger()
    await settle(at, 'one', 'two', 'three')
    const [a, b] = [await publisherOf(at, 'a'), await publisherOf(at, 'b')]
    expect(subjects(await a.next(2, 1))).toEqual(['one', 'two'])
    expect(subjects(await b.next(2, 1))).toEqual(['three'])
    expect(await a.next(2, 1)).toEqual([])
  })

  test('gives the event as it was committed', async () => {
    const at = testLedger()
    await settle(at, 'one')
    const [entry] = await (await publisherOf(at, 'a')).next(1, 1)
    expect([JSON.parse(entry?.event ?? '')]).toEqual(await at.events())
  })

  test('waits for the first event, so long as it was told to', async () => {
    const at = testLedger()
    const a = await publisherOf(at, 'a')
    const started = performance.now()
    expect(await a.next(1, 100)).toEqual([])
    expect(performance.now() - started).toBeGreaterThan(90)
    const next = a.next(1, 10_000)
    await settle(at, 'one')
    expect(subjects(await next)).toEqual(['one'])
  })

  test('keeps nothing of what is published', async () => {
    const at = testLedger()
    await settle(at, 'one', 'two')
    const a = await publisherOf(at, 'a')
    const [first, ...others] = await a.next(10, 1)
    await a.done(first ? [first] : [])
    expect((await at.events()).map(({ subject }) => subject)).toEqual(['two'])
    expect(subjects(await a.abandoned(10, 0))).toEqual(['two'])
    await a.done(others)
    await a.done([])
    expect(await at.redis.xlen(at.keys.outbox)).toBe(0)
    expect(await a.abandoned(10, 0)).toEqual([])
  })

  test('gives what a publisher left unfinished to another, once its time has passed', async () => {
    const at = testLedger()
    await settle(at, 'one')
    const [a, b] = [await publisherOf(at, 'a'), await publisherOf(at, 'b')]
    await a.next(10, 1)
    expect(await b.abandoned(10, 60_000)).toEqual([])
    await sleep(60)
    expect(subjects(await b.abandoned(10, 50))).toEqual(['one'])
    expect(await a.abandoned(10, 50)).toEqual([])
  })

  test('may be opened again and again', async () => {
    const at = testLedger()
    await settle(at, 'one')
    const a = await publisherOf(at, 'a')
    await a.next(10, 1)
    await a.open()
    expect(await a.next(10, 1)).toEqual([])
    expect(subjects(await a.abandoned(10, 0))).toEqual(['one'])
  })

  test('forgets a publisher that leaves, but never the events that it took', async () => {
    const at = testLedger()
    await settle(at, 'one')
    const [a, b, idle] = [await publisherOf(at, 'a'), await publisherOf(at, 'b'), await publisherOf(at, 'idle')]
    await a.next(10, 1)
    await idle.next(10, 1)
    await a.leave()
    await idle.leave()
    expect(await names(at)).toEqual(['a'])
    const taken = await b.abandoned(10, 0)
    expect(subjects(taken)).toEqual(['one'])
    await b.done(taken)
    await a.leave()
    await b.leave()
    expect(await names(at)).toEqual([])
  })
})

async function publisherOf(at: TestLedger, name: string): Promise<Outbox> {
  const outbox = at.ledger.outboxOf(name, openRedis())
  await outbox.open()
  return outbox
}

/** Refunds that are settled at once, each with its event. */
async function settle(at: TestLedger, ...numbers: string[]): Promise<void> {
  for (const no_refund of numbers) {
    await claimed(at, { no_refund })
    await at.see(idOf(no_refund), submit(submits.accepted('2')))
  }
}

function subjects(entries: readonly OutboxEntry[]): string[] {
  return entries.map(({ event }) => JSON.parse(event).subject)
}

async function names(at: TestLedger): Promise<string[]> {
  const consumers: unknown = await at.redis.xinfo('CONSUMERS', at.keys.outbox, 'publish')
  if (!Array.isArray(consumers)) throw new Error('XINFO has another form')
  return consumers.map((consumer) => String(Array.isArray(consumer) ? consumer[1] : consumer.name))
}
