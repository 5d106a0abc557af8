import { Cluster, Redis } from 'ioredis'

interface Address {
  readonly host: string
  readonly port: number
}

/** Where Redis is. */
export type RedisAddress =
  | { readonly mode: 'single'; readonly url: string }
  | { readonly mode: 'cluster'; readonly nodes: readonly Address[] }
  | { readonly mode: 'sentinel'; readonly sentinels: readonly Address[]; readonly name: string }

/**
 * - `patient`: for workers: waits for a Redis that is away, however long
 * - `hasty`: for whoever must answer now: a command fails when Redis does not take it at once
 */
export type Patience = 'patient' | 'hasty'

/** Above every blocking read (BullMQ waits up to 10 s), so that only a frozen server is left. */
const SOCKET_TIMEOUT_MS = 20_000
const HASTY_COMMAND_MS = 4_000

/** @param onError told of every connection fault, so that none ends the process */
export function connectRedis(address: RedisAddress, patience: Patience, onError: (error: Error) => void) {
  const client = open(address, patience)
  client.on('error', onError)
  return client
}

function open(address: RedisAddress, patience: Patience): Redis | Cluster {
  const retries = { maxRetriesPerRequest: patience === 'patient' ? null : 0 }
  const node = {
    socketTimeout: SOCKET_TIMEOUT_MS,
    connectTimeout: 5_000,
    ...(patience === 'hasty' && { commandTimeout: HASTY_COMMAND_MS }),
  }
  switch (address.mode) {
    case 'single':
      return new Redis(address.url, { ...node, ...retries, retryStrategy: reconnectDelay })
    case 'sentinel':
      return new Redis({
        ...node,
        ...retries,
        retryStrategy: reconnectDelay,
        sentinels: [...address.sentinels],
        name: address.name,
        // leaves a master that was voted out but still answers
        failoverDetector: true,
      })
    case 'cluster':
      return new Cluster([...address.nodes], { redisOptions: node, clusterRetryStrategy: reconnectDelay })
  }
}

function reconnectDelay(times: number): number {
  return Math.min(50 * 2 ** Math.min(times, 6), 2_000)
}
