import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { sign, verify } from '../../src/lianlian/signature.ts'
import { source } from '../../src/lianlian/source.ts'
import { cleanUp } from '../support/clean-up.ts'
import { keyPair } from './sample.ts'
import { type Asked, openssl, php, phpOn } from './second-opinion.ts'

const SEED = 20_130_515
const { native, privateKey, publicKeys } = keyPair()
const other = keyPair()
const pem = {
  private: native.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  public: native.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
}

/** Names as the documents have them, and others that sort just beside them. */
const documentedName = fc.oneof(
  fc.constantFrom('oid_partner', 'no_refund', 'dt_refund', 'money_refund', 'oid_refundno', 'sta_refund', 'ret_code'),
  fc.constantFrom(
    'a',
    'a1',
    'a10',
    'a2',
    'a_',
    'a_1',
    'ab',
    'sign_',
    'signature',
    'sign_typ',
    'sign_type_',
    'rate',
    'rate_id',
  ),
  fc.stringMatching(/^[a-z][a-z0-9_]{0,8}$/),
)
const anyName = fc.oneof(documentedName, fc.stringMatching(/^[A-Za-z0-9_ .-]{1,6}$/))
const value = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '0',
    'null',
    'false',
    '200.10',
    '1e3',
    '退款成功',
    '💸',
    'a&b=c',
    '&',
    '=',
    '%26',
    '+',
    '\\u0026',
  ),
  fc.constantFrom('"', "'", '\\', '/', '\n', '\t', '\u0000', '\ufeff', 'e\u0301', 'é', '\u2028', 'http://h/?a=1&b=2'),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 12 }).filter((text) => text.isWellFormed()),
)

type Fields = Readonly<Record<string, string>>
const messageOf = (name: fc.Arbitrary<string>) =>
  fc
    .dictionary(name, value, { maxKeys: 12, noNullPrototype: true })
    .map((fields) => Object.assign(fields, { sign_type: 'RSA' }))

const drawn = (name: fc.Arbitrary<string>, count: number): Fields[] =>
  fc.sample(messageOf(name), { seed: SEED, numRuns: count }).map(({ sign: _sign, ...fields }: Fields) => fields)

/** A message with its signature, or with one that is not its own, or with something changed after it. */
function asked(fields: Fields, at: number): Asked & { readonly params: Fields } {
  const good = sign(fields, privateKey)
  const changes: readonly [Fields, string][] = [
    [fields, good],
    [{ ...fields, extra: '1' }, good],
    [{ ...fields, extra: '' }, good],
    [{ ...fields, sign_type: 'RSA', no_refund: `${fields.no_refund ?? ''}x` }, good],
    [fields, sign(fields, other.privateKey)],
    [fields, Buffer.from(Buffer.from(good, 'base64').toReversed()).toString('base64')],
  ]
  const [params, signature] = changes[at % changes.length] ?? [fields, good]
  return { fields: Object.entries(params), sign: signature, params: { ...params, sign: signature } }
}

const answers = z.array(z.object({ source: z.string(), plain: z.string(), sign: z.string(), verdict: z.boolean() }))

test.skipIf(php.missing)('PHP builds the same text, makes the same signature and comes to the same verdict', () => {
  const messages = [...drawn(documentedName, 200), ...drawn(anyName, 200)].map(asked)
  const said = answers.parse(phpOn(messages, pem))
  expect(said).toHaveLength(messages.length)
  const verdicts = new Set<boolean>()
  for (const [at, { params }] of messages.entries()) {
    const theirs = said[at]
    const { sign: signature, ...fields } = params
    expect(source(params)).toBe(theirs?.source)
    expect(sign(fields, privateKey)).toBe(theirs?.sign)
    expect(verify(params, publicKeys), JSON.stringify(params)).toBe(theirs?.verdict)
    verdicts.add(theirs?.verdict === true)
    expect(signature).toMatch(/=$/)
  }
  expect(verdicts).toEqual(new Set([true, false]))
})

// Without flags ksort compares names that look like numbers as numbers: `10` behind `9`. No documented name does.
test.skipIf(php.missing)(
  'PHP sorts documented names the same without flags, as the samples of LianLian call it',
  () => {
    const messages = drawn(documentedName, 300).map((fields) => ({ fields: Object.entries(fields), sign: '' }))
    for (const [at, { plain }] of answers.parse(phpOn(messages, pem)).entries()) {
      expect(plain).toBe(source(Object.fromEntries(messages[at]?.fields ?? [])))
    }
  },
)

test.skipIf(openssl.missing)('openssl makes the same signatures, and verifies what we do', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'differential-'))
  cleanUp(() => rmSync(folder, { recursive: true }))
  const file = (name: string, content: string | Buffer): string => {
    writeFileSync(path.join(folder, name), content)
    return path.join(folder, name)
  }
  const messages = drawn(anyName, 36)
  const secret = file('private.pem', pem.private)
  const open = file('public.pem', pem.public)
  for (const [at, fields] of messages.entries()) {
    const text = file(`signed-${at}`, source(fields))
    const theirs = execFileSync('openssl', ['dgst', '-md5', '-sign', secret, text]).toString('base64')
    expect(sign(fields, privateKey)).toBe(theirs)
    expect(verify({ ...fields, sign: theirs }, publicKeys)).toBe(true)
  }
  for (const [at, { params, sign: signature }] of messages.map(asked).entries()) {
    const text = file(`verified-${at}`, source(params))
    const sent = file(`signature-${at}`, Buffer.from(signature, 'base64'))
    const { status } = spawnSync('openssl', ['dgst', '-md5', '-verify', open, '-signature', sent, text])
    expect(status === 0, JSON.stringify(params)).toBe(verify(params, publicKeys))
  }
})
