import { cidrs, hostName, hostPorts, httpUrl, notifyUrl, redisUrl } from './addresses.ts'
import {
  ageMs,
  ageMsOrZero,
  boolean,
  choice,
  count,
  countOrZero,
  days,
  delays,
  factor,
  port,
  ratio,
  secretText,
  timerMs,
  yuan,
} from './formats.ts'
import {
  completionQueues,
  filePath,
  ledgerPrefix,
  oidPartner,
  publicKeys,
  queuePrefix,
  routePath,
  sentinelName,
  userName,
} from './names.ts'
import { defaulted, derived, optional, type Setting } from './setting.ts'
import { certificates, pinnedKeys, proxyUrl } from './trust.ts'

const SECRET = { sensitive: true }

/** The key that LianLian publishes for this product, the same since 2013; the merchant portal is the authority. */
const LIANLIAN_PUBLIC_KEY =
  'MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCSS/DiwdCf/aZsxxcacDnooGph3d2JOj5GXWi+q3gznZauZjkNP8SKl3J2liP0O6rU/Y/29+IUe' +
  '+GTMhMOFJuZm1htAtKiu5ekW0GlBMWxf4FPkYlQkPE0FtaoMP3gYfh+OwI+fIRrpW3ySn3mScnc6Z700nU/VYrRkfcSCbSnRwIDAQAB'

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

/**
 * Every setting: its form, default and meaning. The loader, `CONFIG_FILE`, `X_FILE`, masking, `refundctl config` and
 * `docs/settings.md` all follow from this one table.
 */
const table = {
  REDIS_URL: optional(redisUrl, 'one Redis or Valkey server: `redis://` or `rediss://` (TLS)', SECRET),
  REDIS_CLUSTER_NODES: optional(hostPorts, 'instead of `REDIS_URL`: some nodes of a Redis Cluster, `h:p,h:p`'),
  REDIS_SENTINELS: optional(hostPorts, 'instead of `REDIS_URL`: the sentinels that know the master, `h:p,h:p`'),
  REDIS_SENTINEL_NAME: optional(sentinelName, 'name of the master at the sentinels; goes with `REDIS_SENTINELS`'),
  REDIS_USERNAME: optional(userName, 'ACL user of Redis, where `REDIS_URL` carries none; goes with `REDIS_PASSWORD`'),
  REDIS_PASSWORD: optional(secretText, 'its password, or that of the default user', SECRET),
  REDIS_TLS: defaulted(
    boolean,
    'false',
    'speak TLS to the nodes of the cluster, or to sentinels, master and replicas; `rediss://` in `REDIS_URL` says the same',
  ),
  REDIS_CA: optional(certificates, "PEM certificates that Redis is believed by, in place of the system's"),
  REDIS_SENTINEL_USERNAME: optional(userName, 'user of the sentinels; goes with `REDIS_SENTINEL_PASSWORD`'),
  REDIS_SENTINEL_PASSWORD: optional(secretText, 'password of the sentinels; absent: they are asked without', SECRET),
  REDIS_WAIT_REPLICAS: derived(
    countOrZero,
    ({ has }) => (has('REDIS_SENTINELS') || has('REDIS_CLUSTER_NODES') ? '1' : '0'),
    '`0`; `1` with Sentinel or Cluster',
    'replicas that must have a claim before its request is sent, and an event before it is published',
  ),
  REQUIRE_DURABLE_REDIS: derived(
    boolean,
    ({ nodeEnv }) => String(nodeEnv === 'production'),
    '`true` when `NODE_ENV=production`, else `false`',
    'refuse to start on a Redis that may lose acknowledged writes: it must have `maxmemory-policy noeviction`, ' +
      '`appendonly yes`, `appendfsync always` and `no-appendfsync-on-rewrite no`',
  ),
  QUEUE_PREFIX: defaulted(
    queuePrefix,
    'bull',
    'key prefix of the BullMQ queues, the same as the producers use; Redis Cluster needs a hash tag, `{refunds}`',
  ),
  LEDGER_PREFIX: defaulted(ledgerPrefix, '{refunds}', 'key prefix of our own records, always with a hash tag'),
  COMPLETION_QUEUES: defaulted(
    completionQueues,
    'refund-completed',
    'queues of subscribers: each gets every event; `refund-completed` always does, listed or not',
  ),
  LEDGER_RETENTION_DAYS: defaulted(
    days,
    '400',
    'how long a settled refund is remembered in full; its number stays known after that',
  ),

  LIANLIAN_OID_PARTNER: optional(oidPartner, 'merchant number, 18 digits; required, or `MERCHANTS_FILE`'),
  LIANLIAN_PRIVATE_KEY: optional(
    secretText,
    "the merchant's private key, PEM (PKCS#1, PKCS#8) or bare base64 DER; several separated by commas while it " +
      'changes: the first signs; required',
    SECRET,
  ),
  LIANLIAN_PUBLIC_KEY: defaulted(
    publicKeys,
    LIANLIAN_PUBLIC_KEY,
    "LianLian's public key in the same forms; several separated by commas while a key changes",
    { shown: "LianLian's published key" },
  ),
  LIANLIAN_NOTIFY_URL: optional(
    notifyUrl,
    '`notify_url` of a refund whose job gives none: http(s), at most 128 characters',
  ),
  MERCHANTS_FILE: optional(
    filePath,
    'instead of `LIANLIAN_OID_PARTNER` and `LIANLIAN_PRIVATE_KEY`: a JSON file with one merchant or several, see [merchants.md](merchants.md)',
  ),

  LIANLIAN_REFUND_URL: defaulted(
    httpUrl,
    'https://traderapi.lianlianpay.com/refund.htm',
    'where domestic refunds are sent',
  ),
  LIANLIAN_EXCHANGE_REFUND_URL: defaulted(
    httpUrl,
    'https://traderapi.lianlianpay.com/exchangerefund.htm',
    'where refunds of foreign currency payments are sent',
  ),
  LIANLIAN_QUERY_URL: defaulted(
    httpUrl,
    'https://queryapi.lianlianpay.com/refundquery.htm',
    'where the state of a refund is asked for',
  ),
  ALLOW_INSECURE_GATEWAY: defaulted(
    boolean,
    'false',
    'let gateway URLs be plain http although their host is not this machine',
  ),
  GATEWAY_CA: optional(certificates, "PEM certificates that the gateway is believed by, in place of the system's"),
  GATEWAY_PINNED_KEYS: optional(
    pinnedKeys,
    "SHA-256 of the gateway's public key in base64, several during a change: one must be its, or nothing is sent",
    { shown: 'off' },
  ),
  GATEWAY_PROXY_URL: optional(
    proxyUrl,
    'HTTP proxy through which every call of the gateway is tunnelled: `http://host:port`, with `user:password@` where it asks for them',
    SECRET,
  ),
  LIANLIAN_TRUST_UNSIGNED_REFUSALS: defaulted(
    boolean,
    'true',
    'let a definite refusal that is unsigned, but came over TLS, end a refund; false asks by query first',
  ),
  GATEWAY_TIMEOUT_MS: defaulted(timerMs, '30000', 'time for one whole call of the gateway'),
  BREAKER_OPEN_MS: defaulted(timerMs, '10000', 'pause of all sending while the gateway cannot be reached'),
  RATE_LIMIT_MAX: optional(
    count,
    'calls of the gateway for one merchant, by the whole fleet, in each `RATE_LIMIT_DURATION_MS`; a send that rests on a denial borrows one ahead',
    {
      shown: 'off',
    },
  ),
  RATE_LIMIT_DURATION_MS: optional(timerMs, 'the window of `RATE_LIMIT_MAX`; only together with it', { shown: 'off' }),

  RETRY_BASE_MS: defaulted(ageMs, '2000', 'first delay of the exponential backoff'),
  RETRY_FACTOR: defaulted(factor, '2', 'what each further delay is multiplied by, 1 or more'),
  RETRY_CAP_MS: defaulted(ageMs, '3600000', 'longest delay, not below `RETRY_BASE_MS`'),
  RETRY_JITTER: defaulted(
    ratio,
    '0.5',
    'the part of a delay that is random, 0 to 1: a delay `d` becomes `(1 - jitter) * d` to `d`',
  ),
  RETRY_MAX_ATTEMPTS: defaulted(count, '12', 'sends that may have left; spent ones end in a hold, never in failed'),

  QUERY_DELAYS_MS: defaulted(
    delays,
    '900000,1800000,3600000,7200000,21600000,86400000',
    'waits between status queries of an accepted refund; the last one repeats',
  ),
  QUERY_GIVE_UP_MS: defaulted(
    ageMs,
    '604800000',
    'after this long without anything conclusive the refund is held (and still queried daily); 7 days',
  ),
  NOT_FOUND_MIN_AGE_MS: defaulted(
    ageMsOrZero,
    '900000',
    'how long the gateway must deny knowing a refund before the same request is sent again',
  ),
  NOT_FOUND_MIN_COUNT: defaulted(count, '3', 'how often it must deny that'),
  NOT_FOUND_SHORT_MIN_AGE_MS: defaulted(ageMsOrZero, '60000', 'the same age for return codes of the short quarantine'),
  NOT_FOUND_SHORT_MIN_COUNT: defaulted(count, '2', 'the same number for return codes of the short quarantine'),
  HOLD_LOOK_MS: defaulted(ageMs, '1800000', 'time between looks at a held refund'),
  MAX_JOB_AGE_MS: defaulted(
    ageMs,
    '2592000000',
    'an older job that the ledger does not know is queried first, never sent first; 30 days',
  ),
  ORDER_MAX_AGE_DAYS: defaulted(
    days,
    '180',
    'a refund of an older order (by its `dt_order`) is warned of, in its history, the log and a metric: the gateway refunds about six months',
  ),
  MAX_REFUND: optional(yuan, 'yuan; a larger refund is held with reason `cap`', { shown: 'off' }),
  DAILY_CAP: optional(yuan, "yuan; a refund beyond this sum of the merchant's day (UTC+8) is held likewise", {
    shown: 'off',
  }),
  HELD_EVENTS: defaulted(boolean, 'false', 'also publish `refund.held` when a refund begins to wait for a person'),

  SUBMIT_CONCURRENCY: defaulted(count, '50', 'refunds that one process submits at once'),
  QUERY_CONCURRENCY: defaulted(count, '20', 'refunds that one process queries at once'),
  SWEEP_INTERVAL_MS: defaulted(timerMs, '1000', 'how often the sweeper wakes the refunds that are due'),
  LOCK_DURATION_MS: defaulted(
    timerMs,
    '10000',
    "lock of a BullMQ job, 500 at least; a dead worker's job is free after it",
  ),
  STALLED_INTERVAL_MS: defaulted(timerMs, '5000', 'how often BullMQ looks for jobs of dead workers, 100 at least'),
  OUTBOX_CLAIM_MS: defaulted(timerMs, '30000', "after this long another publisher takes over a dead one's events"),
  SHUTDOWN_GRACE_MS: defaulted(timerMs, '35000', 'time to finish what is under way after SIGTERM or SIGINT'),

  RECEIVER_HOST: defaulted(hostName, '0.0.0.0', 'address on which notifications are received'),
  RECEIVER_PORT: defaulted(port, '8080', 'its port; 0 lets the system choose'),
  RECEIVER_PATH: defaulted(
    routePath,
    '/notifications/refund',
    'its path; a segment that nobody can guess keeps strangers away, and is never logged',
  ),
  RECEIVER_ALLOW_FROM: optional(cidrs, 'senders that may notify, a CIDR list; others get 403', { shown: 'all' }),
  TRUST_PROXY: optional(cidrs, 'proxies whose `X-Forwarded-For` is believed, a CIDR list', { shown: 'none' }),

  ADMIN_HOST: defaulted(
    hostName,
    '127.0.0.1',
    'address of health, metrics and dashboard; beyond loopback with password only',
  ),
  ADMIN_PORT: defaulted(port, '9090', 'its port; 0 lets the system choose'),
  ADMIN_USER: optional(userName, 'user of the dashboard; goes with `ADMIN_PASSWORD`'),
  ADMIN_PASSWORD: optional(secretText, 'password of the dashboard', SECRET),
  ADMIN_WRITE: defaulted(boolean, 'false', 'let the dashboard change queues'),

  LOG_LEVEL: defaulted(choice(LOG_LEVELS), 'info', `least level that is logged: ${LOG_LEVELS.join(', ')}`),
  OTEL_EXPORTER_OTLP_ENDPOINT: optional(httpUrl, 'where traces are sent (OTLP over HTTP)', { shown: 'off' }),
}

export type SettingName = keyof typeof table

/** The type of every setting's value. */
export type Values = {
  readonly [Name in SettingName]: (typeof table)[Name] extends Setting<infer T> ? T : never
}

export const schema: { readonly [Name in SettingName]: Setting<Values[Name]> } = table

export function isSettingName(name: string): name is SettingName {
  return Object.hasOwn(schema, name)
}

export const settingNames: readonly SettingName[] = Object.keys(schema).filter(isSettingName)
