import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { sweep, type Wakes } from '../../src/flows/sweep.ts'
import { accepted, claim, claimed, idOf, type TestLedger, testLedger } from '../ledger/fixture.ts'
import { DAY, MINUTE, operator, submit, submits } from '../refund/builders.ts'

const DUE_AT_ONCE = {
  policy: { graceMs: 0, retry: { baseMs: 1, factor: 1, capMs: 1, jitter: 0 }, queryDelaysMs: [1], holdLookMs: 1 },
} as const

interface Hand extends Wakes {
  readonly woken: [string, string][]
}

function hand(waiting: Partial<Record<'refund' | 'refund-query', number>> = {}): Hand {
  const woken: [string, string][] = []
  return {
    woken,
    waiting: async (queue) => waiting[queue] ?? 0,
    wake: async (queue, records) => {
      woken.push(...records.map(({ no_refund }): [string, string] => [queue, no_refund]))
    },
  }
}

async function run(at: TestLedger, wakes: Wakes, retentionMs = DAY, leaseMs = 60_000): ReturnType<typeof sweep> {
  return await sweep({ ledger: at.ledger, wakes, leaseMs, retentionMs })
}

describe('the sweeper', () => {
  test('wakes what may be sent through refund, and what is only asked about through refund-query', async () => {
    const at = testLedger(DUE_AT_ONCE)
    await accepted(at, { no_refund: 'waiting' })
    await claimed(at, { no_refund: 'unknown' })
    await at.see(idOf('unknown'), submit(submits.timeout))
    await claimed(at, { no_refund: 'processing' })
    await at.see(idOf('processing'), submit(submits.accepted('0')))
    await accepted(at, { no_refund: 'held' })
    await at.see(idOf('held'), operator.hold)
    await claimed(at, { no_refund: 'abandoned' }, claim('token-1', Date.now() - MINUTE))
    await claimed(at, { no_refund: 'under-way' })
    await claimed(at, { no_refund: 'settled' })
    await at.see(idOf('settled'), submit(submits.accepted('2')))
    const wakes = hand()
    await expect
      .poll(async () => {
        await run(at, wakes)
        return new Set(wakes.woken.map((woken) => woken.join(' ')))
      })
      .toEqual(
        new Set([
          'refund unknown',
          'refund waiting',
          'refund-query abandoned',
          'refund-query held',
          'refund-query processing',
        ]),
      )
  })

  test('leaves a long queue alone, and wakes its refunds later', async () => {
    const at = testLedger(DUE_AT_ONCE)
    await accepted(at, { no_refund: 'held' })
    await at.see(idOf('held'), operator.hold)
    await sleep(5)
    const long = hand({ 'refund-query': 5000 })
    await run(at, long, DAY, 50)
    expect(long.woken).toEqual([])
    await sleep(60)
    const wakes = hand()
    await run(at, wakes)
    expect(wakes.woken).toEqual([['refund-query', 'held']])
  })

  test('wakes what was called to be sent, though producers have filled the queue', async () => {
    const at = testLedger(DUE_AT_ONCE)
    await accepted(at, { no_refund: 'waiting' })
    const wakes = hand({ refund: 100_000 })
    await run(at, wakes)
    expect(wakes.woken).toEqual([['refund', 'waiting']])
  })

  test('gives those that were put off their places again, also when nobody is called', async () => {
    const calls: [string, number][] = []
    const wakes: Wakes = { ...hand(), wake: async (queue, records) => void calls.push([queue, records.length]) }
    await run(testLedger(), wakes)
    expect(calls).toEqual([['refund', 0]])
  })

  test('wakes a refund whose wake-up failed again, once its lease is over', async () => {
    const at = testLedger(DUE_AT_ONCE)
    await accepted(at)
    const broken: Wakes = { ...hand(), wake: () => Promise.reject(new Error('Connection is closed.')) }
    await expect(sweep({ ledger: at.ledger, wakes: broken, leaseMs: 50, retentionMs: DAY })).rejects.toThrow(
      'Connection is closed.',
    )
    const wakes = hand()
    await expect
      .poll(async () => {
        await run(at, wakes)
        return wakes.woken.length
      })
      .toBe(1)
  })

  test('retires what was settled long ago', async () => {
    const at = testLedger()
    await claimed(at, { no_refund: 'settled' })
    await at.see(idOf('settled'), submit(submits.accepted('2')))
    await run(at, hand(), -MINUTE)
    expect((await at.ledger.read(idOf('settled'))).tombstone).toBeDefined()
  })

  test('says whether more is due', async () => {
    const at = testLedger(DUE_AT_ONCE)
    const many = Array.from({ length: 501 }, (_, index) => `refund-${index}`)
    for (const no_refund of many) {
      await accepted(at, { no_refund })
      await at.see(idOf(no_refund), operator.hold)
    }
    await sleep(5)
    const wakes = hand()
    expect(await run(at, wakes)).toEqual({ more: true })
    expect(await run(at, wakes)).toEqual({ more: false })
    expect(wakes.woken).toHaveLength(501)
  })
})
