import { expect, test } from 'vitest'
import { BAD_DATA, DATA, FEN, NUMBER, notice } from '../refund/builders.ts'
import { accepted, idOf, seenJob, testLedger } from './fixture.ts'

const id = idOf(NUMBER)

test('a number whose data could not be read may come again with other content', async () => {
  const at = testLedger()
  await at.see(id, seenJob(BAD_DATA))
  expect((await accepted(at)).state).toBe('waiting')
  expect(await at.ledger.sums()).toMatchObject({
    'state:rejected': { count: 0, fen: 0 },
    'state:waiting': { count: 1, fen: FEN },
  })
  expect(await at.order(DATA.no_order)).toEqual({ reserved: FEN })
  expect(await at.redis.zrange(at.keys.index('state:rejected'), '0', '-1')).toEqual([])
})

test('a number whose data could not be read may be rejected anew, with the next version of its event', async () => {
  const at = testLedger()
  await at.see(id, seenJob(BAD_DATA))
  await at.see(id, seenJob({ money_refund: '.5' }))
  await at.see(id, seenJob({ money_refund: '.5' }))
  expect((await at.events()).map((event) => event.id.split('/').at(-1))).toEqual(['1', '2'])
  expect(await at.ledger.sums()).toMatchObject({ 'state:rejected': { count: 1, fen: 0 } })
})

test('a notice of a refund whose data could not be read is recorded as a contradiction', async () => {
  const at = testLedger()
  await at.see(id, seenJob(BAD_DATA))
  await at.see(id, notice('2'))
  expect(await at.record(id)).toMatchObject({ state: 'rejected', contradiction: true })
  expect((await at.see(id, seenJob())).decision.kind).toBe('refuse')
})
