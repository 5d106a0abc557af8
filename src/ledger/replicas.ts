import { Cluster } from 'ioredis'
import type { RefundIdentity } from '../refund/job-data.ts'
import type { LedgerKeys } from './keys.ts'
import type { RedisClient } from './script.ts'

/** How long replicas may take to confirm a claim; a claim that is not confirmed is not sent. */
const CONFIRM_MS = 1000

/** Confirms that replicas have what this connection wrote about a refund. */
export function replicas(redis: RedisClient, keys: LedgerKeys, wanted: number) {
  return {
    async confirmed(id: RefundIdentity): Promise<boolean> {
      if (wanted === 0) return true
      const node = redis instanceof Cluster ? await masterOf(redis, keys.record(id)) : redis
      return node !== undefined && (await node.wait(wanted, CONFIRM_MS)) >= wanted
    },
  }
}

/** WAIT speaks about one connection: in a cluster, the one to the master of the key's slot. */
async function masterOf(cluster: Cluster, key: string) {
  const slot = await cluster.cluster('KEYSLOT', key)
  const address = cluster.slots[slot]?.[0]
  return cluster.nodes('master').find(({ options }) => `${options.host}:${options.port}` === address)
}
