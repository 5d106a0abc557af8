import { createPrivateKey, generateKeyPairSync, generatePrimeSync } from 'node:crypto'
import { inspect } from 'node:util'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { LIANLIAN_PUBLIC_KEY, parsePrivateKey, parsePublicKeys } from '../../src/lianlian/keys.ts'
import { sign, verify } from '../../src/lianlian/signature.ts'
import { keyPair } from './sample.ts'

const { native } = keyPair(2048)
const privateDer = {
  pkcs1: native.privateKey.export({ type: 'pkcs1', format: 'der' }).toString('base64'),
  pkcs8: native.privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64'),
}
const publicDer = {
  pkcs1: native.publicKey.export({ type: 'pkcs1', format: 'der' }).toString('base64'),
  spki: native.publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
}

function lines(text: string, width: number, feed = '\n'): string {
  return (text.match(new RegExp(`.{1,${width}}`, 'g')) ?? []).join(feed)
}
function pem(label: string, base64: string, width = 64, feed = '\n'): string {
  return `-----BEGIN ${label}-----${feed}${lines(base64, width, feed)}${feed}-----END ${label}-----`
}

const privateForms = {
  'PEM PKCS#1': pem('RSA PRIVATE KEY', privateDer.pkcs1),
  'PEM PKCS#8 with a final line feed': `${pem('PRIVATE KEY', privateDer.pkcs8)}\n`,
  'PEM with 76 columns': pem('PRIVATE KEY', privateDer.pkcs8, 76),
  'PEM with CRLF': `${pem('RSA PRIVATE KEY', privateDer.pkcs1, 64, '\r\n')}\r\n`,
  'PEM in one line': pem('PRIVATE KEY', privateDer.pkcs8, 10_000),
  'PEM with spaces for line feeds': pem('PRIVATE KEY', privateDer.pkcs8, 64, ' '),
  'PEM with literal \\n, as in an environment file': pem('PRIVATE KEY', privateDer.pkcs8, 64, '\\n'),
  'PEM in blanks': `\n\t ${pem('RSA PRIVATE KEY', privateDer.pkcs1)} \n\n`,
  'bare PKCS#8': privateDer.pkcs8,
  'bare PKCS#1': privateDer.pkcs1,
  'bare PKCS#8 in odd lines': `  ${lines(privateDer.pkcs8, 37, '\r\n')}\n`,
}
const publicForms = {
  'PEM SPKI': pem('PUBLIC KEY', publicDer.spki),
  'PEM SPKI of 76 columns': pem('PUBLIC KEY', publicDer.spki, 76),
  'PEM SPKI with CRLF': `${pem('PUBLIC KEY', publicDer.spki, 64, '\r\n')}\r\n`,
  'PEM PKCS#1': pem('RSA PUBLIC KEY', publicDer.pkcs1),
  'bare SPKI': publicDer.spki,
  'bare PKCS#1': publicDer.pkcs1,
  'bare SPKI in odd lines': `\n ${lines(publicDer.spki, 33)} \n`,
}

const message = { oid_partner: '201103171000000000', ret_msg: '交易成功', sign_type: 'RSA' }

function failure(action: () => unknown): string {
  try {
    action()
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : 'not an Error'
  }
  return 'no error'
}

afterEach(() => {
  vi.restoreAllMocks()
})

describe('a private key', () => {
  const expected = sign(message, parsePrivateKey(privateForms['bare PKCS#8']))

  test.each(Object.entries(privateForms))('as %s gives the one signature and fingerprint', (_form, text) => {
    const key = parsePrivateKey(text)
    expect(sign(message, key)).toBe(expected)
    expect(key.fingerprint).toBe(parsePublicKeys(publicDer.spki)[0]?.fingerprint)
    expect(key.bits).toBe(2048)
  })

  test('is printed by nothing that prints objects', () => {
    const key = parsePrivateKey(privateDer.pkcs8)
    const printed = inspect(key, { depth: 20, showHidden: true }) + JSON.stringify(key)
    expect(printed).toContain(key.fingerprint)
    expect(printed).not.toContain(privateDer.pkcs8.slice(40, 60))
    expect(printed).not.toMatch(/keyPair|BigInteger/)
  })

  test('that cannot sign stops the start, though its parts agree with each other', () => {
    expect(failure(() => parsePrivateKey(keyOfComposites()))).toMatch(/^KeyError: the RSA private key cannot sign/)
  })

  test('with a damaged part stops the start', () => {
    const bytes = Buffer.from(privateDer.pkcs1, 'base64')
    const at = bytes.length - 60
    bytes[at] = (bytes[at] ?? 0) ^ 1
    expect(failure(() => parsePrivateKey(bytes.toString('base64')))).toMatch(/^KeyError: /)
  })
})

describe('public keys', () => {
  const signature = sign(message, parsePrivateKey(privateDer.pkcs8))

  test.each(Object.entries(publicForms))('as %s verify', (_form, text) => {
    expect(verify({ ...message, sign: signature }, parsePublicKeys(text))).toBe(true)
  })

  test('several in one text, each in its own form, keep their order', () => {
    const text = `${LIANLIAN_PUBLIC_KEY},\n${publicForms['PEM PKCS#1']}\n, ${publicForms['bare SPKI']},`
    const keys = parsePublicKeys(text)
    expect(keys.map(({ bits }) => bits)).toEqual([1024, 2048, 2048])
    expect(keys[0]?.fingerprint).toBe('sha256:c5e86d06c7241e21')
    expect(verify({ ...message, sign: signature }, keys)).toBe(true)
  })
})

describe('key sizes', () => {
  test.each([1024, 2048, 4096])('%i bits work', (bits) => {
    const pair = keyPair(bits)
    expect(verify({ ...message, sign: sign(message, pair.privateKey) }, pair.publicKeys)).toBe(true)
  })

  test.each([1023, 4104])('%i bits are refused', (modulusLength) => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength })
    const secret = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    const open = publicKey.export({ type: 'spki', format: 'pem' }).toString()
    const expected = `KeyError: an RSA key of ${modulusLength} bits; 1024 to 4096 are allowed`
    expect(failure(() => parsePrivateKey(secret))).toBe(expected)
    expect(failure(() => parsePublicKeys(open))).toBe(expected)
  })
})

describe('what is not such a key is refused without quoting it', () => {
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const ecPrivate = ec.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const ecPublic = ec.publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const encrypted = native.privateKey
    .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })
    .toString()
  const truncated = privateDer.pkcs8.slice(0, 800)

  test.each([
    ['', 'not an RSA private key'],
    ['hunter2-secret', 'not an RSA private key'],
    ['-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PUBLIC KEY-----', 'not an RSA private key'],
    [truncated, 'not an RSA private key'],
    [ecPrivate, 'not an RSA private key'],
    [encrypted, 'the private key is encrypted: give it without a passphrase'],
    [publicDer.spki, 'a public key stands where a private key is due'],
    [publicForms['PEM PKCS#1'], 'a public key stands where a private key is due'],
  ])('private %#', (text, expected) => {
    expect(failure(() => parsePrivateKey(text))).toBe(`KeyError: ${expected}`)
  })

  test.each([
    ['', 'no RSA public key given'],
    [' , ', 'no RSA public key given'],
    ['hunter2-secret', 'not an RSA public key'],
    [ecPublic, 'not an RSA public key'],
    [`${publicForms['PEM SPKI']}\n${publicForms['PEM SPKI']}`, 'not an RSA public key'],
    [privateDer.pkcs8, 'a private key stands where a public key is due'],
    [privateDer.pkcs1, 'a private key stands where a public key is due'],
    [`${LIANLIAN_PUBLIC_KEY},${privateForms['PEM PKCS#1']}`, 'a private key stands where a public key is due'],
    [encrypted, 'a private key stands where a public key is due'],
  ])('public %#', (text, expected) => {
    expect(failure(() => parsePublicKeys(text))).toBe(`KeyError: ${expected}`)
  })
})

describe("node-rsa's warning about MD5", () => {
  test('is not printed, and console.warn is as before', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    const before = console.warn
    parsePrivateKey(privateDer.pkcs8)
    parsePublicKeys(publicDer.spki)
    expect(console.warn).toBe(before)
    expect(warn).not.toHaveBeenCalled()
  })
})

/** Every equation among its parts holds, but one of its "primes" is a product. */
function keyOfComposites(): string {
  const prime = (bits: number): bigint => generatePrimeSync(bits, { bigint: true })
  while (true) {
    const [p, q, e] = [prime(256) * prime(256), prime(512), 65537n]
    if (p < q || (p * q).toString(2).length < 1024) continue
    const d = inverse(e, (p - 1n) * (q - 1n))
    const parts = { n: p * q, e, d, p, q, dp: d % (p - 1n), dq: d % (q - 1n), qi: inverse(q, p) }
    const texts = Object.entries(parts).map(([name, part]) => {
      const hex = part.toString(16)
      return [name, Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex').toString('base64url')]
    })
    const key = { kty: 'RSA', ...Object.fromEntries(texts) }
    return createPrivateKey({ key, format: 'jwk' }).export({ type: 'pkcs1', format: 'pem' }).toString()
  }
}

function inverse(value: bigint, modulus: bigint): bigint {
  let [a, b, x, y] = [value, modulus, 1n, 0n]
  while (b !== 0n) [a, b, x, y] = [b, a % b, y, x - (a / b) * y]
  return ((x % modulus) + modulus) % modulus
}
