import { describe, expect, test } from 'vitest'
import { loadSettings } from '../../config/load.ts'
import { faultsOf, filesOf, least, settingsOf } from './environment.ts'

const OTHER = { oid_partner: '201408071000001543' }

describe('Redis', () => {
  test('is required, in one way only', () => {
    expect(faultsOf({ REDIS_URL: '' })).toEqual(['REDIS_URL: required, or REDIS_CLUSTER_NODES, or REDIS_SENTINELS'])
    expect(faultsOf({ REDIS_CLUSTER_NODES: 'a:1', QUEUE_PREFIX: '{q}' })).toEqual([
      'REDIS_URL: excludes REDIS_CLUSTER_NODES, set one of them',
    ])
  })

  test('Sentinel needs the name of the master, and the name needs sentinels', () => {
    expect(faultsOf({ REDIS_URL: '', REDIS_SENTINELS: 'a:1' })).toEqual([
      'REDIS_SENTINEL_NAME: required with REDIS_SENTINELS',
    ])
    expect(faultsOf({ REDIS_SENTINEL_NAME: 'main' })).toEqual(['REDIS_SENTINELS: required with REDIS_SENTINEL_NAME'])
  })

  test('a cluster needs a hash tag in the queue prefix', () => {
    const cluster = { REDIS_URL: '', REDIS_CLUSTER_NODES: 'a:1' }
    const fault = 'QUEUE_PREFIX: Redis Cluster needs a hash tag in it, such as {refunds}, got'
    expect(faultsOf(cluster)).toEqual([`${fault} "bull"`])
    expect(faultsOf({ ...cluster, QUEUE_PREFIX: 'a{}b' })).toEqual([`${fault} "a{}b"`])
    expect(faultsOf({ ...cluster, QUEUE_PREFIX: '{refunds}' })).toEqual([])
  })
})

describe('the merchant', () => {
  test('needs number and key', () => {
    const { REDIS_URL } = least
    expect(loadSettings({ REDIS_URL })).toEqual({
      ok: false,
      faults: [
        'LIANLIAN_OID_PARTNER: required, or MERCHANTS_FILE',
        'LIANLIAN_PRIVATE_KEY: required, or LIANLIAN_PRIVATE_KEY_FILE',
      ],
    })
  })

  test('stands in the environment or in MERCHANTS_FILE, not in both', () => {
    const readFile = filesOf({ 'm.json': JSON.stringify({ merchants: [{ ...OTHER, privateKey: 'k' }] }) })
    const { REDIS_URL } = least
    expect(loadSettings({ REDIS_URL, MERCHANTS_FILE: 'm.json' }, { readFile })).toMatchObject({ ok: true })
    expect(faultsOf({ MERCHANTS_FILE: 'm.json' }, { readFile })).toEqual([
      'MERCHANTS_FILE: excludes LIANLIAN_OID_PARTNER and LIANLIAN_PRIVATE_KEY',
    ])
  })
})

describe('gateway URLs', () => {
  test.each(['LIANLIAN_REFUND_URL', 'LIANLIAN_EXCHANGE_REFUND_URL', 'LIANLIAN_QUERY_URL'])('%s is https', (name) => {
    expect(faultsOf({ [name]: 'http://gateway.example/x.htm' })).toEqual([
      `${name}: must be https, unless ALLOW_INSECURE_GATEWAY=true, got "http://gateway.example/x.htm"`,
    ])
    expect(faultsOf({ [name]: 'http://gateway.example/x.htm', ALLOW_INSECURE_GATEWAY: 'true' })).toEqual([])
  })

  test.each(['127.0.0.1:8000', '127.8.9.10', 'localhost:8000', '[::1]:8000'])('http to %s is allowed', (host) => {
    expect(faultsOf({ LIANLIAN_REFUND_URL: `http://${host}/refund.htm` })).toEqual([])
  })

  test.each(['128.0.0.1', '127.0.0.1.example.com', 'localhost.example.com', '[::2]', '10.0.0.1'])(
    'http to %s is not',
    (host) => {
      expect(faultsOf({ LIANLIAN_REFUND_URL: `http://${host}/refund.htm` })).toHaveLength(1)
    },
  )
})

test('a rate limit needs both its settings', () => {
  expect(faultsOf({ RATE_LIMIT_MAX: '5' })).toEqual(['RATE_LIMIT_DURATION_MS: required with RATE_LIMIT_MAX'])
  expect(faultsOf({ RATE_LIMIT_DURATION_MS: '5' })).toEqual(['RATE_LIMIT_MAX: required with RATE_LIMIT_DURATION_MS'])
})

test('the longest delay is not below the first', () => {
  expect(faultsOf({ RETRY_CAP_MS: '1999' })).toEqual([
    'RETRY_CAP_MS: must not be below RETRY_BASE_MS, got 1999 and 2000',
  ])
  expect(faultsOf({ RETRY_CAP_MS: '1', RETRY_BASE_MS: '1' })).toEqual([])
})

describe('the admin server', () => {
  test('beyond loopback needs user and password', () => {
    for (const host of ['0.0.0.0', '::', '10.0.0.1', 'admin.internal']) {
      expect(faultsOf({ ADMIN_HOST: host })).toEqual([
        `ADMIN_HOST: beyond loopback ADMIN_USER and ADMIN_PASSWORD are required, got "${host}"`,
      ])
      expect(faultsOf({ ADMIN_HOST: host, ADMIN_USER: 'sre', ADMIN_PASSWORD: 'x' })).toEqual([])
    }
    for (const host of ['127.0.0.1', '127.9.9.9', '::1', 'localhost'])
      expect(faultsOf({ ADMIN_HOST: host })).toEqual([])
  })

  test('has a user and a password, or neither', () => {
    expect(faultsOf({ ADMIN_USER: 'sre' })).toEqual(['ADMIN_PASSWORD: required with ADMIN_USER'])
    expect(faultsOf({ ADMIN_PASSWORD: 'x' })).toEqual(['ADMIN_USER: required with ADMIN_PASSWORD'])
    expect(faultsOf({ ADMIN_PASSWORD: 'x', ADMIN_HOST: '0.0.0.0' })).toEqual([
      'ADMIN_USER: required with ADMIN_PASSWORD',
    ])
  })
})

describe('all faults are told at once', () => {
  test('of sources, of forms, of further checks and of rules', () => {
    const env = { LOG_LEVEL: 'loud', ADMIN_USER: 'sre', CONFIG_FILE: 'c.json', LIANLIAN_PRIVATE_KEY: 'nonsense' }
    const loaded = loadSettings(env, {
      readFile: filesOf({ 'c.json': '{"REDIS_ULR": "x"}' }),
      checks: { LIANLIAN_PRIVATE_KEY: (text) => (text === 'nonsense' ? 'not an RSA private key' : undefined) },
    })
    expect(loaded).toEqual({
      ok: false,
      faults: [
        'REDIS_ULR: no such setting, found in CONFIG_FILE; did you mean REDIS_URL?',
        'LIANLIAN_PRIVATE_KEY: not an RSA private key',
        'LOG_LEVEL: expected one of trace, debug, info, warn, error, fatal, silent, got "loud"',
        'REDIS_URL: required, or REDIS_CLUSTER_NODES, or REDIS_SENTINELS',
        'LIANLIAN_OID_PARTNER: required, or MERCHANTS_FILE',
        'ADMIN_PASSWORD: required with ADMIN_USER',
      ],
    })
  })

  test('a setting that is wrong in itself raises no rule besides', () => {
    expect(faultsOf({ RETRY_CAP_MS: '1s' })).toHaveLength(1)
    expect(faultsOf({ ADMIN_HOST: '0.0.0.0/0' })).toHaveLength(1)
    expect(faultsOf({ REDIS_URL: 'nonsense' })).toHaveLength(1)
    expect(faultsOf({ ALLOW_INSECURE_GATEWAY: 'yes', LIANLIAN_REFUND_URL: 'http://g.example/' })).toHaveLength(1)
  })

  test('further checks see right texts, and the default, but no wrong ones', () => {
    const seen: string[] = []
    const see = (text: string) => void seen.push(text)
    settingsOf({ LOG_LEVEL: 'warn' }, { checks: { LOG_LEVEL: see, QUEUE_PREFIX: see, ADMIN_USER: see } })
    faultsOf({ LOG_LEVEL: 'loud' }, { checks: { LOG_LEVEL: see } })
    expect(seen).toEqual(['bull', 'warn'])
  })
})
