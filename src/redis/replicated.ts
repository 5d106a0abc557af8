import { Cluster, type Redis } from 'ioredis'

/** How long replicas may take; what is not confirmed by then counts as not replicated. */
const CONFIRM_MS = 1000

/** A Lua script that returns 1 where this server has what was written, and writes something beside it. */
export interface Touch {
  readonly script: string
  /** the first names the server; all lie in its slot */
  readonly keys: readonly [string, ...string[]]
  readonly args: readonly string[]
}

/**
 * Whether enough replicas have what was written. After a failover the new master may answer a WAIT that was meant for
 * the old one, although what was written never reached it: so it is looked for, and touched, right before the WAIT, on a
 * connection that must not break in between.
 *
 * @param wanted replicas; 0: nobody is asked
 */
export async function isReplicated(redis: Redis | Cluster, wanted: number, touch: Touch): Promise<boolean> {
  if (wanted === 0) return true
  const { script, keys, args } = touch
  const node = redis instanceof Cluster ? await masterOf(redis, keys[0]) : redis
  if (node?.status !== 'ready') return false
  const { stream } = node
  // whole, not by hash: a second try would come behind the WAIT
  const touched = node.eval(script, keys.length, ...keys, ...args)
  const [held, acknowledged] = await Promise.all([touched, node.wait(wanted, CONFIRM_MS)])
  const unbroken = node.stream === stream && node.status === 'ready'
  return held === 1 && acknowledged >= wanted && unbroken
}

/** WAIT speaks about one connection: in a cluster, the one to the master of the key's slot. */
async function masterOf(cluster: Cluster, key: string) {
  const slot = await cluster.cluster('KEYSLOT', key)
  const address = cluster.slots[slot]?.[0]
  return cluster.nodes('master').find(({ options }) => `${options.host}:${options.port}` === address)
}
