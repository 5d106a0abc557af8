import type { HostPort } from './addresses.ts'
import type { SettingName, Values } from './schema.ts'
import type { Secret } from './secret.ts'

export type RedisConnection =
  | { readonly mode: 'single'; readonly url: Secret }
  | { readonly mode: 'cluster'; readonly nodes: readonly HostPort[] }
  | { readonly mode: 'sentinel'; readonly sentinels: readonly HostPort[]; readonly name: string }

export interface Merchant {
  /** 18 digits */
  readonly oid_partner: string
  /** PEM or bare base64 DER; parsed by those who sign */
  readonly privateKey: Secret
  /** LianLian's: one key or several separated by commas, in the same forms */
  readonly publicKeys: string
  /** for jobs that give none */
  readonly notifyUrl?: string
  /** calls of the gateway, by the whole fleet; absent: no limit */
  readonly rateLimit?: { readonly max: number; readonly durationMs: number }
}

interface Quarantine {
  readonly minAgeMs: number
  readonly minCount: number
}

/** The settings of one process, grouped by the part that needs them. Times in milliseconds, money in fen. */
export interface Settings {
  readonly redis: {
    readonly connection: RedisConnection
    readonly waitReplicas: number
    readonly requireDurable: boolean
  }
  readonly queues: {
    readonly prefix: string
    /** the queues that get every event, `refund-completed` first */
    readonly completion: readonly string[]
  }
  readonly ledger: { readonly prefix: string; readonly retentionDays: number }
  /** exactly one in this version */
  readonly merchants: readonly [Merchant, ...Merchant[]]
  readonly gateway: {
    readonly refundUrl: string
    readonly exchangeRefundUrl: string
    readonly queryUrl: string
    readonly timeoutMs: number
    readonly trustUnsignedRefusals: boolean
    readonly breakerOpenMs: number
  }
  /** what decisions depend on */
  readonly policy: {
    readonly retry: {
      readonly baseMs: number
      readonly factor: number
      readonly capMs: number
      readonly jitter: number
    }
    readonly maxAttempts: number
    readonly quarantine: { readonly full: Quarantine; readonly short: Quarantine }
    readonly queryDelaysMs: readonly [number, ...number[]]
    readonly queryGiveUpMs: number
    readonly holdLookMs: number
    readonly maxJobAgeMs: number
    readonly maxRefundFen?: number
    readonly dailyCapFen?: number
    readonly heldEvents: boolean
    /** BullMQ brings a job of a dead worker back within this time; until then nobody else wakes its refund */
    readonly graceMs: number
  }
  readonly workers: {
    readonly submitConcurrency: number
    readonly queryConcurrency: number
    readonly lockDurationMs: number
    readonly stalledIntervalMs: number
    readonly sweepIntervalMs: number
    readonly outboxClaimMs: number
    readonly shutdownGraceMs: number
  }
  readonly receiver: {
    readonly host: string
    readonly port: number
    readonly path: string
    /** addresses and CIDR ranges; absent: everyone */
    readonly allowFrom?: readonly string[]
    /** addresses and CIDR ranges; empty: no proxy is believed */
    readonly trustProxy: readonly string[]
  }
  readonly admin: {
    readonly host: string
    readonly port: number
    readonly auth?: { readonly user: string; readonly password: Secret }
    readonly write: boolean
  }
  readonly log: { readonly level: Values['LOG_LEVEL'] }
  /** absent: no traces */
  readonly tracing?: { readonly endpoint: string }
}

/** What of a merchant is no secret. */
export type KeylessMerchant = Omit<Merchant, 'privateKey' | 'publicKeys'>

/** What a person's tool needs: where the refunds are and how they are decided on, without any key or password. */
export interface OperatorSettings extends Omit<Settings, 'merchants' | 'receiver' | 'admin'> {
  readonly merchants: readonly [KeylessMerchant, ...KeylessMerchant[]]
}

/** A lock shorter than a job takes is lost before the job can be finished, and the job is taken again for ever. */
const MIN_LOCK_MS = 500
const MIN_STALLED_INTERVAL_MS = 100

/** Reads one setting that was found to be right. */
export type Read = <Name extends SettingName>(name: Name) => Values[Name]

/** Groups the settings; they and the rules between them were checked before. */
export function groupSettings(read: Read): Settings {
  const allowFrom = read('RECEIVER_ALLOW_FROM')
  const user = read('ADMIN_USER')
  const password = read('ADMIN_PASSWORD')
  const privateKey = given(read('LIANLIAN_PRIVATE_KEY'))
  const { merchants, ...shared } = groupOperatorSettings(read)
  const [keyless] = merchants
  return {
    ...shared,
    merchants: [{ ...keyless, privateKey, publicKeys: read('LIANLIAN_PUBLIC_KEY') }],
    receiver: {
      host: read('RECEIVER_HOST'),
      port: read('RECEIVER_PORT'),
      path: read('RECEIVER_PATH'),
      ...(allowFrom !== undefined && { allowFrom }),
      trustProxy: read('TRUST_PROXY') ?? [],
    },
    admin: {
      host: read('ADMIN_HOST'),
      port: read('ADMIN_PORT'),
      ...(user !== undefined && password !== undefined && { auth: { user, password } }),
      write: read('ADMIN_WRITE'),
    },
  }
}

/** The settings of a person's tool: it reads none of what `Settings` has beyond them. */
export function groupOperatorSettings(read: Read): OperatorSettings {
  const maxRefundFen = read('MAX_REFUND')
  const dailyCapFen = read('DAILY_CAP')
  const endpoint = read('OTEL_EXPORTER_OTLP_ENDPOINT')
  const lockDurationMs = Math.max(read('LOCK_DURATION_MS'), MIN_LOCK_MS)
  const stalledIntervalMs = Math.max(read('STALLED_INTERVAL_MS'), MIN_STALLED_INTERVAL_MS)
  return {
    redis: {
      connection: redisConnection(read),
      waitReplicas: read('REDIS_WAIT_REPLICAS'),
      requireDurable: read('REQUIRE_DURABLE_REDIS'),
    },
    queues: { prefix: read('QUEUE_PREFIX'), completion: read('COMPLETION_QUEUES') },
    ledger: { prefix: read('LEDGER_PREFIX'), retentionDays: read('LEDGER_RETENTION_DAYS') },
    merchants: [merchant(read)],
    gateway: {
      refundUrl: read('LIANLIAN_REFUND_URL'),
      exchangeRefundUrl: read('LIANLIAN_EXCHANGE_REFUND_URL'),
      queryUrl: read('LIANLIAN_QUERY_URL'),
      timeoutMs: read('GATEWAY_TIMEOUT_MS'),
      trustUnsignedRefusals: read('LIANLIAN_TRUST_UNSIGNED_REFUSALS'),
      breakerOpenMs: read('BREAKER_OPEN_MS'),
    },
    policy: {
      retry: {
        baseMs: read('RETRY_BASE_MS'),
        factor: read('RETRY_FACTOR'),
        capMs: read('RETRY_CAP_MS'),
        jitter: read('RETRY_JITTER'),
      },
      maxAttempts: read('RETRY_MAX_ATTEMPTS'),
      quarantine: {
        full: { minAgeMs: read('NOT_FOUND_MIN_AGE_MS'), minCount: read('NOT_FOUND_MIN_COUNT') },
        short: { minAgeMs: read('NOT_FOUND_SHORT_MIN_AGE_MS'), minCount: read('NOT_FOUND_SHORT_MIN_COUNT') },
      },
      queryDelaysMs: read('QUERY_DELAYS_MS'),
      queryGiveUpMs: read('QUERY_GIVE_UP_MS'),
      holdLookMs: read('HOLD_LOOK_MS'),
      maxJobAgeMs: read('MAX_JOB_AGE_MS'),
      ...(maxRefundFen !== undefined && { maxRefundFen }),
      ...(dailyCapFen !== undefined && { dailyCapFen }),
      heldEvents: read('HELD_EVENTS'),
      graceMs: lockDurationMs + 2 * stalledIntervalMs,
    },
    workers: {
      submitConcurrency: read('SUBMIT_CONCURRENCY'),
      queryConcurrency: read('QUERY_CONCURRENCY'),
      lockDurationMs,
      stalledIntervalMs,
      sweepIntervalMs: read('SWEEP_INTERVAL_MS'),
      outboxClaimMs: read('OUTBOX_CLAIM_MS'),
      shutdownGraceMs: read('SHUTDOWN_GRACE_MS'),
    },
    log: { level: read('LOG_LEVEL') },
    ...(endpoint !== undefined && { tracing: { endpoint } }),
  }
}

function redisConnection(read: Read): RedisConnection {
  const nodes = read('REDIS_CLUSTER_NODES')
  if (nodes !== undefined) return { mode: 'cluster', nodes }
  const sentinels = read('REDIS_SENTINELS')
  if (sentinels === undefined) return { mode: 'single', url: given(read('REDIS_URL')) }
  return { mode: 'sentinel', sentinels, name: given(read('REDIS_SENTINEL_NAME')) }
}

function merchant(read: Read): KeylessMerchant {
  const notifyUrl = read('LIANLIAN_NOTIFY_URL')
  const max = read('RATE_LIMIT_MAX')
  const durationMs = read('RATE_LIMIT_DURATION_MS')
  return {
    oid_partner: given(read('LIANLIAN_OID_PARTNER')),
    ...(notifyUrl !== undefined && { notifyUrl }),
    ...(max !== undefined && durationMs !== undefined && { rateLimit: { max, durationMs } }),
  }
}

function given<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the settings were grouped although a required one is missing')
  return value
}
