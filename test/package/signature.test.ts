import { createSign, generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { KeyError, sign, source, verify } from '../../src/package/signature.ts'

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 })
const other = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey
const pem = (key: typeof publicKey, type: 'spki' | 'pkcs1') => String(key.export({ type, format: 'pem' }))
const bare = (key: typeof publicKey) => key.export({ type: 'spki', format: 'der' }).toString('base64')

const MESSAGE = { oid_partner: '201103171000000000', sign_type: 'RSA', no_refund: '1', empty: '', sign: 'old' }
const SOURCE = 'no_refund=1&oid_partner=201103171000000000&sign_type=RSA'

const privateKeys = {
  'PKCS#8 PEM': String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
  'PKCS#1 PEM': String(privateKey.export({ type: 'pkcs1', format: 'pem' })),
  'bare base64': privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64'),
}
const publicKeys = {
  'SPKI PEM': pem(publicKey, 'spki'),
  'PKCS#1 PEM': pem(publicKey, 'pkcs1'),
  'bare base64': bare(publicKey),
  'several, separated by commas': `${bare(other)},${bare(publicKey)}`,
}

test('the source is what the gateway documents', () => {
  expect(source(MESSAGE)).toBe(SOURCE)
})

describe.for(Object.entries(privateKeys))('a message signed with a key as %s', ([, key]) => {
  const signed = { ...MESSAGE, sign: sign(MESSAGE, key) }

  test.for(Object.entries(publicKeys))('is verified with the public half as %s', ([, text]) => {
    expect(verify(signed, text)).toBe(true)
    expect(verify(signed, [bare(other), text])).toBe(true)
  })

  test('is what node:crypto makes of it', () => {
    expect(createSign('RSA-MD5').update(SOURCE).sign(privateKey, 'base64')).toBe(signed.sign)
  })
})

test('a message that was changed, or that another key signed, is not verified', () => {
  const signed = { ...MESSAGE, sign: sign(MESSAGE, privateKeys['bare base64']) }
  expect(verify({ ...signed, no_refund: '2' }, bare(publicKey))).toBe(false)
  expect(verify(signed, bare(other))).toBe(false)
})

test('a private key that cannot be used is told without its text', () => {
  const key = privateKeys['bare base64'].slice(0, 40)
  expect(() => sign(MESSAGE, key)).toThrow(KeyError)
  try {
    sign(MESSAGE, key)
  } catch (error) {
    expect(String(error)).not.toContain(key)
  }
})

describe('bad input never throws', () => {
  const key = bare(publicKey)
  test.for([
    ['no key', MESSAGE, ''],
    ['no keys', MESSAGE, []],
    ['a key that is none', MESSAGE, 'key'],
    ['a private key', MESSAGE, privateKeys['bare base64']],
    ['a key that is no text', MESSAGE, [7, null]],
    ['keys that are nothing', MESSAGE, undefined],
    ['a message without a signature', { no_refund: '1' }, key],
    ['a message that is no object', null, key],
    ['a message that is text', 'text', key],
    ['a message with a number', { ...MESSAGE, amount: 1 }, key],
    ['a message with a nest', { ...MESSAGE, nest: {} }, key],
  ] as const)('%s', ([, params, keys]) => {
    expect(Reflect.apply(verify, undefined, [params, keys])).toBe(false)
  })

  test('one bad key beside a good one', () => {
    const signed = { ...MESSAGE, sign: sign(MESSAGE, privateKeys['bare base64']) }
    expect(verify(signed, ['key', key])).toBe(true)
    expect(verify(signed, `key,${key}`)).toBe(true)
  })
})
