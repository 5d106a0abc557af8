import { randomUUID } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import type { Cluster, Redis } from 'ioredis'
import type { Logger } from 'pino'
import type { Settings } from '../config/settings.ts'
import type { Engine } from '../src/flows/ports.ts'
import { createLedger, type Ledger } from '../src/ledger/ledger.ts'
import { createGateway, type Gateway } from '../src/lianlian/client.ts'
import { type PublicKey, parsePrivateKey, parsePublicKeys } from '../src/lianlian/keys.ts'
import { connectRedis, type Patience, type RedisAddress } from '../src/redis/connection.ts'
import type { Policy } from '../src/refund/policy.ts'
import type { Lifecycle } from './lifecycle.ts'

/** What a role is built from. Everything acquired here registers its own release. */
export interface Parts {
  readonly settings: Settings
  readonly log: Logger
  readonly lifecycle: Lifecycle
  readonly policy: Policy
  readonly publicKeys: ReadonlyMap<string, readonly PublicKey[]>
  connect(purpose: string, patience?: Patience): Redis | Cluster
  ledger(connection: Redis | Cluster): Ledger
  engine(ledger: Ledger, gateways?: ReadonlyMap<string, Gateway>): Engine
  /** one client a merchant */
  gateways(): ReadonlyMap<string, Gateway>
}

/** A lock shorter than a job takes is lost before the job can be finished, and the job is taken again for ever. */
const MIN_LOCK_MS = 500
const MIN_STALLED_INTERVAL_MS = 100

export function lockTimes({ lockDurationMs, stalledIntervalMs }: Settings['workers']) {
  return {
    lockDurationMs: Math.max(lockDurationMs, MIN_LOCK_MS),
    stalledIntervalMs: Math.max(stalledIntervalMs, MIN_STALLED_INTERVAL_MS),
  }
}

/** BullMQ brings a job of a dead worker back within this time; until then `due` leaves it alone. */
export function graceMs(settings: Settings['workers']): number {
  const { lockDurationMs, stalledIntervalMs } = lockTimes(settings)
  return lockDurationMs + 2 * stalledIntervalMs
}

export function createParts(settings: Settings, log: Logger, lifecycle: Lifecycle): Parts {
  const { gateway, merchants } = settings
  const policy: Policy = { ...settings.policy, graceMs: graceMs(settings.workers) }
  const address = addressOf(settings)
  const rates = new Map(merchants.map(({ oid_partner, rateLimit }) => [oid_partner, rateLimit]))

  return {
    settings,
    log,
    lifecycle,
    policy,
    publicKeys: new Map(merchants.map(({ oid_partner, publicKeys }) => [oid_partner, parsePublicKeys(publicKeys)])),
    connect(purpose, patience = 'patient') {
      const connection = connectRedis(address, patience, (error) =>
        log.warn({ err: error, connection: purpose }, 'redis connection fault'),
      )
      // a worker that can never reach Redis again does nothing: better one that is started anew
      const onEnd = () => {
        log.fatal({ connection: purpose }, 'a redis connection was given up for good')
        process.exit(1)
      }
      connection.once('end', onEnd)
      lifecycle.onStop(`redis ${purpose}`, () => {
        connection.off('end', onEnd)
        connection.disconnect()
      })
      return connection
    },
    ledger: (connection) =>
      createLedger(connection, {
        prefix: settings.ledger.prefix,
        policy,
        retentionDays: settings.ledger.retentionDays,
        waitReplicas: settings.redis.waitReplicas,
        onUnreadable: (error) => log.error({ err: error }, 'a record of the ledger cannot be read'),
        gate: {
          breakerMs: gateway.breakerOpenMs,
          balanceMs: policy.holdLookMs,
          rateOf: (oid_partner) => rates.get(oid_partner),
        },
      }),
    engine: (ledger, gateways = new Map()) => ({
      ledger,
      gatewayOf: (oid_partner) => gateways.get(oid_partner),
      policy,
      gatewayTimeoutMs: gateway.timeoutMs,
      clock: { wall: () => Date.now(), monotonic: () => performance.now() },
      random: Math.random,
      newToken: randomUUID,
      log,
    }),
    gateways() {
      const clients = new Map(
        merchants.map(({ oid_partner, privateKey, publicKeys }) => [
          oid_partner,
          createGateway({
            refundUrl: gateway.refundUrl,
            exchangeRefundUrl: gateway.exchangeRefundUrl,
            queryUrl: gateway.queryUrl,
            timeoutMs: gateway.timeoutMs,
            trustUnsignedRefusals: gateway.trustUnsignedRefusals,
            privateKey: parsePrivateKey(privateKey.reveal()),
            publicKeys: parsePublicKeys(publicKeys),
          }),
        ]),
      )
      lifecycle.onStop('gateway clients', () => {
        for (const client of clients.values()) client.close()
      })
      return clients
    },
  }
}

export function addressOf({ redis: { connection } }: Settings): RedisAddress {
  return connection.mode === 'single' ? { mode: 'single', url: connection.url.reveal() } : connection
}
