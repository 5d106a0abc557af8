import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { exchangeFields } from '../../src/simulator/amount.ts'
import { cleanUp } from '../support/clean-up.ts'
import { eventually } from '../support/eventually.ts'
import { call, isSigned, merchantPublicKey, OID_PARTNER, query, refund, simulator, submit } from './merchant.ts'

test('an accepted refund is answered with every documented field, signed, before any money moves', async () => {
  const gateway = await simulator({ settleMs: 60_000 })
  const asked = refund()
  const { status, type, fields } = await call(gateway, '/refund.htm', asked)
  const { oid_partner, no_refund, dt_refund, money_refund } = asked
  expect({ status, type }).toEqual({ status: 200, type: 'application/json;charset=utf-8' })
  expect(fields).toEqual({
    ret_code: '0000',
    ret_msg: '交易成功',
    oid_partner,
    no_refund,
    dt_refund,
    money_refund,
    oid_refundno: expect.stringMatching(/^\d{16}$/),
    sta_refund: '0',
    sign_type: 'RSA',
    sign: expect.any(String),
  })
  expect(isSigned(fields, gateway.publicKey)).toBe(true)
  expect(gateway.book).toEqual([])
  expect(gateway.summary()).toMatchObject({ open: 1, submits: { codes: { '0000': 1 } } })
})

test('an exchange refund names the foreign amount at 6.66 yuan a unit', async () => {
  const gateway = await simulator()
  const { fields } = await call(gateway, '/exchangerefund.htm', refund())
  expect(fields).toMatchObject({
    money_foreign_refund: '30.03',
    rate_id: '1',
    rate: '6.66',
    exchange_bankcode: '01040000',
  })
  expect(isSigned(fields, gateway.publicKey)).toBe(true)
})

test.for([
  [20_001, '30.03'],
  [1, '0.00'],
  [4, '0.01'],
  [666, '1.00'],
  [10_000_000_000, '15015015.02'],
] as const)('%s fen are %s abroad, rounded half up', ([fen, foreign]) => {
  expect(exchangeFields(fen)).toMatchObject({ money_foreign_refund: foreign })
})

test('a refund goes from 0 over 1 to 2, and money moves once when it becomes 2', async () => {
  let now = Date.UTC(2026, 0, 1, 17)
  const gateway = await simulator({ settleMs: 600, now: () => now })
  const asked = refund()
  expect((await submit(gateway, asked)).sta_refund).toBe('0')
  now += 400
  expect(await query(gateway, asked)).toMatchObject({ sta_refund: '1' })
  expect(gateway.book).toEqual([])
  const answer = await eventually(async () => {
    const fields = await query(gateway, asked)
    return fields.sta_refund === '2' && fields
  })
  expect(answer.settle_date).toBe('20260102')
  expect(isSigned(answer, gateway.publicKey)).toBe(true)
  const { no_refund } = asked
  const { oid_refundno } = answer
  expect(gateway.book).toEqual([
    { oid_partner: OID_PARTNER, no_refund, fen: 20_001, at: now, oid_refundno, sta_refund: '2' },
  ])
  expect(gateway.summary()).toMatchObject({ moved: { [`${OID_PARTNER}/${no_refund}`]: { times: 1, fen: 20_001 } } })
})

test('without a settle delay the submit itself says 2', async () => {
  const gateway = await simulator({ settleMs: 0 })
  expect(await submit(gateway, refund())).toMatchObject({ sta_refund: '2', settle_date: expect.any(String) })
  expect(gateway.book).toHaveLength(1)
})

test('a refund that the bank fails ends in 3 and moves nothing', async () => {
  const gateway = await simulator({ scriptFor: () => ({ final: '3' }) })
  const asked = refund()
  await submit(gateway, asked)
  const answer = await eventually(async () => {
    const fields = await query(gateway, asked)
    return fields.sta_refund === '3' && fields
  })
  expect(answer).not.toHaveProperty('settle_date')
  expect(gateway.book).toEqual([])
})

test('a repeated number is refused with 1002, whatever else it says, and moves money once', async () => {
  const gateway = await simulator()
  const asked = refund()
  await submit(gateway, asked)
  expect(await submit(gateway, asked)).toMatchObject({ ret_code: '1002' })
  expect(await submit(gateway, { ...asked, dt_refund: '20130515094019' })).toMatchObject({ ret_code: '1002' })
  await eventually(() => gateway.summary().open === 0)
  expect(gateway.book).toHaveLength(1)
  expect(gateway.summary().doubled).toEqual([])
})

test('with pay_again a repeated number moves money again, and the summary names it', async () => {
  const gateway = await simulator({ repeated: 'pay_again' })
  const asked = refund()
  const answers = [await submit(gateway, asked), await submit(gateway, { ...asked, dt_refund: '20130515094019' })]
  expect(new Set(answers.map(({ oid_refundno }) => oid_refundno)).size).toBe(2)
  await eventually(() => gateway.summary().open === 0)
  expect(gateway.summary().doubled).toEqual([`${OID_PARTNER}/${asked.no_refund}`])
  expect(gateway.book.map(({ fen }) => fen)).toEqual([20_001, 20_001])
  expect(await query(gateway, asked)).toMatchObject({ oid_refundno: answers[0]?.oid_refundno })
})

test('the refunds of a registered order may not pass its amount; failed ones do not count', async () => {
  const orders = { A: { fen: 1000, oid_paybill: '77' } }
  const failing = refund({ no_order: 'A', money_refund: '10.00' })
  const gateway = await simulator({ orders, scripts: { [failing.no_refund]: { final: '3' } } })
  await submit(gateway, failing)
  await eventually(() => gateway.summary().open === 0)
  const codes: unknown[] = []
  for (const fields of [
    { no_order: 'A', money_refund: '10.01' },
    { no_order: 'A', money_refund: '6.00' },
    { no_order: '', oid_paybill: '77', money_refund: '4.01' },
    { no_order: '', oid_paybill: '77', money_refund: '4.00' },
    { no_order: 'A', oid_paybill: '78', money_refund: '0.01' },
    { no_order: 'unknown', money_refund: '9.00' },
  ]) {
    codes.push((await submit(gateway, refund(fields))).ret_code)
  }
  expect(codes).toEqual(['5007', '0000', '5007', '0000', '9092', '0000'])
})

test('with strict orders an unknown order gets 9093', async () => {
  const gateway = await simulator({ strictOrders: true, orders: { A: { fen: 100_000 } } })
  expect(await submit(gateway, refund())).toMatchObject({ ret_code: '9093' })
  expect(await submit(gateway, refund({ no_order: 'A' }))).toMatchObject({ ret_code: '0000' })
})

test('a merchant without enough money gets 5006 until it has some', async () => {
  const merchants = [{ oid_partner: OID_PARTNER, publicKey: merchantPublicKey, balance: 20_001 }]
  const gateway = await simulator({ merchants })
  await submit(gateway, refund())
  const asked = refund()
  expect(await submit(gateway, asked)).toMatchObject({ ret_code: '5006' })
  gateway.setBalance(OID_PARTNER, 20_001)
  expect(await submit(gateway, asked)).toMatchObject({ ret_code: '0000' })
})

test('a merchant sees no refund of another', async () => {
  const other = '201103171000000001'
  const merchants = [OID_PARTNER, other].map((oid_partner) => ({ oid_partner, publicKey: merchantPublicKey }))
  const gateway = await simulator({ merchants })
  const asked = refund()
  const { oid_refundno = '' } = await submit(gateway, asked)
  expect(await query(gateway, { ...asked, oid_partner: other })).toMatchObject({ ret_code: '8901' })
  const byRefundno = { oid_partner: other, sign_type: 'RSA', oid_refundno }
  expect((await call(gateway, '/refundquery.htm', byRefundno)).fields).toMatchObject({ ret_code: '8901' })
})

test('the book is also written to its file, a line a movement', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'refund-simulator-'))
  cleanUp(() => rmSync(folder, { recursive: true }))
  const bookFile = join(folder, 'book.jsonl')
  const gateway = await simulator({ bookFile, settleMs: 0 })
  await submit(gateway, refund())
  await submit(gateway, refund())
  const lines = readFileSync(bookFile, 'utf8').trimEnd().split('\n')
  expect(lines.map((line): unknown => JSON.parse(line))).toEqual(gateway.book)
})

test('the latest requests are kept byte for byte, with what they were answered', async () => {
  const gateway = await simulator({ keepRequests: 2 })
  await submit(gateway, refund())
  const asked = refund()
  const { fields } = await call(gateway, '/refund.htm', asked)
  await query(gateway, asked)
  expect(gateway.requests.map(({ path, ret_code }) => [path, ret_code])).toEqual([
    ['/refund.htm', '0000'],
    ['/refundquery.htm', '0000'],
  ])
  const kept = gateway.requests[0]
  expect(kept?.fields).toMatchObject(asked)
  expect(kept?.body).toBe(JSON.stringify(kept?.fields))
  expect(fields.no_refund).toBe(asked.no_refund)
})

test('no event carries a signature', async () => {
  const events: object[] = []
  const gateway = await simulator({ onEvent: (event) => events.push(event), settleMs: 0 })
  const asked = refund()
  await submit(gateway, asked)
  await query(gateway, asked)
  expect(events.length).toBeGreaterThanOrEqual(3)
  expect(JSON.stringify(events)).not.toMatch(/"sign"|[A-Za-z0-9+/]{60}/)
})
