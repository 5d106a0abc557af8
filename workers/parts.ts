import { randomUUID } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import type { Cluster, Redis } from 'ioredis'
import type { Logger } from 'pino'
import type { Settings } from '../config/settings.ts'
import type { Engine } from '../src/flows/ports.ts'
import { createLedger, type Ledger } from '../src/ledger/ledger.ts'
import { createGateway, type Gateway } from '../src/lianlian/client.ts'
import { type PublicKey, parsePrivateKey, parsePublicKeys } from '../src/lianlian/keys.ts'
import { addressOf, connectRedis, type Patience } from '../src/redis/connection.ts'
import type { Policy } from '../src/refund/policy.ts'
import type { Tracing } from '../src/tracing/tracing.ts'
import type { Lifecycle } from './lifecycle.ts'
import { traceOf } from './traces.ts'

/** What a role is built from. Everything acquired here registers its own release. */
export interface Parts {
  readonly settings: Settings
  readonly log: Logger
  readonly lifecycle: Lifecycle
  readonly policy: Policy
  /** absent: off */
  readonly tracing?: Tracing
  readonly publicKeys: ReadonlyMap<string, readonly PublicKey[]>
  connect(purpose: string, patience?: Patience): Redis | Cluster
  ledger(connection: Redis | Cluster): Ledger
  engine(ledger: Ledger, gateways?: ReadonlyMap<string, Gateway>): Engine
  /** one client a merchant */
  gateways(): ReadonlyMap<string, Gateway>
}

export function createParts(settings: Settings, log: Logger, lifecycle: Lifecycle, tracing?: Tracing): Parts {
  const { gateway, merchants } = settings
  const policy: Policy = settings.policy
  const address = addressOf(settings.redis.connection)
  const rates = new Map(merchants.map(({ oid_partner, rateLimit }) => [oid_partner, rateLimit]))

  return {
    settings,
    log,
    lifecycle,
    policy,
    ...(tracing && { tracing }),
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
      ...(tracing && { trace: traceOf(tracing, settings) }),
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
