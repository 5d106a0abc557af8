import { vi } from 'vitest'
import { connectRedis, type Patience } from '../../src/redis/connection.ts'
import { cleanUp } from '../support/clean-up.ts'
import { clusterAddress, sentinelAddress } from './addresses.ts'
import { type ClusterTopology, startCluster } from './cluster.ts'
import { type SentinelOptions, type SentinelTopology, startSentinel } from './sentinel.ts'
import type { Server } from './server.ts'

/** Servers are voted out, copied and taken back at their own pace, on a busy machine slowly. */
vi.setConfig({ testTimeout: 120_000 })

/** Until a replica is back, after a pause of the machine or a failover, nobody confirms a write. */
export const UNTIL_CONFIRMED = { timeoutMs: 45_000 }

/** Servers that end with the test. */
export async function ownSentinel(options?: SentinelOptions): Promise<SentinelTopology> {
  const topology = await startSentinel(options)
  cleanUp(topology.stop)
  return topology
}

export async function ownCluster(): Promise<ClusterTopology> {
  const topology = await startCluster()
  cleanUp(topology.stop)
  return topology
}

/** A connection as the workers make it, closed after the test. */
export function connect(
  topology: SentinelTopology | ClusterTopology,
  patience: Patience = 'patient',
  onError: (error: Error) => void = () => {},
) {
  const address = 'nodes' in topology ? clusterAddress(topology) : sentinelAddress(topology)
  const redis = connectRedis(address, patience, onError)
  cleanUp(() => redis.disconnect())
  return redis
}

/** A master of the cluster that does not own the key's slot. */
export async function anotherMaster(topology: ClusterTopology, key: string): Promise<Server> {
  const owner = await topology.ownerOf(key)
  const other = (await topology.masters()).find((server) => server !== owner)
  if (other === undefined) throw new Error('a cluster has several masters')
  return other
}
