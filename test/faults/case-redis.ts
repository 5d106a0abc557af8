import { randomUUID } from 'node:crypto'
import type { Cluster, Redis } from 'ioredis'
import { connectRedis, type RedisAddress } from '../../src/redis/connection.ts'
import { type OwnRedis, startOwnRedis } from '../support/own-redis.ts'

/** The Redis of a case, however it is made up. */
export interface CaseRedis {
  /** what workers are told of it */
  readonly settings: Readonly<Record<string, string>>
  readonly queuePrefix: string
  /** a patient connection, for the producer and the subscriber; the caller closes it */
  connect(): Redis | Cluster
  stop(): Promise<void>
}

export interface SingleRedis extends CaseRedis {
  readonly server: OwnRedis
}

/** One durable server of the case's own. */
export async function singleRedis(settings: Readonly<Record<string, string>> = {}): Promise<SingleRedis> {
  const redis = await startOwnRedis(settings)
  return { ...redisAt({ mode: 'single', url: redis.url }, { REDIS_URL: redis.url }), server: redis, stop: redis.stop }
}

/** @param settings what workers are told of that address */
export function redisAt(
  address: RedisAddress,
  settings: Readonly<Record<string, string>>,
): Pick<CaseRedis, 'settings' | 'queuePrefix' | 'connect'> {
  const queuePrefix = `{q-${randomUUID().slice(0, 8)}}`
  return {
    settings: { ...settings, QUEUE_PREFIX: queuePrefix },
    queuePrefix,
    // every fault of this connection is the case's own doing
    connect: () => connectRedis(address, 'patient', () => {}),
  }
}
