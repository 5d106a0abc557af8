import { readFileSync } from 'node:fs'
import { Cluster } from 'ioredis'
import type { RefundIdentity } from '../refund/job-data.ts'
import type { LedgerKeys } from './keys.ts'
import type { RedisClient } from './script.ts'

/** How long replicas may take to confirm a claim; a claim that is not confirmed is not sent. */
const CONFIRM_MS = 1000

const touchRecord = readFileSync(new URL('./touch-record.lua', import.meta.url), 'utf8')

/** Confirms that replicas have what this connection wrote about a refund. */
export function replicas(redis: RedisClient, keys: LedgerKeys, wanted: number) {
  return {
    /**
     * Whether enough replicas have a record. After a failover the new master may answer a WAIT that was meant for the
     * old one, although the record never reached it: so the record is written to once more right before the WAIT, on a
     * connection that must not break in between.
     *
     * @param token of the claim that must stand in it
     */
    async confirmed(id: RefundIdentity, token = ''): Promise<boolean> {
      if (wanted === 0) return true
      const node = redis instanceof Cluster ? await masterOf(redis, keys.record(id)) : redis
      if (node?.status !== 'ready') return false
      let broken = false
      const onClose = () => {
        broken = true
      }
      node.once('close', onClose)
      try {
        // whole, not by hash: a second try would come behind the WAIT
        const touched = node.eval(touchRecord, 1, keys.record(id), token)
        const [held, acknowledged] = await Promise.all([touched, node.wait(wanted, CONFIRM_MS)])
        return held === 1 && acknowledged >= wanted && !broken
      } finally {
        node.off('close', onClose)
      }
    },
  }
}

/** WAIT speaks about one connection: in a cluster, the one to the master of the key's slot. */
async function masterOf(cluster: Cluster, key: string) {
  const slot = await cluster.cluster('KEYSLOT', key)
  const address = cluster.slots[slot]?.[0]
  return cluster.nodes('master').find(({ options }) => `${options.host}:${options.port}` === address)
}
