import { expect, test } from 'vitest'
import { describeSettings } from '../../config/effective.ts'
import { settingNames } from '../../config/schema.ts'
import { LIANLIAN_PUBLIC_KEY } from '../../src/lianlian/keys.ts'
import { least, settingsOf } from './environment.ts'

/** Every setting and its default as others rely on them; `undefined` for none. */
const defaults: Record<string, string | undefined> = {
  REDIS_URL: undefined,
  REDIS_CLUSTER_NODES: undefined,
  REDIS_SENTINELS: undefined,
  REDIS_SENTINEL_NAME: undefined,
  REDIS_USERNAME: undefined,
  REDIS_PASSWORD: undefined,
  REDIS_TLS: 'false',
  REDIS_CA: undefined,
  REDIS_SENTINEL_USERNAME: undefined,
  REDIS_SENTINEL_PASSWORD: undefined,
  GATEWAY_CA: undefined,
  GATEWAY_PINNED_KEYS: undefined,
  GATEWAY_PROXY_URL: undefined,
  QUEUE_PREFIX: 'bull',
  LEDGER_PREFIX: '{refunds}',
  COMPLETION_QUEUES: 'refund-completed',
  LIANLIAN_OID_PARTNER: undefined,
  LIANLIAN_PRIVATE_KEY: undefined,
  LIANLIAN_PUBLIC_KEY,
  MERCHANTS_FILE: undefined,
  LIANLIAN_REFUND_URL: 'https://traderapi.lianlianpay.com/refund.htm',
  LIANLIAN_EXCHANGE_REFUND_URL: 'https://traderapi.lianlianpay.com/exchangerefund.htm',
  LIANLIAN_QUERY_URL: 'https://queryapi.lianlianpay.com/refundquery.htm',
  LIANLIAN_NOTIFY_URL: undefined,
  LIANLIAN_TRUST_UNSIGNED_REFUSALS: 'true',
  GATEWAY_TIMEOUT_MS: '30000',
  SUBMIT_CONCURRENCY: '50',
  QUERY_CONCURRENCY: '20',
  RATE_LIMIT_MAX: undefined,
  RATE_LIMIT_DURATION_MS: undefined,
  RETRY_BASE_MS: '2000',
  RETRY_FACTOR: '2',
  RETRY_CAP_MS: '3600000',
  RETRY_JITTER: '0.5',
  RETRY_MAX_ATTEMPTS: '12',
  QUERY_DELAYS_MS: '900000,1800000,3600000,7200000,21600000,86400000',
  QUERY_GIVE_UP_MS: String(7 * 24 * 60 * 60 * 1000),
  NOT_FOUND_MIN_AGE_MS: '900000',
  NOT_FOUND_MIN_COUNT: '3',
  NOT_FOUND_SHORT_MIN_AGE_MS: '60000',
  NOT_FOUND_SHORT_MIN_COUNT: '2',
  SWEEP_INTERVAL_MS: '1000',
  LOCK_DURATION_MS: '10000',
  STALLED_INTERVAL_MS: '5000',
  OUTBOX_CLAIM_MS: '30000',
  HOLD_LOOK_MS: '1800000',
  BREAKER_OPEN_MS: '10000',
  RECEIVER_HOST: '0.0.0.0',
  RECEIVER_PORT: '8080',
  RECEIVER_PATH: '/notifications/refund',
  RECEIVER_ALLOW_FROM: undefined,
  TRUST_PROXY: undefined,
  ADMIN_HOST: '127.0.0.1',
  ADMIN_PORT: '9090',
  ADMIN_USER: undefined,
  ADMIN_PASSWORD: undefined,
  ADMIN_WRITE: 'false',
  LOG_LEVEL: 'info',
  SHUTDOWN_GRACE_MS: '35000',
  HELD_EVENTS: 'false',
  MAX_REFUND: undefined,
  DAILY_CAP: undefined,
  LEDGER_RETENTION_DAYS: '400',
  MAX_JOB_AGE_MS: String(30 * 24 * 60 * 60 * 1000),
  ORDER_MAX_AGE_DAYS: '180',
  REDIS_WAIT_REPLICAS: '0',
  REQUIRE_DURABLE_REDIS: 'false',
  ALLOW_INSECURE_GATEWAY: 'false',
  OTEL_EXPORTER_OTLP_ENDPOINT: undefined,
}

test('the settings are exactly these, with these defaults', () => {
  const described = describeSettings({})
  expect(Object.fromEntries(described.map(({ name, value }) => [name, value]))).toEqual(defaults)
  expect([...settingNames].toSorted()).toEqual(Object.keys(defaults).toSorted())
  expect(described.filter(({ source }) => source !== 'default')).toEqual([])
})

test('the least environment gives these settings', () => {
  const settings = settingsOf()
  expect(JSON.parse(JSON.stringify(settings))).toEqual({
    redis: { connection: { mode: 'single', url: least.REDIS_URL }, waitReplicas: 0, requireDurable: false },
    queues: { prefix: 'bull', completion: ['refund-completed'] },
    ledger: { prefix: '{refunds}', retentionDays: 400 },
    merchants: [{ oid_partner: '201103171000000000', privateKey: '***', publicKeys: LIANLIAN_PUBLIC_KEY }],
    gateway: {
      refundUrl: 'https://traderapi.lianlianpay.com/refund.htm',
      exchangeRefundUrl: 'https://traderapi.lianlianpay.com/exchangerefund.htm',
      queryUrl: 'https://queryapi.lianlianpay.com/refundquery.htm',
      timeoutMs: 30_000,
      trustUnsignedRefusals: true,
      breakerOpenMs: 10_000,
    },
    policy: {
      retry: { baseMs: 2000, factor: 2, capMs: 3_600_000, jitter: 0.5 },
      maxAttempts: 12,
      quarantine: { full: { minAgeMs: 900_000, minCount: 3 }, short: { minAgeMs: 60_000, minCount: 2 } },
      queryDelaysMs: [900_000, 1_800_000, 3_600_000, 7_200_000, 21_600_000, 86_400_000],
      queryGiveUpMs: 604_800_000,
      holdLookMs: 1_800_000,
      maxJobAgeMs: 2_592_000_000,
      orderMaxAgeMs: 180 * 86_400_000,
      heldEvents: false,
      graceMs: 20_000,
    },
    workers: {
      submitConcurrency: 50,
      queryConcurrency: 20,
      lockDurationMs: 10_000,
      stalledIntervalMs: 5000,
      sweepIntervalMs: 1000,
      outboxClaimMs: 30_000,
      shutdownGraceMs: 35_000,
    },
    receiver: { host: '0.0.0.0', port: 8080, path: '/notifications/refund', trustProxy: [] },
    admin: { host: '127.0.0.1', port: 9090, write: false },
    log: { level: 'info' },
  })
  expect(settings.merchants[0].privateKey?.reveal()).toBe('the-private-key')
})

test('production demands a durable Redis unless told otherwise', () => {
  expect(settingsOf({ NODE_ENV: 'production' }).redis.requireDurable).toBe(true)
  expect(settingsOf({ NODE_ENV: 'test' }).redis.requireDurable).toBe(false)
  expect(settingsOf({ NODE_ENV: 'production', REQUIRE_DURABLE_REDIS: 'false' }).redis.requireDurable).toBe(false)
})

test('Sentinel and Cluster wait for one replica unless told otherwise', () => {
  const sentinel = { REDIS_URL: '', REDIS_SENTINELS: 'a:26379', REDIS_SENTINEL_NAME: 'main' }
  const cluster = { REDIS_URL: '', REDIS_CLUSTER_NODES: 'a:6379', QUEUE_PREFIX: '{refunds}' }
  expect(settingsOf(sentinel).redis.waitReplicas).toBe(1)
  expect(settingsOf(cluster).redis.waitReplicas).toBe(1)
  expect(settingsOf({ ...cluster, REDIS_WAIT_REPLICAS: '0' }).redis.waitReplicas).toBe(0)
})
