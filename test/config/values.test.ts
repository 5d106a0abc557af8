import { describe, expect, test } from 'vitest'
import type { SettingName } from '../../config/schema.ts'
import { schema, settingNames } from '../../config/schema.ts'
import { faultsOf, settingsOf } from './environment.ts'

const WHOLE_MS = 'a whole number of milliseconds, 1 to 2147483647'
const AGE_MS = 'a whole number of milliseconds, 1 to 3153600000000'
const COUNT = 'a whole number, 1 or more'
const PORT = 'a whole number, 0 to 65535'
const HTTP_URL = 'an http(s) URL without user and password'
const QUEUES = 'different queue names separated by commas, no colon, no space, none of refund, refund-query'
const CIDR = 'IP addresses or CIDR ranges separated by commas'
const HASH_TAGGED = 'letters, digits and any of _ . : { } - with a hash tag such as {refunds}'
const YUAN = 'an amount in yuan as text, 0.01 or more, with at most two decimals'
const SWITCH = 'true or false'
const HOST_PORTS = 'host:port pairs separated by commas'

const wrong: [SettingName, string, string][] = [
  ...['5s', '0', '-1', '1.5', '1e3', ' 5', '5 ', '05', '0x10', '70000x', '2147483648', 'Infinity'].map(
    (text): [SettingName, string, string] => ['GATEWAY_TIMEOUT_MS', text, WHOLE_MS],
  ),
  ['RETRY_BASE_MS', '0', AGE_MS],
  ['MAX_JOB_AGE_MS', '30d', AGE_MS],
  ['NOT_FOUND_MIN_AGE_MS', '-1', 'a whole number of milliseconds, 0 to 3153600000000'],
  ['NOT_FOUND_MIN_COUNT', '0', COUNT],
  ['NOT_FOUND_SHORT_MIN_COUNT', '0', COUNT],
  ['SUBMIT_CONCURRENCY', '0', COUNT],
  ['RETRY_MAX_ATTEMPTS', '9007199254740992', COUNT],
  ['REDIS_WAIT_REPLICAS', 'one', 'a whole number, 0 or more'],
  ['LEDGER_RETENTION_DAYS', '400d', 'a whole number of days, 1 to 36500'],
  ['RETRY_JITTER', '1.01', 'a number, 0 to 1'],
  ['RETRY_JITTER', '.5', 'a number, 0 to 1'],
  ['RETRY_FACTOR', '0.99', 'a number, 1 or more'],
  ['RETRY_FACTOR', '2x', 'a number, 1 or more'],
  ...['yes', '1', 'TRUE', 'True', 'on', 'false '].map((text): [SettingName, string, string] => [
    'HELD_EVENTS',
    text,
    SWITCH,
  ]),
  ['RECEIVER_PORT', '65536', PORT],
  ['ADMIN_PORT', '80a', PORT],
  ['QUERY_DELAYS_MS', '1000,,2000', 'whole numbers of milliseconds, 1 or more, separated by commas'],
  ['QUERY_DELAYS_MS', '1000,0', 'whole numbers of milliseconds, 1 or more, separated by commas'],
  ...['0', '0.00', '1.', '.5', '1.005', '1e3', '-1', '1,000'].map((text): [SettingName, string, string] => [
    'MAX_REFUND',
    text,
    YUAN,
  ]),
  ['DAILY_CAP', '5元', YUAN],
  ['LOG_LEVEL', 'verbose', 'one of trace, debug, info, warn, error, fatal, silent'],
  ['LOG_LEVEL', 'INFO', 'one of trace, debug, info, warn, error, fatal, silent'],
  ['LIANLIAN_OID_PARTNER', '20110317100000000', 'a merchant number of 18 digits'],
  ['LIANLIAN_REFUND_URL', 'ftp://gateway/refund.htm', HTTP_URL],
  ['LIANLIAN_QUERY_URL', 'https://', HTTP_URL],
  ['LIANLIAN_QUERY_URL', 'https://a b', HTTP_URL],
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318', HTTP_URL],
  ['LIANLIAN_NOTIFY_URL', 'shop.example/notify', 'an http(s) URL of at most 128 characters, without user and password'],
  ['LIANLIAN_PUBLIC_KEY', '-----BEGIN PRIVATE KEY-----', 'public keys as PEM or base64 DER, separated by commas'],
  ['QUEUE_PREFIX', 'my queues', 'letters, digits and any of _ . : { } -'],
  ['LEDGER_PREFIX', 'refunds', HASH_TAGGED],
  ['LEDGER_PREFIX', 'a{}{b}', HASH_TAGGED],
  ['COMPLETION_QUEUES', 'a:b', QUEUES],
  ['COMPLETION_QUEUES', 'ledger,ledger', QUEUES],
  ['COMPLETION_QUEUES', 'refund', QUEUES],
  ['COMPLETION_QUEUES', 'ledger,refund-query', QUEUES],
  ['COMPLETION_QUEUES', 'ledger,', QUEUES],
  ['RECEIVER_HOST', '300.1.1.1', 'an IP address or a host name'],
  ['ADMIN_HOST', 'http://127.0.0.1', 'an IP address or a host name'],
  ['RECEIVER_PATH', 'notifications', 'a path such as /notifications/refund'],
  ['RECEIVER_PATH', '/:any', 'a path such as /notifications/refund'],
  ['RECEIVER_ALLOW_FROM', '10.0.0.0/33', CIDR],
  ['RECEIVER_ALLOW_FROM', '10.0.0.0/', CIDR],
  ['RECEIVER_ALLOW_FROM', 'example.com', CIDR],
  ['TRUST_PROXY', '2001:db8::/129', CIDR],
  ['TRUST_PROXY', 'true', CIDR],
  ['REDIS_CLUSTER_NODES', 'localhost', HOST_PORTS],
  ['REDIS_SENTINELS', 'a:0', HOST_PORTS],
  ['REDIS_SENTINELS', '::1:6379', HOST_PORTS],
  ['REDIS_SENTINELS', '[a]:6379', HOST_PORTS],
  ['REDIS_SENTINEL_NAME', 'my master', 'the name of the master, without spaces'],
  ['ADMIN_USER', 'a:b', 'text without colon'],
]

test.each(wrong)('%s refuses %j', (name, text, expected) => {
  expect(faultsOf({ [name]: text })).toContain(`${name}: expected ${expected}, got ${JSON.stringify(text)}`)
})

const REDIS_URL = 'redis://host:port/db or rediss://host:port/db (special characters in a password percent-encoded)'

test.each([
  'http://127.0.0.1:6379',
  '127.0.0.1:6379',
  'redis://',
  'redis://h:6379/name',
  'redis://:pass#word@h:6379',
  'redis:// h',
  'redis://h:6379/0#1',
])('REDIS_URL refuses %j and does not show it', (text) => {
  expect(faultsOf({ REDIS_URL: text })).toEqual([`REDIS_URL: expected ${REDIS_URL}, got something else (not shown)`])
})

test('a notify URL has at most 128 characters', () => {
  const url = `https://shop.example/${'n'.repeat(128 - 'https://shop.example/'.length)}`
  expect(settingsOf({ LIANLIAN_NOTIFY_URL: url }).merchants[0].notifyUrl).toBe(url)
  expect(faultsOf({ LIANLIAN_NOTIFY_URL: `${url}n` })).toHaveLength(1)
})

test('every setting in milliseconds may be 1', () => {
  const shortest = settingNames.filter((name) => name.endsWith('_MS')).map((name) => [name, '1'])
  const settings = settingsOf({ ...Object.fromEntries(shortest), RATE_LIMIT_MAX: '1' })
  expect(settings.gateway.timeoutMs).toBe(1)
  expect(settings.policy.queryDelaysMs).toEqual([1])
  expect(settings.workers).toMatchObject({ sweepIntervalMs: 1, shutdownGraceMs: 1 })
  // below these a job would lose its lock before it could be finished
  expect(settings.workers).toMatchObject({ lockDurationMs: 500, stalledIntervalMs: 100 })
  expect(settings.policy.graceMs).toBe(700)
})

test('every default has the form of its setting', () => {
  for (const name of settingNames) {
    const text = schema[name].default({ nodeEnv: undefined, has: () => false })
    expect(text === undefined || schema[name].format.parse(text) !== undefined, name).toBe(true)
  }
})

describe('a right value arrives', () => {
  test('as numbers', () => {
    const { policy, receiver } = settingsOf({
      RETRY_FACTOR: '1.5',
      RETRY_JITTER: '0',
      NOT_FOUND_MIN_AGE_MS: '0',
      NOT_FOUND_MIN_COUNT: '1',
      QUERY_DELAYS_MS: '10, 20',
      RECEIVER_PORT: '0',
    })
    expect(policy.retry).toEqual({ baseMs: 2000, factor: 1.5, capMs: 3_600_000, jitter: 0 })
    expect(policy.quarantine.full).toEqual({ minAgeMs: 0, minCount: 1 })
    expect(policy.queryDelaysMs).toEqual([10, 20])
    expect(receiver.port).toBe(0)
  })

  test('as fen for an amount in yuan', () => {
    const { policy } = settingsOf({ MAX_REFUND: '1234.5', DAILY_CAP: '999999999999.99' })
    expect(policy).toMatchObject({ maxRefundFen: 123_450, dailyCapFen: 99_999_999_999_999 })
  })

  test('as queues, refund-completed first and once', () => {
    const completionOf = (text: string) => settingsOf({ COMPLETION_QUEUES: text }).queues.completion
    expect(completionOf('ledger, mail')).toEqual(['refund-completed', 'ledger', 'mail'])
    expect(completionOf('ledger,refund-completed')).toEqual(['refund-completed', 'ledger'])
  })

  test('as the nodes of a cluster, IPv6 too', () => {
    const { redis } = settingsOf({
      REDIS_URL: '',
      REDIS_CLUSTER_NODES: 'redis_1.internal:7000, [::1]:7001,127.0.0.1:7002',
      QUEUE_PREFIX: '{refunds}',
    })
    expect(redis.connection).toEqual({
      mode: 'cluster',
      nodes: [
        { host: 'redis_1.internal', port: 7000 },
        { host: '::1', port: 7001 },
        { host: '127.0.0.1', port: 7002 },
      ],
    })
  })

  test('as the sentinels and the name of their master', () => {
    const { redis } = settingsOf({ REDIS_URL: '', REDIS_SENTINELS: 'a:26379,b:26379', REDIS_SENTINEL_NAME: 'main' })
    expect(redis.connection).toEqual({
      mode: 'sentinel',
      sentinels: [
        { host: 'a', port: 26379 },
        { host: 'b', port: 26379 },
      ],
      name: 'main',
    })
  })

  test('as ranges of addresses', () => {
    const { receiver } = settingsOf({ RECEIVER_ALLOW_FROM: '10.0.0.0/8, 192.0.2.7', TRUST_PROXY: '::1/128' })
    expect(receiver).toMatchObject({ allowFrom: ['10.0.0.0/8', '192.0.2.7'], trustProxy: ['::1/128'] })
  })

  test('as the rest of a merchant, of the admin server and of traces', () => {
    const settings = settingsOf({
      LIANLIAN_PUBLIC_KEY: 'one,two',
      RATE_LIMIT_MAX: '10',
      RATE_LIMIT_DURATION_MS: '1000',
      ADMIN_USER: 'sre',
      ADMIN_PASSWORD: 'let me in',
      ADMIN_HOST: '0.0.0.0',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318',
    })
    expect(settings.merchants[0]).toMatchObject({ publicKeys: 'one,two', rateLimit: { max: 10, durationMs: 1000 } })
    expect(settings.admin).toMatchObject({ host: '0.0.0.0', auth: { user: 'sre' } })
    expect(settings.admin.auth?.password.reveal()).toBe('let me in')
    expect(settings.tracing).toEqual({ endpoint: 'http://collector:4318' })
  })
})
