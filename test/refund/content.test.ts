import { describe, expect, test } from 'vitest'
import { contentHash, unreadableContentHash } from '../../src/refund/content.ts'
import type { RefundRequest } from '../../src/refund/request.ts'
import { DATA, parse } from './builders.ts'

const REQUEST: RefundRequest = {
  oid_partner: '201103171000000000',
  no_refund: '2013051500001',
  fen: 20_001,
  kind: 'domestic',
  dt_refund: '20130515094018',
  notify_url: 'https://merchant.example/n',
  no_order: 'order-1',
  oid_paybill: 'bill-1',
  dt_order: '20130514094018',
}

const { no_order: _order, ...WITHOUT_ORDER } = REQUEST

describe('the content of a refund', () => {
  test.for([
    ['oid_partner', { oid_partner: '201103171000000001' }],
    ['no_refund', { no_refund: '2013051500002' }],
    ['the amount', { fen: 20_002 }],
    ['kind', { kind: 'exchange' }],
    ['no_order', { no_order: 'order-2' }],
    ['oid_paybill', { oid_paybill: 'bill-2' }],
    ['dt_order', { dt_order: '20130514094019' }],
  ] as const)('differs by %s', ([, other]) => {
    expect(contentHash({ ...REQUEST, ...other })).not.toBe(contentHash(REQUEST))
  })

  test.for([
    ['dt_refund, whose default depends on the job', { dt_refund: '20130515094019' }],
    ['notify_url', { notify_url: 'https://merchant.example/other' }],
  ] as const)('does not differ by %s', ([, other]) => {
    expect(contentHash({ ...REQUEST, ...other })).toBe(contentHash(REQUEST))
  })

  test('does not take an order number for a bill number', () => {
    const { oid_paybill: _bill, ...byOrder } = { ...REQUEST, no_order: 'x' }
    expect(contentHash(byOrder)).not.toBe(contentHash({ ...WITHOUT_ORDER, oid_paybill: 'x' }))
  })

  test('does not depend on the order in which fields stand', () => {
    const turned = Object.fromEntries(Object.entries(REQUEST).toReversed())
    expect(contentHash({ ...REQUEST, ...turned })).toBe(contentHash(REQUEST))
    expect(parse(Object.fromEntries(Object.entries(DATA).toReversed())).content).toBe(parse(DATA).content)
  })

  test('takes the amount as a number, not as text', () => {
    const contents = ['5', '5.0', '5.00'].map((money_refund) => parse({ ...DATA, money_refund }).content)
    expect(new Set(contents).size).toBe(1)
  })

  test.for([
    ['metadata', { metadata: { ticket: '7' } }],
    ['order_amount', { order_amount: '500.00' }],
    ['notify_url', { notify_url: 'https://merchant.example/other' }],
    ['the default written out', { kind: 'domestic' }],
  ] as const)('of job data does not differ by %s', ([, more]) => {
    expect(parse({ ...DATA, ...more }).content).toBe(parse(DATA).content)
  })
})

describe('the content of job data that cannot be read', () => {
  test('is equal for equal data', () => {
    expect(unreadableContentHash({ a: 1 })).toBe(unreadableContentHash({ a: 1 }))
  })

  test('differs for different data', () => {
    const hashes = [{ a: 1 }, { a: 2 }, { a: '1' }, [], null, 'a', 1].map((data) => unreadableContentHash(data))
    expect(new Set(hashes).size).toBe(7)
  })

  test('is never that of data that can be read', () => {
    expect(unreadableContentHash(DATA)).not.toBe(parse(DATA).content)
  })
})
