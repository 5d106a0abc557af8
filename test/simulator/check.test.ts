import crypto from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { readMoneyRefund } from '../../src/simulator/amount.ts'
import { isGatewayTime } from '../../src/simulator/gateway-time.ts'
import { isSignedBy, readPublicKey, signedText } from '../../src/simulator/signing.ts'
import type { Message } from './merchant.ts'
import { call, isSigned, post, query, queryOf, refund, sign, simulator, submit } from './merchant.ts'

const JSON_TYPE = 'application/json;charset=utf-8'

test("a signature that LianLian published verifies with LianLian's published key", () => {
  const key =
    'MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCSS/DiwdCf/aZsxxcacDnooGph3d2JOj5GXWi+q3gznZauZjkNP8SKl3J2liP0O6rU/Y/29+IUe+GTMhMOFJuZm1htAtKiu5ekW0GlBMWxf4FPkYlQkPE0FtaoMP3gYfh+OwI+fIRrpW3ySn3mScnc6Z700nU/VYrRkfcSCbSnRwIDAQAB'
  const message = {
    oid_partner: '201408071000001541',
    ret_code: '4005',
    ret_msg: '商户未开通权限',
    sign_type: 'RSA',
    sign: 'M/EH4khKDPUIMnDqEid7mh90Acj0pguMVLiq17+ubl9M8YtOqG79X0q+b6TzuyiHVDOlXlUM8dvJQjgJ2qJFcGXe+1DakX0T71DLOQZjE3BEPcCWGQN0PcBpAs3EE1LBaI5p8FmBd3bLGMybYpTrt7/DC+BrukvJLgW7pMjHtHw=',
  }
  expect(isSignedBy(message, readPublicKey(key))).toBe(true)
  expect(isSignedBy({ ...message, ret_code: '4006' }, readPublicKey(key))).toBe(false)
})

test('the signed text has every key but sign, leaves out empty values, and is sorted by bytes', () => {
  expect(signedText({ b: '2', sign: 'x', a_b: '0', a: ' ', c: '', Z: '&=' })).toBe('Z=&=&a= &a_b=0&b=2')
})

test.for([
  ['200.01', 20_001],
  ['0.01', 1],
  ['0.1', 10],
  ['5', 500],
  ['100000000.00', 10_000_000_000],
  ['100000000.01', undefined],
  ['0.00', undefined],
  ['1.', undefined],
  ['.5', undefined],
  ['1.005', undefined],
  ['-1.00', undefined],
  ['1e3', undefined],
  ['0000000001.00', undefined],
] as const)('the amount %s is %s fen', ([text, fen]) => {
  expect(readMoneyRefund(text)).toBe(fen)
})

test.for([
  ['20240229000000', true],
  ['20230229000000', false],
  ['20130515240000', false],
  ['20131301000000', false],
  ['2013051509401', false],
  ['00990101000000', true],
] as const)('the time %s is real: %s', ([text, real]) => {
  expect(isGatewayTime(text)).toBe(real)
})

describe('a submit is refused', () => {
  const cases: ReadonlyArray<readonly [string, Message, string]> = [
    ['without no_refund', { no_refund: '' }, 'no_refund'],
    ['with a no_refund of 33 characters', { no_refund: 'x'.repeat(33) }, 'no_refund'],
    ['with & in no_refund', { no_refund: 'a&b' }, 'no_refund'],
    ['without dt_refund', { dt_refund: '' }, 'dt_refund'],
    ['with a day that never was', { dt_refund: '20130230000000' }, 'dt_refund'],
    ['without money_refund', { money_refund: '' }, 'money_refund'],
    ['with three decimals', { money_refund: '1.005' }, 'money_refund'],
    ['without notify_url', { notify_url: '' }, 'notify_url'],
    ['with a notify_url that is none', { notify_url: 'ftp://x/y' }, 'notify_url'],
    ['with a notify_url of 129 characters', { notify_url: `http://h/${'x'.repeat(120)}` }, 'notify_url'],
    ['without no_order and oid_paybill', { no_order: '' }, 'no_order'],
    ['with a dt_order that is no time', { dt_order: 'yesterday' }, 'dt_order'],
    ['with a field outside the documents', { money_order: '200.01' }, 'money_order'],
    ['with a field that every object has', { constructor: 'x' }, 'constructor'],
    ['with another sign_type', { sign_type: 'MD5' }, 'sign_type'],
    ['with an oid_partner of 17 digits', { oid_partner: '20110317100000000' }, 'oid_partner'],
  ]
  test.for(cases)('%s: 1004 names the field', async ([, fields, parameter]) => {
    const gateway = await simulator()
    const answer = await submit(gateway, refund(fields))
    expect(answer).toMatchObject({ ret_code: '1004', ret_msg: `商户请求参数校验错误[${parameter}]` })
    expect(gateway.refunds()).toEqual([])
  })

  test('with a number for a text: 1004', async () => {
    const gateway = await simulator()
    const body = JSON.stringify({ ...sign(refund()), money_refund: 200.01 })
    const { fields } = await post(`${gateway.url}/refund.htm`, body, JSON_TYPE)
    expect(fields).toMatchObject({ ret_code: '1004', ret_msg: expect.stringContaining('money_refund') })
  })

  test.for([
    ['no JSON', '{', JSON_TYPE],
    ['an array', '[]', JSON_TYPE],
    ['a form', 'a=b', 'application/x-www-form-urlencoded'],
    ['another charset', JSON.stringify(sign(refund())), 'application/json;charset=gbk'],
    ['another media type', JSON.stringify(sign(refund())), 'text/plain'],
  ] as const)('for %s: 1012, unsigned', async ([, body, type]) => {
    const gateway = await simulator()
    const { status, fields } = await post(`${gateway.url}/refund.htm`, body, type)
    expect(status).toBe(200)
    expect(fields).toEqual({ ret_code: '1012', ret_msg: '请求报文解析失败' })
  })

  test('under a wrong, a missing or a foreign signature: 1001, unsigned', async () => {
    const gateway = await simulator()
    const stranger = crypto.generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey
    const good = sign(refund())
    const wrong = [
      { ...good, money_refund: '200.02' },
      { ...good, sign: '' },
      { ...good, sign: '###' },
    ]
    for (const message of [...wrong, sign(refund(), stranger)]) {
      const { fields } = await post(`${gateway.url}/refund.htm`, JSON.stringify(message), JSON_TYPE)
      expect(fields).toEqual({ ret_code: '1001', ret_msg: '商户请求签名错误' })
    }
    expect(gateway.refunds()).toEqual([])
  })

  test('from an unknown merchant: 3001', async () => {
    const gateway = await simulator()
    expect(await submit(gateway, refund({ oid_partner: '9'.repeat(18) }))).toMatchObject({ ret_code: '3001' })
  })

  test('signed with what the refusal is about, or unsigned by option', async () => {
    const signing = await simulator()
    const asked = refund({ money_refund: '0.00' })
    const answer = await submit(signing, asked)
    expect(Object.keys(answer).toSorted()).toEqual([
      'money_refund',
      'no_refund',
      'oid_partner',
      'ret_code',
      'ret_msg',
      'sign',
      'sign_type',
    ])
    expect(isSigned(answer, signing.publicKey)).toBe(true)
    const plain = await simulator({ signRefusals: false })
    expect(await submit(plain, asked)).not.toHaveProperty('sign')
  })
})

test('other paths, methods and oversized bodies are no calls', async () => {
  const gateway = await simulator()
  expect((await post(`${gateway.url}/other.htm`, '{}', JSON_TYPE)).status).toBe(404)
  expect((await post(`${gateway.url}/refund.htm`, ' '.repeat(70_000), JSON_TYPE)).status).toBe(413)
  expect((await fetch(`${gateway.url}/refund.htm`, { headers: { connection: 'close' } })).status).toBe(405)
  expect(gateway.requests).toEqual([])
})

test('a query needs no_refund with its dt_refund, or oid_refundno; a wrong dt_refund finds nothing', async () => {
  const gateway = await simulator()
  const asked = refund()
  const { oid_refundno = '' } = await submit(gateway, asked)
  const { dt_refund: _, ...withoutTime } = queryOf(asked)
  const { no_refund: __, ...byRefundno } = withoutTime
  const answers = await Promise.all(
    [
      withoutTime,
      byRefundno,
      { ...byRefundno, oid_refundno },
      { ...byRefundno, oid_refundno: '1' },
      { ...queryOf(asked), dt_refund: '20130515094019' },
    ].map(async (message) => (await call(gateway, '/refundquery.htm', message)).fields),
  )
  expect(answers.map(({ ret_code }) => ret_code)).toEqual(['1004', '1004', '0000', '8901', '8901'])
  expect(answers[3]).toEqual({ ret_code: '8901', ret_msg: '没有记录' })
  expect(await query(gateway, asked)).toMatchObject({ ret_code: '0000' })
})
