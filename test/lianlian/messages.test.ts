import { describe, expect, test } from 'vitest'
import { parseFlatMessage } from '../../src/lianlian/flat-message.ts'
import { refundMessage, refundQueryMessage } from '../../src/lianlian/messages.ts'
import { verify } from '../../src/lianlian/signature.ts'
import { keyPair, REQUEST } from './sample.ts'

const { privateKey, publicKeys } = keyPair()

describe('the refund message', () => {
  test('has the documented fields alone, the amount with two decimals, and a good signature', async () => {
    const request = { ...REQUEST, fen: 20010, oid_paybill: '2013051613121201', dt_order: '20130515094013' }
    const message: unknown = JSON.parse(refundMessage(request, privateKey))
    expect(message).toEqual({
      oid_partner: '201103171000000000',
      sign_type: 'RSA',
      no_refund: '2013051500001',
      dt_refund: '20130515094018',
      money_refund: '200.10',
      no_order: '2013051500009',
      dt_order: '20130515094013',
      oid_paybill: '2013051613121201',
      notify_url: 'http://127.0.0.1/notifications/refund',
      sign: expect.any(String),
    })
    const parsed = parseFlatMessage(refundMessage(request, privateKey))
    expect(parsed.ok && verify(parsed.message, publicKeys)).toBe(true)
  })

  test('leaves out what the request does not have', async () => {
    const message = refundMessage(REQUEST, privateKey)
    expect(Object.keys(JSON.parse(message))).toEqual([
      'oid_partner',
      'sign_type',
      'no_refund',
      'dt_refund',
      'money_refund',
      'no_order',
      'notify_url',
      'sign',
    ])
  })

  test('has the same bytes every time, in whatever order the request was put together', async () => {
    const turned = { ...Object.fromEntries(Object.entries(REQUEST).toReversed()), ...REQUEST }
    expect(refundMessage(turned, privateKey)).toBe(refundMessage(REQUEST, privateKey))
  })
})

describe('the query message', () => {
  test('asks by our number with the stored dt_refund, signed', async () => {
    const text = refundQueryMessage(REQUEST, privateKey)
    expect(Object.keys(JSON.parse(text))).toEqual(['oid_partner', 'sign_type', 'no_refund', 'dt_refund', 'sign'])
    const parsed = parseFlatMessage(text)
    expect(parsed.ok && verify(parsed.message, publicKeys)).toBe(true)
  })
})
