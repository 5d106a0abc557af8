import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { describeSettings } from '../../config/effective.ts'
import { loadOperatorSettings } from '../../config/load.ts'
import { certificateFor } from '../lianlian/certificate.ts'
import { faultsOf, filesOf, least, settingsOf } from './environment.ts'

const CERTIFICATES = 'one PEM certificate or several'
const PINS = 'SHA-256 hashes in base64 (44 characters) separated by commas'
const PROXY = 'http://host:port or http://user:password@host:port (special characters percent-encoded)'
const [one, other] = [certificateFor({ dns: 'a.example' }), certificateFor({ dns: 'b.example' })]
const pin = (text: string) => createHash('sha256').update(text).digest('base64')
const TLS = { REDIS_URL: 'rediss://redis.internal' }
const HIDDEN = 'hunter2'

describe('certificates', () => {
  test.each(['GATEWAY_CA', 'REDIS_CA'] as const)('%s holds one or several, from a file too', (name) => {
    const settings = settingsOf(
      { ...TLS, [`${name}_FILE`]: '/ca.pem' },
      { readFile: filesOf({ '/ca.pem': `subject=CN=a\n${one.cert}\n${other.cert}` }) },
    )
    const { ca } = name === 'GATEWAY_CA' ? settings.gateway : settings.redis.connection
    expect(ca).toBe(`${one.cert}${other.cert}`.trim())
  })

  test.each([
    ['a path', '/etc/ssl/ca.pem'],
    ['a key', one.key],
    ['a certificate that is cut', one.cert.replace(/.{20}\n-----END/, '\n-----END')],
    ['one good and one that is none', `${one.cert}-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----`],
  ])('refuse %s', (_, text) => {
    expect(faultsOf({ GATEWAY_CA: text })).toEqual([expect.stringContaining(`GATEWAY_CA: expected ${CERTIFICATES}`)])
  })
})

describe('pinned keys', () => {
  test('are one or several', () => {
    const text = `${pin('a')}, ${pin('b')}`
    expect(settingsOf({ GATEWAY_PINNED_KEYS: text }).gateway.pinnedKeys).toEqual([pin('a'), pin('b')])
  })

  test.each([pin('a').slice(0, -1), `sha256/${pin('a')}`, 'ab'.repeat(24), `${pin('a')},`, `${'/'.repeat(43)}=`])(
    'refuse %j',
    (text) => {
      expect(faultsOf({ GATEWAY_PINNED_KEYS: text })).toEqual([
        expect.stringContaining(`GATEWAY_PINNED_KEYS: expected ${PINS}, got `),
      ])
    },
  )

  test.each(['LIANLIAN_REFUND_URL', 'LIANLIAN_EXCHANGE_REFUND_URL', 'LIANLIAN_QUERY_URL'])(
    'demand that %s is https',
    (name) => {
      const url = 'http://127.0.0.1:9000/x.htm'
      const given = { [name]: url, GATEWAY_PINNED_KEYS: pin('a') }
      expect(faultsOf(given)).toEqual([`${name}: must be https with GATEWAY_PINNED_KEYS, got "${url}"`])
      expect(faultsOf({ ...given, ALLOW_INSECURE_GATEWAY: 'true' })).toHaveLength(1)
    },
  )
})

describe('the proxy', () => {
  test.each(['http://proxy:3128', 'http://sre:p%40ss@10.0.0.1:3128', 'http://[::1]:3128', 'http://proxy/'])(
    'may be %s',
    (text) => {
      expect(settingsOf({ GATEWAY_PROXY_URL: text }).gateway.proxyUrl?.reveal()).toBe(text)
    },
  )

  test.each([
    'https://proxy:3128',
    'socks5://proxy:1080',
    'proxy:3128',
    'http://',
    'http://proxy:3128/path',
    'http://proxy:3128/?a=b',
    `http://sre:${HIDDEN}#@proxy:3128`,
    `http://sre:${HIDDEN}%zz@proxy:3128`,
    `http://sre:${HIDDEN}/@proxy:3128`,
  ])('may not be %s, which is not shown', (text) => {
    expect(faultsOf({ GATEWAY_PROXY_URL: text })).toEqual([
      `GATEWAY_PROXY_URL: expected ${PROXY}, got something else (not shown)`,
    ])
  })

  test('shows its address, and neither user nor password', () => {
    const GATEWAY_PROXY_URL = `http://sre:${HIDDEN}@proxy:3128`
    expect(JSON.stringify(settingsOf({ GATEWAY_PROXY_URL }))).toContain('http://***@proxy:3128')
    const listed = describeSettings({ GATEWAY_PROXY_URL }).find(({ name }) => name === 'GATEWAY_PROXY_URL')
    expect(listed?.value).toBe('http://***@proxy:3128')
  })
})

describe('the user of Redis', () => {
  test('has a password, and stands in one place only', () => {
    expect(faultsOf({ REDIS_USERNAME: 'worker' })).toEqual(['REDIS_PASSWORD: required with REDIS_USERNAME'])
    const REDIS_URL = `redis://worker:${HIDDEN}@redis`
    expect(faultsOf({ REDIS_URL, REDIS_USERNAME: 'worker', REDIS_PASSWORD: HIDDEN })).toEqual([
      'REDIS_USERNAME: REDIS_URL carries user or password already',
      'REDIS_PASSWORD: REDIS_URL carries user or password already',
    ])
    const { connection } = settingsOf({ REDIS_USERNAME: 'worker', REDIS_PASSWORD: HIDDEN }).redis
    expect(connection).toMatchObject({ mode: 'single', username: 'worker' })
    expect(connection.password?.reveal()).toBe(HIDDEN)
    expect(JSON.stringify(connection)).not.toContain(HIDDEN)
  })

  test('of the sentinels has a password, and needs sentinels', () => {
    const sentinels = { REDIS_URL: '', REDIS_SENTINELS: 'a:26379', REDIS_SENTINEL_NAME: 'main' }
    expect(faultsOf({ ...sentinels, REDIS_SENTINEL_USERNAME: 'x' })).toEqual([
      'REDIS_SENTINEL_PASSWORD: required with REDIS_SENTINEL_USERNAME',
    ])
    expect(faultsOf({ REDIS_SENTINEL_PASSWORD: 'x' })).toEqual([
      'REDIS_SENTINELS: required with REDIS_SENTINEL_PASSWORD',
    ])
    expect(settingsOf({ ...sentinels, REDIS_SENTINEL_PASSWORD: 'x' }).redis.connection.sentinelPassword?.reveal()).toBe(
      'x',
    )
  })
})

describe('TLS to Redis', () => {
  const nodes = { REDIS_URL: '', REDIS_CLUSTER_NODES: 'a:6379', QUEUE_PREFIX: '{refunds}' }

  test('is said by the URL, and by REDIS_TLS where there is none', () => {
    expect(faultsOf({ REDIS_TLS: 'true' })).toEqual(['REDIS_URL: must be rediss:// with REDIS_TLS=true'])
    expect(faultsOf({ ...TLS, REDIS_TLS: 'true' })).toEqual([])
    expect(settingsOf({ ...nodes, REDIS_TLS: 'true' }).redis.connection.tls).toBe(true)
    expect(settingsOf(nodes).redis.connection).not.toHaveProperty('tls')
  })

  test('is needed by certificates', () => {
    const needed = ['REDIS_CA: needs TLS, a rediss:// REDIS_URL or REDIS_TLS=true']
    expect(faultsOf({ REDIS_CA: one.cert })).toEqual(needed)
    expect(faultsOf({ ...nodes, REDIS_CA: one.cert })).toEqual(needed)
    expect(faultsOf({ ...nodes, REDIS_CA: one.cert, REDIS_TLS: 'true' })).toEqual([])
    expect(faultsOf({ REDIS_CA: one.cert, REDIS_URL: 'nonsense' })).toHaveLength(1)
  })
})

test("a person's tool needs Redis as the workers do, and no way to the gateway", () => {
  const { REDIS_URL: _none, LIANLIAN_OID_PARTNER } = least
  const wrong = { GATEWAY_CA_FILE: '/nowhere', GATEWAY_PROXY_URL: 'x', GATEWAY_PINNED_KEYS: 'x' }
  const loaded = loadOperatorSettings({ ...TLS, LIANLIAN_OID_PARTNER, REDIS_CA: one.cert, ...wrong })
  expect(loaded).toMatchObject({ ok: true, settings: { redis: { connection: { ca: one.cert.trim() } } } })
  expect(loadOperatorSettings({ ...TLS, LIANLIAN_OID_PARTNER, REDIS_CA: 'x' })).toMatchObject({ ok: false })
})
