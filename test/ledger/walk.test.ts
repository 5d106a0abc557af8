import { expect, test } from 'vitest'
import { operator } from '../refund/builders.ts'
import { accepted, idOf, newerFormat, type TestLedger, tamper, testLedger } from './fixture.ts'

async function numbersOf(at: TestLedger, ...walk: Parameters<TestLedger['ledger']['walk']>): Promise<string[]> {
  const numbers: string[] = []
  for await (const { no_refund } of at.ledger.walk(...walk)) numbers.push(no_refund)
  return numbers
}

test('a walk meets every refund of an index once, in both directions, however many came at the same moment', {
  timeout: 60_000,
}, async () => {
  const at = testLedger()
  const numbers = Array.from({ length: 1203 }, (_, n) => `R${String(n).padStart(4, '0')}`)
  for (const no_refund of numbers) await accepted(at, { no_refund, no_order: no_refund })
  const index = at.keys.index('open')
  const scored = numbers.flatMap((no_refund, n) => [n < 1100 ? 5 : n, `${idOf(no_refund).oid_partner}:${no_refund}`])
  await at.redis.zadd(index, ...scored)
  expect(await numbersOf(at, 'open')).toEqual(numbers)
  expect(await numbersOf(at, 'open', { newestFirst: true })).toEqual(numbers.toReversed())
})

test('a walk goes by reason, and passes over what it cannot read', async () => {
  const told: unknown[] = []
  const at = testLedger({ onUnreadable: (error) => told.push(error) })
  for (const no_refund of ['one', 'two', 'three']) {
    await accepted(at, { no_refund, no_order: no_refund })
    if (no_refund !== 'two') await at.see(idOf(no_refund), operator.hold)
  }
  expect(await numbersOf(at, 'hold:operator')).toEqual(['one', 'three'])
  await tamper(at, 'one', newerFormat)
  expect(await numbersOf(at, 'held')).toEqual(['three'])
  expect(told).toHaveLength(1)
})
