import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { NUMBER, PARTNER, queries, submits } from '../refund/builders.ts'
import { world } from './world.ts'

describe('the call rate', () => {
  test('leaves a first send to the ledger, without a job, and it goes when it may', async () => {
    const at = world({ gate: { rateOf: () => ({ max: 1, durationMs: 300 }) } })
    await at.submit({ no_refund: 'first' })
    expect(await at.submit()).toEqual({ kind: 'done', state: 'waiting' })
    const record = await at.record()
    expect(record).toMatchObject({ state: 'waiting', version: 1, holds: [], attempts: [] })
    expect(record.job).toBeUndefined()
    await sleep(310)
    expect(await at.submit()).toEqual({ kind: 'done', state: 'processing' })
    expect(at.gateway.book.map(({ no_refund }) => no_refund)).toEqual(['first', NUMBER])
  })

  test('is charged once for a send, though another worker wrote first and it was decided anew', async () => {
    let commits = 0
    const at = world({
      gate: { rateOf: () => ({ max: 2, durationMs: 600_000 }) },
      wrap: (ledger) => ({
        ...ledger,
        commit: async (...change) => {
          commits += 1
          return commits === 1 ? { kind: 'stale' } : await ledger.commit(...change)
        },
      }),
    })
    expect(await at.submit()).toEqual({ kind: 'done', state: 'processing' })
    expect(await at.submit({ no_refund: 'second' })).toEqual({ kind: 'done', state: 'processing' })
  })

  test('stops a query, of which nothing is concluded', async () => {
    let spent = false
    const at = world({ gate: { rateOf: () => (spent ? { max: 1, durationMs: 600_000 } : undefined) } })
    at.gateway.submitScript.push(() => submits.timeout)
    await at.submit()
    await at.dueTime()
    spent = true
    expect(await at.engine.ledger.admit({ oid_partner: PARTNER, no_refund: 'other' }, 'query')).toMatchObject({
      go: true,
    })
    const record = await at.look()
    expect(at.gateway.queryCalls).toBe(0)
    expect(record).toMatchObject({ state: 'unknown', attempts: [{ denials: 0 }] })
    // it is called out of the line of its merchant
    expect(record?.next_look).toBeLessThanOrEqual(Date.now())
  })

  test('never keeps a send from the denial that it rests on: it borrows a token, and the next call waits for it', async () => {
    let rate: { max: number; durationMs: number } | undefined
    const at = world({ gate: { rateOf: () => rate } })
    at.gateway.submitScript.push(() => submits.timeout)
    await at.submit()
    await at.dueTime()
    rate = { max: 1, durationMs: 10_000 }
    await at.look()
    expect(at.gateway.queryCalls).toBe(1)
    expect(at.gateway.paymentsOf(NUMBER)).toBe(1)
    const next = await at.engine.ledger.admit({ oid_partner: PARTNER, no_refund: 'the-next' }, 'send')
    expect(next.go ? 0 : next.until - next.now).toBeGreaterThan(15_000)
  })
})

describe('a gateway that cannot be reached', () => {
  test('spends no attempt, and after five calls stops the calls of every refund', async () => {
    const at = world({ gate: { breakerMs: 60_000 } })
    for (let call = 0; call < 5; call++) at.gateway.submitScript.push(() => submits.neverLeft)
    for (let number = 0; number < 5; number++) await at.submit({ no_refund: `refund-${number}` })
    expect(await at.submit()).toEqual({ kind: 'done', state: 'waiting' })
    expect(at.gateway.submitCalls).toBe(5)
    expect(await at.record()).toMatchObject({ state: 'waiting', attempts: [] })
    expect(await at.record('refund-0')).toMatchObject({ state: 'waiting', attempts: [{ fate: 'never_left' }] })
  })

  test('is probed by one refund, and all go on once it answers', async () => {
    const at = world({ gate: { breakerMs: 300 } })
    const numbers = Array.from({ length: 5 }, (_, index) => `refund-${index}`)
    for (const no_refund of numbers) {
      at.gateway.submitScript.push(() => submits.neverLeft)
      await at.submit({ no_refund })
    }
    await sleep(350)
    // a probe that fails: the others do not even try
    at.gateway.submitScript.push(() => submits.neverLeft)
    for (const no_refund of numbers) await at.look(no_refund)
    expect(at.gateway.submitCalls).toBe(6)
    await sleep(350)
    for (const no_refund of numbers) {
      await at.dueTime(no_refund)
      await at.look(no_refund)
    }
    expect(at.gateway.book.map(({ no_refund }) => no_refund).toSorted()).toEqual(numbers)
  })

  test('is learned of by queries as well', async () => {
    const at = world({ gate: { breakerMs: 60_000 } })
    await at.submit()
    for (let call = 0; call < 5; call++) {
      at.gateway.queryScript.push(() => ({
        kind: 'inconclusive',
        reason: 'ECONNREFUSED',
        unreachable: true,
        fields: {},
      }))
      await at.dueTime()
      await at.look()
    }
    expect(await at.submit({ no_refund: 'second' })).toEqual({ kind: 'done', state: 'waiting' })
    expect(at.gateway.submitCalls).toBe(1)
  })
})

describe('a merchant without balance', () => {
  test('sends nothing more, and the refund that found out is held', async () => {
    const at = world({ gate: { balanceMs: 60_000 } })
    at.gateway.submitScript.push(() => submits.noBalance)
    expect(await at.submit()).toEqual({ kind: 'done', state: 'unknown' })
    expect(await at.record()).toMatchObject({ state: 'unknown', holds: ['insufficient_balance'] })
    expect(await at.submit({ no_refund: 'second' })).toEqual({ kind: 'done', state: 'waiting' })
    expect(at.gateway.submitCalls).toBe(1)
    expect(await at.record('second')).toMatchObject({ state: 'waiting', holds: [], attempts: [] })
  })

  test('goes on by itself when there is balance again: asked first, and paid once', async () => {
    const at = world({ gate: { balanceMs: 200 } })
    at.gateway.submitScript.push(() => submits.noBalance)
    await at.submit()
    await at.submit({ no_refund: 'second' })
    at.gateway.status = '2'
    expect((await at.settle()).state).toBe('succeeded')
    expect((await at.settle('second')).state).toBe('succeeded')
    expect(at.gateway.paymentsOf(NUMBER)).toBe(1)
    expect(at.gateway.paymentsOf('second')).toBe(1)
    expect(at.gateway.queryCalls).toBeGreaterThan(0)
  })

  test('stays held when the probe finds none either', async () => {
    const at = world({ gate: { balanceMs: 150 } })
    at.gateway.submitScript.push(
      () => submits.noBalance,
      () => submits.noBalance,
    )
    await at.submit()
    await sleep(200)
    while (at.gateway.submitCalls < 2) {
      await at.dueTime()
      await at.look()
    }
    expect(await at.record()).toMatchObject({ holds: ['insufficient_balance'] })
    expect(await at.submit({ no_refund: 'second' })).toEqual({ kind: 'done', state: 'waiting' })
  })

  test('stays held while the time of the next probe has not come, though the gateway denies it', async () => {
    const at = world({ gate: { balanceMs: 60_000 } })
    at.gateway.submitScript.push(() => submits.noBalance)
    await at.submit()
    await at.dueTime()
    expect(await at.look()).toMatchObject({ state: 'unknown', holds: ['insufficient_balance'] })
    expect(at.gateway.queryCalls).toBe(1)
    expect(at.gateway.submitCalls).toBe(1)
  })

  test('is still asked about while its sends are stopped', async () => {
    const at = world({ gate: { balanceMs: 60_000 } })
    at.gateway.submitScript.push(() => submits.noBalance)
    at.gateway.queryScript.push(() => queries.found('2'))
    await at.submit()
    await at.dueTime()
    expect((await at.look())?.state).toBe('succeeded')
  })
})
