import { describe, expect, test } from 'vitest'
import { idOf } from '../ledger/fixture.ts'
import { notice, operator, submits } from '../refund/builders.ts'
import { type World, world } from './world.ts'

/** A worker that knows Redis' clock by now, and tells how often it read the ledger. */
async function acquainted(): Promise<{ readonly at: World; readonly reads: () => number }> {
  let reads = 0
  const at = world({
    wrap: (ledger) => ({
      ...ledger,
      async read(id) {
        reads += 1
        return ledger.read(id)
      },
    }),
  })
  await at.submit({ no_refund: 'before', no_order: 'o-before' })
  reads = 0
  return { at, reads: () => reads }
}

test('a new refund is sent without reading the ledger first', async () => {
  const { at, reads } = await acquainted()
  expect(await at.submit({ no_refund: 'new' })).toEqual({ kind: 'done', state: 'processing' })
  expect(reads()).toBe(0)
})

describe('what makes the guess wrong is found by the commit, and nothing is sent for it:', () => {
  test.for<[string, (at: World) => Promise<unknown>, string, number]>([
    ['the number stands for the same refund', async (at) => at.submit({ no_refund: 'new' }), 'processing', 1],
    [
      'the fleet is stopped',
      async ({ at }) => at.ledger.stop(undefined, { by: 'ann', at: 1, reason: 'x' }),
      'waiting',
      0,
    ],
    [
      'its merchant is stopped',
      async ({ at }) => at.ledger.stop(idOf('new').oid_partner, { by: 'ann', at: 1, reason: 'x' }),
      'waiting',
      0,
    ],
    [
      'a notification came before it',
      async ({ at }) => at.ledger.keepUnmatched(idOf('new'), notice('2').notice),
      'unknown',
      0,
    ],
  ])('%s', async ([, prepare, state, sends]) => {
    const { at } = await acquainted()
    await prepare(at)
    const before = at.gateway.submitCalls
    await at.submit({ no_refund: 'new' }, 'job-2')
    expect((await at.record('new')).state).toBe(state)
    expect(at.gateway.submitCalls - before).toBe(state === 'processing' ? 0 : sends)
    expect(at.gateway.book.filter(({ no_refund }) => no_refund === 'new')).toHaveLength(sends)
  })

  test('it is from before a safe start', async () => {
    const { at } = await acquainted()
    await at.at.ledger.setSafeStart(Date.now() + 60_000)
    await at.submit({ no_refund: 'new' }, 'job-2')
    expect(at.gateway.queryCalls).toBe(1)
    expect((await at.record('new')).attempts[0]).toMatchObject({ number: 0, denials: 1 })
  })

  test('the number was settled long ago', async () => {
    const { at } = await acquainted()
    at.gateway.submitScript.push(() => submits.accepted('2'))
    await at.submit({ no_refund: 'new' })
    await at.at.ledger.retire(-60_000, 10)
    const before = at.gateway.submitCalls
    expect(await at.submit({ no_refund: 'new' }, 'job-2')).toEqual({ kind: 'done', state: 'settled long ago' })
    expect(at.gateway.submitCalls).toBe(before)
  })

  test('the number was rejected', async () => {
    const { at } = await acquainted()
    await at.at.ledger.stop(undefined, { by: 'ann', at: 1, reason: 'x' })
    await at.submit({ no_refund: 'new' })
    await at.at.see(idOf('new'), operator.cancel)
    expect(await at.submit({ no_refund: 'new' }, 'job-2')).toEqual({ kind: 'done', state: 'rejected' })
  })
})
