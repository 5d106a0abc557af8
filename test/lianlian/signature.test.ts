import { execFileSync } from 'node:child_process'
import { createSign, createVerify } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { LIANLIAN_PUBLIC_KEY, parsePublicKeys } from '../../src/lianlian/keys.ts'
import { sign, verify } from '../../src/lianlian/signature.ts'
import { source } from '../../src/lianlian/source.ts'
import { ACCEPTED, keyPair } from './sample.ts'

const lianlian = parsePublicKeys(LIANLIAN_PUBLIC_KEY)

/** Printed in LianLian's instant payment documentation; it verifies with LianLian's published key. */
const PRINTED = {
  oid_partner: '201408071000001541',
  ret_code: '4005',
  ret_msg: '商户未开通权限',
  sign_type: 'RSA',
  sign:
    'M/EH4khKDPUIMnDqEid7mh90Acj0pguMVLiq17+ubl9M8YtOqG79X0q+b6TzuyiHVDOlXlUM8dvJQjgJ2qJFcGXe+1DakX0T71DLOQZjE3BE' +
    'PcCWGQN0PcBpAs3EE1LBaI5p8FmBd3bLGMybYpTrt7/DC+BrukvJLgW7pMjHtHw=',
}

/** The signature printed in most samples, a filler that fits none of them. */
const FILLER =
  'ZPZULntRpJwFmGNIVKwjLEF2Tze7bqs60rxQ22CqT5J1UlvGo575QK9z/+p+7E9cOoRoWzqR6xHZ6WVv3dloyGKDR0btvrdqPgUAoeaX/YOWzTh0' +
  '0vwcQ+HBtXE+vPTfAqjCTxiiSJEOY7ATCF1q7iP3sfQxhS0nDUug1LP3OLk='

const { native, privateKey, publicKeys } = keyPair(2048)
const message = { ...ACCEPTED, sign_type: 'RSA', notify_url: 'http://h/?a=1&b=2', empty: '' }
const good = { ...message, sign: sign(message, privateKey) }

describe('signatures made by LianLian', () => {
  test('the refusal printed in its documentation verifies', () => {
    expect(verify(PRINTED, lianlian)).toBe(true)
  })

  test('a changed field is noticed', () => {
    expect(verify({ ...PRINTED, ret_code: '5003' }, lianlian)).toBe(false)
    expect(verify({ ...PRINTED, sta_refund: '3' }, lianlian)).toBe(false)
  })

  test('the filler of the printed samples does not verify', () => {
    const sample = { ...ACCEPTED, sta_refund: '2', settle_date: '20130627', sign_type: 'RSA', sign: FILLER }
    expect(verify(sample, lianlian)).toBe(false)
  })
})

describe('our signatures', () => {
  test('are RSA with MD5 as node:crypto makes and checks them', () => {
    const text = source(message)
    expect(createVerify('RSA-MD5').update(text).verify(native.publicKey, good.sign, 'base64')).toBe(true)
    expect(createSign('RSA-MD5').update(text).sign(native.privateKey, 'base64')).toBe(good.sign)
  })

  const openssl = hasOpenssl()
  test.skipIf(!openssl)('are what the openssl command line makes and checks', () => {
    const folder = mkdtempSync(join(tmpdir(), 'lianlian-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const file = (name: string, content: string | Buffer): string => {
      writeFileSync(join(folder, name), content)
      return join(folder, name)
    }
    const text = file('text', source(message))
    const secret = file('private.pem', native.privateKey.export({ type: 'pkcs8', format: 'pem' }))
    const open = file('public.pem', native.publicKey.export({ type: 'spki', format: 'pem' }))
    const signature = file('signature', Buffer.from(good.sign, 'base64'))
    expect(execFileSync('openssl', ['dgst', '-md5', '-sign', secret, text]).toString('base64')).toBe(good.sign)
    const checked = execFileSync('openssl', ['dgst', '-md5', '-verify', open, '-signature', signature, text])
    expect(checked.toString()).toMatch(/Verified OK/)
  })
})

describe('verify', () => {
  test('takes a message whole, with fields nobody documented and empty ones', () => {
    expect(verify(good, publicKeys)).toBe(true)
    expect(verify({ ...good, another_empty: '' }, publicKeys)).toBe(true)
    expect(verify({ ...good, added: 'x' }, publicKeys)).toBe(false)
  })

  test('tries each key', () => {
    const old = keyPair(1024)
    expect(verify(good, [...lianlian, ...old.publicKeys, ...publicKeys])).toBe(true)
    expect(verify(good, [...lianlian, ...old.publicKeys])).toBe(false)
    expect(verify(good, [])).toBe(false)
  })

  test.each([
    ['another algorithm, properly signed', signedAs('MD5')],
    ['lower case', signedAs('rsa')],
    ['blank behind', signedAs('RSA ')],
    ['none', signedAs('')],
  ])('takes sign_type RSA alone: %s', (_name, params) => {
    expect(verify(params, publicKeys)).toBe(false)
  })

  test.each([
    ['none', undefined],
    ['empty', ''],
    ['a line feed behind', `${good.sign}\n`],
    ['a line feed inside', `${good.sign.slice(0, 76)}\n${good.sign.slice(76)}`],
    ['a blank before', ` ${good.sign}`],
    ['no padding', good.sign.replace(/=+$/, '')],
    ['more padding', `${good.sign}=`],
    ['the alphabet for URLs', good.sign.replaceAll('+', '-').replaceAll('/', '_')],
    ['hexadecimal', Buffer.from(good.sign, 'base64').toString('hex')],
    ['a byte before', Buffer.concat([Buffer.alloc(1), Buffer.from(good.sign, 'base64')]).toString('base64')],
    ['a byte too few', Buffer.from(good.sign, 'base64').subarray(1).toString('base64')],
    ['not ASCII', `é${good.sign}`],
    ['very long', 'A'.repeat(1_000_000)],
    ['zero', Buffer.alloc(256).toString('base64')],
  ])('takes canonical base64 of the modulus length alone: %s', (_name, text) => {
    expect(verify({ ...message, sign: text }, publicKeys)).toBe(false)
  })

  test('refuses base64 whose unused bits are set', () => {
    const at = good.sign.indexOf('=') - 1
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
    const next = alphabet[alphabet.indexOf(good.sign.charAt(at)) + 1] ?? ''
    const variant = good.sign.slice(0, at) + next + good.sign.slice(at + 1)
    expect(Buffer.from(variant, 'base64')).toEqual(Buffer.from(good.sign, 'base64'))
    expect(verify({ ...message, sign: variant }, publicKeys)).toBe(false)
  })

  test.each(['null', '"text"', '7', '[]', '{}', '{"sign":1}', '{"sign_type":"RSA","sign":{"a":1}}', '{"a":null}'])(
    'is false, and does not throw, for %s',
    (json) => {
      expect(verify(JSON.parse(json), publicKeys)).toBe(false)
    },
  )

  test('is false for a message with a value that is not text, though the rest is signed', () => {
    expect(verify({ ...good, rate: 6.66 }, publicKeys)).toBe(false)
    expect(verify({ ...good, rate: null }, publicKeys)).toBe(false)
  })

  test('is false for texts that only look alike in UTF-8', () => {
    const replaced = { ...message, ret_msg: '\ufffd' }
    const signed = { ...replaced, sign: sign(replaced, privateKey) }
    expect(verify(signed, publicKeys)).toBe(true)
    expect(verify({ ...signed, ret_msg: '\ud800' }, publicKeys)).toBe(false)
  })
})

function signedAs(sign_type: string): Record<string, string> {
  const params = { ...message, sign_type }
  return { ...params, sign: sign(params, privateKey) }
}

function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'])
    return true
  } catch {
    return false
  }
}
