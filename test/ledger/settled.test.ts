import { expect, test } from 'vitest'
import { PARTNER, submit } from '../refund/builders.ts'
import { accepted, claim, claimed, idOf, type TestLedger, testLedger } from './fixture.ts'

async function paid(at: TestLedger, no_refund: string, settle_date?: string, data: object = {}): Promise<void> {
  await claimed(at, { no_refund, no_order: `o-${no_refund}`, ...data }, claim())
  const fields = { ret_code: '0000', sta_refund: '2', ...(settle_date !== undefined && { settle_date }) }
  await at.see(idOf(no_refund), submit({ kind: 'accepted', fields }))
}

async function settled(at: TestLedger, periods: readonly string[], since = 0): Promise<[string, string | undefined][]> {
  const all: [string, string | undefined][] = []
  for await (const { refunds } of at.ledger.settledIn(periods, since)) {
    for (const { no_refund, settle_date } of refunds) all.push([no_refund, settle_date])
  }
  return all
}

test('refunds are found by their day of settlement, with those of no known day', async () => {
  const at = testLedger()
  await paid(at, 'a', '20261120')
  await paid(at, 'b', '20261121')
  await paid(at, 'c')
  await paid(at, 'd', '20261201')
  await accepted(at, { no_refund: 'open', no_order: 'o-open' })
  expect(await settled(at, ['20261121'])).toEqual([
    ['b', '20261121'],
    ['c', undefined],
  ])
  expect((await settled(at, ['202611', '20261201'])).map(([no_refund]) => no_refund)).toEqual(['a', 'b', 'c', 'd'])
  expect(await settled(at, ['202611'], Date.now() + 1_000)).toEqual([])
})

test('what a producer writes into its metadata is no day of settlement', async () => {
  const at = testLedger()
  const metadata = { settle_date: '20261121', answer: '"settle_date":"20261121"' }
  await paid(at, 'a', undefined, { metadata })
  await paid(at, 'b', '20261120', { metadata })
  expect(await settled(at, ['20261121'])).toEqual([['a', undefined]])
  expect(await settled(at, ['20261120'])).toEqual([
    ['a', undefined],
    ['b', '20261120'],
  ])
})

test('each comes once, however many succeeded in the same moment', async () => {
  const at = testLedger()
  await paid(at, 'first', '20261121')
  const index = at.keys.index('state:succeeded')
  const record = (await at.redis.get(at.keys.record(idOf('first')))) ?? ''
  const numbers = Array.from({ length: 2_500 }, (_, place) => `n-${String(place).padStart(4, '0')}`)
  const pipeline = at.redis.pipeline()
  for (const [place, no_refund] of numbers.entries()) {
    pipeline.set(at.keys.record(idOf(no_refund)), record)
    pipeline.zadd(index, 1_000 + Math.floor(place / 900), `${PARTNER}:${no_refund}`)
  }
  await pipeline.exec()
  const found = (await settled(at, ['20261121'])).map(([no_refund]) => no_refund)
  expect(found.toSorted()).toEqual(['first', ...numbers])
  expect(await at.ledger.countSettledSince(0)).toBe(2_501)
})

test('a look at many numbers tells records, forgotten numbers and unknown ones', async () => {
  const at = testLedger()
  await paid(at, 'a', '20261121')
  await at.redis.set(at.keys.record(idOf('old')), 'tombstone x')
  const found = await at.ledger.lookUp([idOf('never'), idOf('a'), idOf('old')])
  expect(found).toMatchObject([undefined, { no_refund: 'a', answer: { settle_date: '20261121' } }, 'forgotten'])
})

test('figures of a day take the place of the former ones, and those of a month the place of its days', async () => {
  const at = testLedger()
  const keep = async (period: string, differences: Record<string, number>, moment: number) =>
    at.ledger.keepCompared({ oid_partner: PARTNER, at: moment, found: [{ period, differences, twice_in: [] }] })
  await keep('20261120', { twice: 1 }, 1)
  await keep('20261121', { twice: 2, ours_only: 1 }, 2)
  expect(await at.ledger.comparedBooks()).toEqual([
    { oid_partner: PARTNER, at: 2, differences: { twice: 3, ours_only: 1 } },
  ])
  await keep('20261121', {}, 3)
  expect(await at.ledger.comparedBooks()).toEqual([{ oid_partner: PARTNER, at: 3, differences: { twice: 1 } }])
  await keep('202611', { forgotten: 4 }, 4)
  expect(await at.ledger.comparedBooks()).toEqual([{ oid_partner: PARTNER, at: 4, differences: { forgotten: 4 } }])
  // of a day that is compared after its month only what the month has not
  await keep('20261121', { forgotten: 1, twice: 1 }, 5)
  expect(await at.ledger.comparedBooks()).toMatchObject([{ differences: { forgotten: 4, twice: 1 } }])
  await keep('202611', {}, 6)
  expect(await at.ledger.comparedBooks()).toMatchObject([{ differences: {} }])
})

test('a number in several reports stays one until these are compared together', async () => {
  const at = testLedger()
  let moment = 0
  const keep = async (...found: readonly (readonly [period: string, differences: object, ...others: string[]])[]) => {
    moment += 1
    await at.ledger.keepCompared({
      oid_partner: PARTNER,
      at: moment,
      found: found.map(([period, figures, ...twice_in]) => ({ period, differences: { ...figures }, twice_in })),
    })
    const [{ differences } = { differences: undefined }] = await at.ledger.comparedBooks()
    return differences
  }
  const both = [
    ['20261031', { twice: 1, ours_only: 1 }, '20261101'],
    ['20261101', { twice: 2 }, '20261031'],
  ] as const
  expect(await keep(...both)).toEqual({ twice: 3, ours_only: 1 })
  expect(await keep(['20261031', {}])).toEqual({ twice: 3 })
  expect(await keep(['20261101', { twice: 1 }])).toEqual({ twice: 3 })
  expect(await keep(['202611', {}])).toEqual({ twice: 3 })
  expect(await keep(['20261031', {}], ['202611', {}])).toEqual({})
  await keep(...both)
  expect(await keep(['20261101', {}], ['20261031', {}])).toEqual({})
})
