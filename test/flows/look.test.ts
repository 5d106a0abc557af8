import { describe, expect, test } from 'vitest'
import { idOf } from '../ledger/fixture.ts'
import { MINUTE, NUMBER, operator, queries, submits } from '../refund/builders.ts'
import { world } from './world.ts'

describe('a send of unknown fate', () => {
  test('is asked about, and found: it is not sent again', async () => {
    const { submit, gateway, settle } = world()
    gateway.submitScript.push(gateway.silently)
    expect(await submit()).toMatchObject({ kind: 'later' })
    gateway.status = '2'
    expect(await settle()).toMatchObject({ state: 'succeeded', settled_by: 'query' })
    expect(gateway.book).toHaveLength(1)
    expect(gateway.submitCalls).toBe(1)
  })

  test('is sent again, the same to the byte, in the look in which the gateway denied it enough', async () => {
    const { submit, look, gateway, dueTime, record } = world()
    const asked: unknown[] = []
    gateway.submitScript.push((request) => {
      asked.push(request)
      return submits.timeout
    })
    await submit()
    await dueTime()
    gateway.queryScript.push(() => queries.denied)
    expect(await look()).toMatchObject({ state: 'processing' })
    expect(gateway.queryCalls).toBe(1)
    expect(gateway.submitCalls).toBe(2)
    expect(gateway.book).toEqual(asked)
    expect((await record()).attempts.map(({ number, fate }) => [number, fate])).toEqual([
      [1, 'open'],
      [2, 'accepted'],
    ])
  })

  test('is not sent before it was denied often enough', async () => {
    const { submit, look, gateway, dueTime } = world({
      policy: { quarantine: { short: { minAgeMs: 0, minCount: 1 }, full: { minAgeMs: 0, minCount: 3 } } },
    })
    gateway.submitScript.push(() => submits.timeout)
    await submit()
    for (let denials = 1; denials < 3; denials++) {
      await dueTime()
      expect((await look())?.attempts[0]?.denials).toBe(denials)
      expect(gateway.submitCalls).toBe(1)
    }
    await dueTime()
    await look()
    expect(gateway.submitCalls).toBe(2)
  })

  test('is not sent before it was denied long enough, however often', async () => {
    const { submit, look, gateway, dueTime } = world({
      policy: { quarantine: { short: { minAgeMs: 0, minCount: 1 }, full: { minAgeMs: MINUTE, minCount: 1 } } },
    })
    gateway.submitScript.push(() => submits.timeout)
    await submit()
    for (let round = 0; round < 5; round++) {
      await dueTime()
      await look()
    }
    expect(gateway.queryCalls).toBe(5)
    expect(gateway.submitCalls).toBe(1)
  })

  test('is sent again once, though many looks are denied at the same time', async () => {
    const one = world()
    const two = world({ with: one })
    one.gateway.submitScript.push(() => submits.timeout)
    await one.submit()
    await one.dueTime()
    await Promise.all(Array.from({ length: 10 }, (_, index) => (index % 2 === 0 ? one : two).look()))
    expect(one.gateway.submitCalls).toBe(2)
    expect(one.gateway.paymentsOf(NUMBER)).toBe(1)
  })

  test('is held when its attempts are spent, and never failed', async () => {
    const { submit, look, gateway, dueTime, record } = world({ policy: { maxAttempts: 2 } })
    gateway.submitScript.push(
      () => submits.timeout,
      () => submits.timeout,
    )
    await submit()
    for (let round = 0; round < 4; round++) {
      await dueTime()
      await look()
    }
    expect(await record()).toMatchObject({ state: 'unknown', holds: ['attempts_spent'] })
    expect(gateway.submitCalls).toBe(2)
    expect(gateway.queryCalls).toBeGreaterThan(2)
  })
})

describe('a look', () => {
  test('asks nothing and changes nothing before its time', async () => {
    const { submit, look, gateway, record } = world({ policy: { queryDelaysMs: [MINUTE] } })
    await submit()
    const before = await record()
    for (let round = 0; round < 3; round++) await look()
    expect(gateway.queryCalls).toBe(0)
    expect(await record()).toEqual(before)
  })

  test('leaves a request alone that is under way', async () => {
    const { submit, look, gateway, record } = world()
    gateway.submitScript.push(async (request, mayWrite) => {
      const before = await record()
      expect((await look())?.state).toBe('sending')
      expect(await submit({}, 'job-2')).toEqual({ kind: 'done', state: 'sending' })
      expect(await record()).toEqual(before)
      return gateway.honestly(request, mayWrite)
    })
    await submit()
    expect(gateway.submitCalls).toBe(1)
    expect(gateway.queryCalls).toBe(0)
  })

  test('at a number without a refund does nothing', async () => {
    const { look, gateway } = world()
    expect(await look('never-seen')).toBeUndefined()
    expect(gateway.queryCalls + gateway.submitCalls).toBe(0)
  })

  test('at a settled refund does nothing', async () => {
    const { submit, look, gateway } = world()
    gateway.status = '2'
    await submit()
    await look()
    expect(gateway.queryCalls).toBe(0)
  })

  test('at an accepted refund asks, and waits for the next query when nothing is new', async () => {
    const { submit, look, gateway, dueTime, at } = world()
    await submit()
    await dueTime()
    expect(await look()).toMatchObject({ state: 'processing', queries: 1 })
    gateway.status = '3'
    await dueTime()
    expect((await look())?.state).toBe('failed')
    expect(await at.events()).toMatchObject([{ type: 'refund.failed', data: { settled_by: 'query' } }])
    expect(gateway.submitCalls).toBe(1)
  })

  test('never sends an accepted refund again, however often the gateway denies it: it calls a person', async () => {
    const { submit, look, gateway, dueTime, record } = world()
    await submit()
    for (let round = 0; round < 3; round++) {
      gateway.queryScript.push(() => queries.denied)
      await dueTime()
      await look()
    }
    expect(await record()).toMatchObject({ state: 'processing', holds: ['contradiction'] })
    expect(gateway.submitCalls).toBe(1)
  })

  test('at a held refund asks, and does not send', async () => {
    const { submit, look, gateway, dueTime, at, record } = world()

    gateway.submitScript.push(() => submits.timeout)
    await submit()
    await at.see(idOf(NUMBER), operator.hold)
    for (let round = 0; round < 3; round++) {
      await dueTime()
      await look()
    }
    expect(gateway.queryCalls).toBe(3)
    expect(gateway.submitCalls).toBe(1)
    await at.see(idOf(NUMBER), operator.release)
    gateway.status = '2'
    await dueTime()
    await look()
    expect(await record()).toMatchObject({ state: 'succeeded' })
    expect(gateway.paymentsOf(NUMBER)).toBe(1)
  })
})
