import { expect, test } from 'vitest'
import { overview } from '../../src/flows/overview.ts'
import { FEN, notice, operator, PARTNER, submit, submits } from '../refund/builders.ts'
import { accepted, claimed, idOf, testLedger } from './fixture.ts'

test('the view tells how much money stands where, and since when', async () => {
  const at = testLedger({ gate: { breakerMs: 60_000 } })
  await claimed(at, { no_refund: 'unknown', no_order: 'A' })
  await at.see(idOf('unknown'), submit(submits.timeout))
  await accepted(at, { no_refund: 'held', no_order: 'B', money_refund: '3.00' })
  await at.see(idOf('held'), operator.hold)
  await accepted(at, { no_refund: 'cancelled', no_order: 'C' })
  await at.see(idOf('cancelled'), operator.cancel)
  await at.ledger.keepUnmatched(idOf('stranger'), notice('2').notice)
  for (let calls = 0; calls < 5; calls++) await at.ledger.report(idOf('unknown'), 'unreachable')

  const sources = {
    ledger: async () => at.ledger.view([PARTNER]),
    queues: async () => [],
    durabilityFaults: async () => [],
  }
  const view = await overview(sources)
  const close = expect.closeTo(Date.now(), -4)
  expect(view).toMatchObject({
    now: close,
    states: {
      unknown: { count: 1, fen: FEN },
      waiting: { count: 1, fen: 300 },
      rejected: { count: 1, fen: FEN },
      succeeded: { count: 0, fen: 0 },
    },
    open: { count: 2, fen: FEN + 300 },
    held: { count: 1, fen: 300 },
    holds: { operator: { count: 1, fen: 300 }, silence: { count: 0, fen: 0 } },
    contradicted: { count: 0, fen: 0 },
    unmatched: 1,
    oldestOpen: { no_refund: 'unknown', since: close },
    oldestUnknown: { no_refund: 'unknown' },
    oldestHeld: { no_refund: 'held' },
    outbox: { count: 1, since: close },
    gates: [{ oid_partner: PARTNER, breaker: 'shut', balance: 'open' }],
    lastHour: { 'event:refund.rejected': 1 },
    queues: [],
  })
  expect(view.stopped).toBeUndefined()
})

test('the age of an unknown outcome is not that of its last look', async () => {
  const at = testLedger()
  await claimed(at)
  const id = idOf('2013051500001')
  await at.see(id, submit(submits.timeout))
  const key = at.keys.index('state:unknown')
  await at.redis.zincrby(key, -60_000, `${PARTNER}:${id.no_refund}`)
  const before = await at.redis.zrange(key, '0', '-1', 'WITHSCORES')
  await at.see(id, operator.requery)
  expect(await at.redis.zrange(key, '0', '-1', 'WITHSCORES')).toEqual(before)
})

test('unmatched notices can be read and taken off the list, while their number stays doubted', async () => {
  const { ledger } = testLedger()
  await ledger.keepUnmatched(idOf('stranger'), notice('2', { fen: 100 }).notice)
  const [kept] = await ledger.unmatchedNotices()
  expect(kept).toMatchObject({ no_refund: 'stranger', fen: 100, fields: { sta_refund: '2' } })
  expect(await ledger.dismissUnmatched(kept?.entry ?? '')).toBe(true)
  expect(await ledger.dismissUnmatched(kept?.entry ?? '')).toBe(false)
  expect(await ledger.unmatchedNotices()).toEqual([])
  expect((await ledger.read(idOf('stranger'))).unmatched).toBeDefined()
})
