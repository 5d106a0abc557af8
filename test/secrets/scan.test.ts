import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { markOfText, marksOfKey } from './marks.ts'
import { longTextsIn, secretsIn } from './scan.ts'

const pem = generateKeyPairSync('rsa', { modulusLength: 1024 })
  .privateKey.export({ type: 'pkcs1', format: 'pem' })
  .toString()
const key = createPrivateKey(pem)
const jwk = key.export({ format: 'jwk' })
const der = key.export({ type: 'pkcs8', format: 'der' })
const marks = [...marksOfKey('the key', pem), markOfText('the password', 'p&ss wörd+/')]
const found = (text: string) => secretsIn([{ where: 'a log', text: `before ${text} after` }], marks)

describe('a private key is found', () => {
  test.each<[form: string, text: string]>([
    ['a PEM, PKCS#1', pem],
    ['a PEM, PKCS#8', key.export({ type: 'pkcs8', format: 'pem' }).toString()],
    ['a PEM in JSON', JSON.stringify({ pem })],
    ['a PEM in JSON in JSON', JSON.stringify(JSON.stringify({ pem }))],
    ['DER in base64', der.toString('base64')],
    ['DER in base64url', der.toString('base64url')],
    ['DER in hexadecimal', der.toString('hex')],
    ['raw DER', der.toString('latin1')],
    ['a JWK', JSON.stringify(jwk)],
    ['a Buffer in JSON', JSON.stringify(der)],
    ['a Buffer as it is inspected', inspect(Buffer.from(jwk.p ?? '', 'base64url'), { maxArrayLength: 1000 })],
    ['a number', BigInt(`0x${Buffer.from(jwk.d ?? '', 'base64url').toString('hex')}`).toString()],
  ])('as %s', (_, text) => {
    expect(found(text)).not.toEqual([])
  })

  test('and its public half is not taken for it', () => {
    const publicKey = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey
    expect(found(JSON.stringify({ n: jwk.n, e: jwk.e }))).toEqual([])
    expect(found(publicKey.export({ type: 'spki', format: 'pem' }).toString())).toEqual([])
  })
})

test.each<[form: string, text: string]>([
  ['text', 'p&ss wörd+/'],
  ['a part of a URL', encodeURIComponent('p&ss wörd+/')],
  ['JSON', JSON.stringify({ password: 'p&ss wörd+/' })],
  ['a header of basic auth', Buffer.from('admin:p&ss wörd+/').toString('base64')],
  ['hexadecimal', Buffer.from('p&ss wörd+/').toString('hex')],
])('a password is found as %s', (_, text) => {
  expect(found(text)).toEqual(['a log: the password'])
})

test('an innocent text has nothing, and a long one that nobody marked is noticed', () => {
  expect(found('sha256:5b0c3d17e9a14f20 hunter2')).toEqual([])
  const text = `"sign":"${Buffer.alloc(128, 7).toString('base64')}"`
  expect(longTextsIn([{ where: 'a page', text }])).toHaveLength(1)
  expect(longTextsIn([{ where: 'a page', text: 'a'.repeat(99) }])).toEqual([])
})
