import { type GatewayWay, type RedisConnection, readGatewayWay, readRedisConnection } from './connections.ts'
import { type KeylessMerchant, keylessMerchants, type Merchant, merchantsWithKeys } from './merchants.ts'
import type { FileMerchant } from './merchants-file.ts'
import { type GatewayUrls, type PolicySettings, readGatewayUrls, readLocks, readPolicy } from './policy.ts'
import type { Read } from './read.ts'
import type { Values } from './schema.ts'
import type { Secret } from './secret.ts'

export type { RedisConnection } from './connections.ts'

/** Where the queues and the ledger are. */
export interface StoreSettings {
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
}

type GatewayCalls = GatewayUrls & {
  readonly timeoutMs: number
  readonly trustUnsignedRefusals: boolean
  readonly breakerOpenMs: number
}

/** The settings of one process, grouped by the part that needs them. Times in milliseconds, money in fen. */
export interface Settings extends StoreSettings {
  /** one of `LIANLIAN_OID_PARTNER`, or those of `MERCHANTS_FILE` */
  readonly merchants: readonly [Merchant, ...Merchant[]]
  readonly gateway: GatewayCalls & GatewayWay
  /** what decisions depend on, where a merchant has no figures of its own */
  readonly policy: PolicySettings
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

/** What a person's tool needs: where the refunds are and how they are decided on, without any key or password. */
export interface OperatorSettings extends Omit<Settings, 'merchants' | 'gateway' | 'receiver' | 'admin'> {
  readonly gateway: GatewayCalls
  readonly merchants: readonly [KeylessMerchant, ...KeylessMerchant[]]
}

/**
 * Groups the settings; they and the rules between them were checked before.
 *
 * @param file the merchants of `MERCHANTS_FILE`, where it is set
 */
export function groupSettings(read: Read, file?: readonly FileMerchant[]): Settings {
  const allowFrom = read('RECEIVER_ALLOW_FROM')
  const user = read('ADMIN_USER')
  const password = read('ADMIN_PASSWORD')
  const shared = groupOperatorSettings(read, file)
  return {
    ...shared,
    gateway: { ...shared.gateway, ...readGatewayWay(read) },
    merchants: merchantsWithKeys(shared.merchants, read, file),
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

/** Where the queues and the ledger are. */
export function groupStoreSettings(read: Read): StoreSettings {
  return {
    redis: {
      connection: readRedisConnection(read),
      waitReplicas: read('REDIS_WAIT_REPLICAS'),
      requireDurable: read('REQUIRE_DURABLE_REDIS'),
    },
    queues: { prefix: read('QUEUE_PREFIX'), completion: read('COMPLETION_QUEUES') },
    ledger: { prefix: read('LEDGER_PREFIX'), retentionDays: read('LEDGER_RETENTION_DAYS') },
  }
}

/** The settings of a person's tool: it reads none of what `Settings` has beyond them. */
export function groupOperatorSettings(read: Read, file?: readonly FileMerchant[]): OperatorSettings {
  const endpoint = read('OTEL_EXPORTER_OTLP_ENDPOINT')
  return {
    ...groupStoreSettings(read),
    merchants: keylessMerchants(read, file),
    gateway: {
      ...readGatewayUrls(read),
      timeoutMs: read('GATEWAY_TIMEOUT_MS'),
      trustUnsignedRefusals: read('LIANLIAN_TRUST_UNSIGNED_REFUSALS'),
      breakerOpenMs: read('BREAKER_OPEN_MS'),
    },
    policy: readPolicy(read),
    workers: {
      submitConcurrency: read('SUBMIT_CONCURRENCY'),
      queryConcurrency: read('QUERY_CONCURRENCY'),
      ...readLocks(read),
      sweepIntervalMs: read('SWEEP_INTERVAL_MS'),
      outboxClaimMs: read('OUTBOX_CLAIM_MS'),
      shutdownGraceMs: read('SHUTDOWN_GRACE_MS'),
    },
    log: { level: read('LOG_LEVEL') },
    ...(endpoint !== undefined && { tracing: { endpoint } }),
  }
}
