import { expect, test } from 'vitest'
import { classifyQuery, classifySubmit } from '../../src/lianlian/classify.ts'
import { readNotification } from '../../src/lianlian/notification.ts'
import { sign } from '../../src/lianlian/signature.ts'
import { source } from '../../src/lianlian/source.ts'
import { ACCEPTED, ECHO, keyPair, REQUEST } from './sample.ts'

const { privateKey, publicKeys } = keyPair()
type Fields = Readonly<Record<string, string>>
const read = (message: Fields) => readNotification(Buffer.from(JSON.stringify(message)), () => publicKeys)

/** What was signed, and other fields with the same source text. */
const twin = (signed: Fields, forged: Fields): Fields => {
  expect(source(forged)).toBe(source(signed))
  return { ...forged, sign: sign(signed, privateKey) }
}

test('no notification is made of a text that the gateway signed for another merchant', () => {
  const wish = `&dt_refund=20130515094018&money_refund=200.01&no_refund=${ECHO.no_refund}&oid_partner=${ECHO.oid_partner}`
  const rest = '&dt_order=20130515094013&no_order=1&oid_partner=201408071000001541&result_pay=SUCCESS&sign_type=RSA'
  const signed = {
    acct_name: `x${wish}&sign_type=RSA&sta_refund=2&z=`,
    dt_order: '20130515094013',
    no_order: '1',
    oid_partner: '201408071000001541',
    result_pay: 'SUCCESS',
    sign_type: 'RSA',
  }
  const { sta_refund: _state, ...ours } = { ...ECHO, sta_refund: '' }
  const forged = { acct_name: 'x', ...ours, dt_refund: '20130515094018', sign_type: 'RSA', sta_refund: '2', z: rest }
  expect(read(twin(signed, forged))).toEqual({ kind: 'forged', reason: 'ambiguous signature' })
})

test('no field of a true notification can be hidden in the value of another', () => {
  const signed = {
    ...ECHO,
    dt_refund: REQUEST.dt_refund,
    oid_refundno: '2013051613121201',
    ret_code: '9999',
    sign_type: 'RSA',
    sta_refund: '3',
  }
  const { ret_code: _code, ...others } = signed
  const forged = { ...others, oid_refundno: '2013051613121201&ret_code=9999' }
  expect(read(twin(signed, forged))).toEqual({ kind: 'forged', reason: 'ambiguous signature' })
  expect(read({ ...signed, sign: sign(signed, privateKey) })).toMatchObject({ kind: 'verified' })
})

test('nothing is concluded from an answer whose signature fits other fields as well', () => {
  const signed = { ...ACCEPTED, sign_type: 'RSA', settle_date: '20130627' }
  const { settle_date: _day, ret_msg: _msg, ...others } = signed
  const body = Buffer.from(
    JSON.stringify(twin(signed, { ...others, ret_msg: `${signed.ret_msg}&settle_date=20130627` })),
  )
  const received = { request: REQUEST, exchange: { kind: 'answered', status: 200, body } as const, publicKeys }
  expect(classifySubmit({ ...received, trustUnsignedRefusals: true })).toMatchObject({ kind: 'unclear', fields: {} })
  expect(classifyQuery(received)).toMatchObject({ kind: 'inconclusive', fields: {} })
})

test('a value with & or = alone is taken: no other fields have its source', () => {
  for (const ret_msg of ['A & B', 'a=b', 'x=1&y', '&', '=&']) {
    const fields = { ...ECHO, dt_refund: REQUEST.dt_refund, ret_msg, sign_type: 'RSA', sta_refund: '2' }
    expect(read({ ...fields, sign: sign(fields, privateKey) })).toMatchObject({ kind: 'verified' })
  }
})
