import type { Cluster, Redis } from 'ioredis'

/**
 * While a slot moves, ioredis sends ASKING before a command and never looks what becomes of it: should the connection
 * close, the rejection that nobody handles ends the process. The command itself is told, and tried again.
 */
export function minded(cluster: Cluster): Cluster {
  cluster.on('+node', (node: Redis) => {
    const asking = node.asking.bind(node)
    // not async: that would be one more promise that nobody handles
    node.asking = () => {
      const asked = asking()
      asked.catch(() => {})
      return asked
    }
  })
  // BullMQ blocks on a duplicate
  const duplicate = cluster.duplicate.bind(cluster)
  return Object.assign(cluster, {
    duplicate: (...args: Parameters<typeof duplicate>) => minded(duplicate(...args)),
  })
}
