import { randomUUID } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import type { Cluster, Redis } from 'ioredis'
import type { Logger } from 'pino'
import type { Settings } from '../config/settings.ts'
import type { Engine } from '../src/flows/ports.ts'
import { createLedger, type Ledger } from '../src/ledger/ledger.ts'
import type { Gateway } from '../src/lianlian/client.ts'
import type { PublicKey } from '../src/lianlian/keys.ts'
import { addressOf, connectRedis, type Patience } from '../src/redis/connection.ts'
import type { Policy } from '../src/refund/policy.ts'
import type { Tracing } from '../src/tracing/tracing.ts'
import type { Lifecycle } from './lifecycle.ts'
import { createMerchants, type Merchants } from './merchants.ts'
import { traceOf } from './traces.ts'

/** What a role is built from. Everything acquired here registers its own release. */
export interface Parts {
  readonly settings: Settings
  readonly log: Logger
  readonly lifecycle: Lifecycle
  readonly policy: Policy
  /** absent: off */
  readonly tracing?: Tracing
  /** as they are configured now */
  readonly merchants: Merchants
  /** LianLian's, those of `merchants` */
  readonly publicKeys: ReadonlyMap<string, readonly PublicKey[]>
  connect(purpose: string, patience?: Patience): Redis | Cluster
  ledger(connection: Redis | Cluster): Ledger
  engine(ledger: Ledger, gateways?: ReadonlyMap<string, Gateway>): Engine
  /** one client a merchant, those of `merchants` */
  gateways(): ReadonlyMap<string, Gateway>
}

export function createParts(settings: Settings, log: Logger, lifecycle: Lifecycle, tracing?: Tracing): Parts {
  const { gateway } = settings
  const policy: Policy = settings.policy
  const address = addressOf(settings.redis.connection)
  const merchants = createMerchants(settings, log)
  lifecycle.onStop('gateway clients', () => merchants.close())

  return {
    settings,
    log,
    lifecycle,
    policy,
    ...(tracing && { tracing }),
    merchants,
    publicKeys: merchants.publicKeys,
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
        policyOf: merchants.policyOf,
        retentionDays: settings.ledger.retentionDays,
        waitReplicas: settings.redis.waitReplicas,
        onUnreadable: (error) => log.error({ err: error }, 'a record of the ledger cannot be read'),
        gate: {
          breakerMs: gateway.breakerOpenMs,
          balanceMs: policy.holdLookMs,
          rateOf: merchants.rateOf,
          configured: merchants.defaults,
        },
      }),
    engine: (ledger, gateways = new Map()) => ({
      ledger,
      gatewayOf: (oid_partner) => gateways.get(oid_partner),
      policy,
      policyOf: merchants.policyOf,
      gatewayTimeoutMs: gateway.timeoutMs,
      clock: { wall: () => Date.now(), monotonic: () => performance.now() },
      random: Math.random,
      newToken: randomUUID,
      log,
      ...(tracing && { trace: traceOf(tracing, merchants.urlsOf) }),
    }),
    gateways: () => merchants.gateways,
  }
}
