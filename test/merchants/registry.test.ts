import { generateKeyPairSync, sign } from 'node:crypto'
import { pino } from 'pino'
import { describe, expect, test } from 'vitest'
import type { Merchant } from '../../config/merchants.ts'
import { Secret } from '../../config/secret.ts'
import { settingsVersions } from '../../src/flows/key-view.ts'
import type { Gateway } from '../../src/lianlian/client.ts'
import { gatewayClient } from '../../workers/gateway-client.ts'
import { KeyBook } from '../../workers/key-book.ts'
import { createMerchants, trustsUnsigned } from '../../workers/merchants.ts'
import { settingsOf } from '../config/environment.ts'
import { gatewayKeys, merchantKeys } from '../e2e/settings.ts'
import { REQUEST } from '../lianlian/sample.ts'
import { TWO } from './merchants-file.ts'

const ONE = REQUEST.oid_partner
const merchant = (oid_partner: string, more: Partial<Merchant> = {}): Merchant => ({
  oid_partner,
  privateKey: new Secret(merchantKeys.privateKey),
  publicKeys: gatewayKeys.publicKey,
  ...more,
})

function registry() {
  const lines: unknown[] = []
  const log = pino({ level: 'info' }, { write: (line: string) => lines.push(JSON.parse(line)) })
  return { lines, merchants: createMerchants({ ...settingsOf(), merchants: [merchant(ONE)] }, log) }
}

describe('the merchants of a process', () => {
  test('change in one step: rate, figures, senders, defaults, URLs and keys of the next call', () => {
    const { merchants } = registry()
    const { defaults, gateways } = merchants
    const { policy } = settingsOf()
    const gateway = {
      refundUrl: 'https://r.example/',
      exchangeRefundUrl: 'https://e.example/',
      queryUrl: 'https://q.example/',
    }
    merchants.replace([
      merchant(ONE, { rateLimit: { max: 1, durationMs: 9 }, allowFrom: ['10.0.0.0/8'], kind: 'exchange' }),
      merchant(TWO, { policy: { ...policy, maxAttempts: 1 }, gateway }),
    ])
    expect(merchants.rateOf(ONE)).toEqual({ max: 1, durationMs: 9 })
    expect([merchants.mayNotify(ONE, '10.1.1.1'), merchants.mayNotify(ONE, '::ffff:11.1.1.1')]).toEqual([true, false])
    expect(merchants.mayNotify(TWO, '11.1.1.1')).toBe(true)
    expect(merchants.policyOf(TWO)?.maxAttempts).toBe(1)
    expect(merchants.policyOf(ONE)).toBeUndefined()
    expect(merchants.urlsOf(TWO)).toMatchObject(gateway)
    // whoever took them at the start sees the change
    expect([...defaults.keys()]).toEqual([ONE, TWO])
    expect(defaults.get(ONE)?.kind).toBe('exchange')
    expect([...gateways.keys()]).toEqual([ONE, TWO])
    merchants.replace([merchant(TWO)])
    expect([...defaults.keys(), ...merchants.gateways.keys(), ...merchants.publicKeys.keys()]).toEqual([TWO, TWO, TWO])
  })

  test('that stay the same keep their connections, and are not told of', () => {
    const { merchants, lines } = registry()
    const before = merchants.digest()
    merchants.replace([merchant(ONE)])
    expect(lines).toHaveLength(1)
    expect(merchants.digest()).toBe(before)
  })

  test('are told of by the fingerprints of their keys', () => {
    const { lines } = registry()
    expect(lines).toEqual([
      expect.objectContaining({
        oid_partner: ONE,
        signs_with: expect.stringMatching(/^sha256:[0-9a-f]{16}$/),
        public_keys: [expect.stringMatching(/^sha256:[0-9a-f]{16}$/)],
        msg: 'a merchant is configured',
      }),
    ])
  })

  test('stay all as they were when one of them has a key that is none', () => {
    const { merchants } = registry()
    const bad = merchant(TWO, { privateKey: new Secret('none') })
    expect(() => merchants.replace([merchant(ONE, { kind: 'exchange' }), bad])).toThrow('not an RSA private key')
    expect(merchants.defaults).toEqual(new Map([[ONE, merchant(ONE)]]))
  })

  test('count what each key was used for, until that is told', () => {
    const { merchants } = registry()
    const [theirs] = merchants.publicKeys.get(ONE) ?? []
    theirs?.verify('text', new Uint8Array(128))
    expect(merchants.keyBook.take().map(({ use, place, times }) => [use, place, times])).toEqual([
      ['sign', 0, 0],
      ['verify', 0, 0],
    ])
    const fingerprint = theirs?.fingerprint ?? ''
    const used = merchants.keyBook.used({ oid_partner: ONE, use: 'verify', fingerprint })
    used()
    const taken = merchants.keyBook.take()
    expect(taken.map(({ times }) => times)).toEqual([0, 1])
    merchants.keyBook.giveBack(taken)
    used()
    expect(merchants.keyBook.take().map(({ times }) => times)).toEqual([0, 2])
    expect(merchants.keyBook.take().map(({ times }) => times)).toEqual([0, 0])
  })
})

test('each use counts for the key that was used, before and after its merchant leaves and comes back', async () => {
  const { merchants } = registry()
  const newer = generateKeyPairSync('rsa', {
    modulusLength: 1024,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  const nowhere = 'http://127.0.0.1:1/'
  const keys = merchant(ONE, {
    publicKeys: `${gatewayKeys.publicKey},${newer.publicKey}`,
    gateway: { refundUrl: nowhere, exchangeRefundUrl: nowhere, queryUrl: nowhere },
  })
  const signature = sign('RSA-MD5', Buffer.from('text'), newer.privateKey)
  const used = () => merchants.keyBook.take().map(({ use, place, times }) => [use, place, times])

  merchants.replace([keys])
  const [, second] = merchants.publicKeys.get(ONE) ?? []
  expect(second?.verify('text', signature)).toBe(true)
  expect(await merchants.gateways.get(ONE)?.submit(REQUEST)).toMatchObject({ kind: 'never_left' })
  await merchants.gateways.get(ONE)?.query(REQUEST)
  expect(used()).toEqual([
    ['sign', 0, 2],
    ['verify', 0, 0],
    ['verify', 1, 1],
  ])

  merchants.replace([merchant(TWO)])
  merchants.replace([keys])
  second?.verify('text', signature)
  merchants.publicKeys.get(ONE)?.[1]?.verify('text', signature)
  expect(used()).toEqual([
    ['sign', 0, 0],
    ['verify', 0, 0],
    ['verify', 1, 2],
  ])
})

describe('a process that never signs', () => {
  const [own, { privateKey: _, ...keyless }] = [merchant(ONE), merchant(ONE)]
  const of = (first: Merchant, level = 'silent') =>
    createMerchants({ ...settingsOf(), merchants: [first] }, pino({ level }))

  test('knows its merchants and the keys of LianLian, and has nothing to send with', () => {
    const merchants = of(keyless)
    expect([...merchants.defaults.keys(), ...merchants.publicKeys.keys()]).toEqual([ONE, ONE])
    expect([...merchants.gateways.keys()]).toEqual([])
    expect(merchants.keyBook.take().map(({ use }) => use)).toEqual(['verify'])
    merchants.replace([{ ...keyless, kind: 'exchange' }])
    expect(merchants.defaults.get(ONE)?.kind).toBe('exchange')
  })

  test('agrees with one that signs, unless what both have differs', () => {
    const versions = (...all: Merchant[]) =>
      settingsVersions(all.map((each) => ({ process: 'h:1:x', at: 0, faults: 0, digest: of(each).digest() })))
    const [other] = [merchant(ONE, { privateKey: new Secret(gatewayKeys.privateKey) })]
    expect(versions(keyless)).toBe(1)
    expect(versions(own, keyless, own)).toBe(1)
    expect(versions(own, other, keyless)).toBe(2)
    expect(versions(own, { ...keyless, kind: 'exchange' })).toBe(2)
    expect(versions(own, { ...own, kind: 'exchange' }, keyless)).toBe(2)
  })
})

test('an unsigned refusal is believed over TLS and on this machine, and never over plain http', () => {
  const { gateway } = settingsOf()
  expect(trustsUnsigned(gateway)).toBe(true)
  expect(trustsUnsigned({ ...gateway, trustUnsignedRefusals: false })).toBe(false)
  expect(trustsUnsigned({ ...gateway, refundUrl: 'http://127.0.0.1:9000/refund.htm' })).toBe(true)
  expect(trustsUnsigned({ ...gateway, refundUrl: 'http://gateway.example/refund.htm' })).toBe(false)
  expect(trustsUnsigned({ ...gateway, exchangeRefundUrl: 'http://gateway.example/refund.htm' })).toBe(false)
})

test('a key that leaves the settings is told of once more, with the uses that were not told, and with later ones', () => {
  const keyBook = new KeyBook()
  const [before, after] = ['before', 'after'].map((fingerprint) => {
    return { oid_partner: ONE, use: 'verify' as const, fingerprint, place: 0 }
  })
  if (!before || !after) throw new Error('two keys are needed')
  const used = keyBook.used(before)
  keyBook.have([before])
  used()
  keyBook.have([after])
  expect(keyBook.take()).toEqual([
    { ...before, times: 1 },
    { ...after, times: 0 },
  ])
  expect(keyBook.take()).toEqual([{ ...after, times: 0 }])
  used()
  const taken = keyBook.take()
  keyBook.giveBack(taken)
  expect(keyBook.take()).toEqual(taken)
  keyBook.have([before])
  expect(keyBook.take()).toEqual([{ ...before, times: 0 }])
})

test('a gateway client that is replaced is closed when its calls have ended, and gets no new ones', async () => {
  const seen: string[] = []
  const { promise: answer, resolve } = Promise.withResolvers<void>()
  const client = (name: string): Gateway => ({
    async submit() {
      seen.push(`${name} submits`)
      await answer
      return { kind: 'accepted', fields: {} }
    },
    async query() {
      seen.push(`${name} asks`)
      return { kind: 'denied', fields: {} }
    },
    close: () => void seen.push(`${name} closed`),
  })
  const shared = gatewayClient(client('old'))
  const underWay = shared.submit(REQUEST)
  shared.replace(client('new'))
  await shared.query(REQUEST)
  expect(seen).toEqual(['old submits', 'new asks'])
  resolve()
  await underWay
  expect(seen).toEqual(['old submits', 'new asks', 'old closed'])
  shared.retire()
  expect(seen.at(-1)).toBe('new closed')
})
