import { Cluster, type Redis } from 'ioredis'
import { minded } from './asking.ts'
import { CoalescingRedis } from './coalescing.ts'
import { sentinelConnector } from './sentinels.ts'

interface Address {
  readonly host: string
  readonly port: number
}

/** As whom, and under which certificates. */
interface Access {
  /** where a URL carries none */
  readonly username?: string | undefined
  readonly password?: string | undefined
  /** TLS to cluster nodes, or to sentinels, master and replicas; `rediss://` in a URL says the same */
  readonly tls?: boolean | undefined
  /** PEM certificates, trusted in place of the system's */
  readonly ca?: string | undefined
}

/** Where Redis is. */
export type RedisAddress =
  | (Access & { readonly mode: 'single'; readonly url: string })
  | (Access & { readonly mode: 'cluster'; readonly nodes: readonly Address[] })
  | (Access & {
      readonly mode: 'sentinel'
      readonly sentinels: readonly Address[]
      readonly name: string
      readonly sentinelUsername?: string | undefined
      readonly sentinelPassword?: string | undefined
    })

type Guarded<T> = { readonly [K in keyof T]: K extends Hidden ? { reveal(): string } : T[K] }
type Hidden = 'url' | 'password' | 'sentinelPassword'

/** The same, with what may be secret as settings hold it. */
type GuardedAddress = RedisAddress extends infer Each ? (Each extends RedisAddress ? Guarded<Each> : never) : never

export function addressOf(given: GuardedAddress): RedisAddress {
  const { password: hidden, ...place } = given
  const password = hidden && { password: hidden.reveal() }
  switch (place.mode) {
    case 'single':
      return { ...place, url: place.url.reveal(), ...password }
    case 'cluster':
      return { ...place, ...password }
    case 'sentinel': {
      const { sentinelPassword, ...rest } = place
      return { ...rest, ...password, ...(sentinelPassword && { sentinelPassword: sentinelPassword.reveal() }) }
    }
  }
}

/**
 * What ioredis asks of a connection; never left to it alone, because NODE_TLS_REJECT_UNAUTHORIZED=0 in the environment
 * would switch checking off.
 */
function accessOf(address: RedisAddress) {
  const { username, password, ca } = address
  const tls = address.tls === true || (address.mode === 'single' && address.url.startsWith('rediss:'))
  return {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(tls && { tls: { rejectUnauthorized: true, minVersion: 'TLSv1.2', ...(ca !== undefined && { ca }) } as const }),
  }
}

/**
 * - `patient`: for workers: waits for a Redis that is away, however long
 * - `hasty`: for whoever must answer now: a command fails when Redis does not take it at once
 */
export type Patience = 'patient' | 'hasty'

/** Above every blocking read (BullMQ waits up to 10 s), so that only a frozen server is left. */
const SOCKET_TIMEOUT_MS = 20_000
const HASTY_COMMAND_MS = 4_000
/** A sentinel answers from memory; one that is frozen would hold up every connection, and the next one is asked. */
const SENTINEL_ANSWER_MS = 2_000
const SENTINEL_RECONNECT_MS = 2_000
/** Whoever waits at a frozen master of a cluster learns only by this that another has its place. */
const SLOTS_REFRESH_MS = 2_000
/** Tries that are 100 ms apart while a master is away: more than any cluster takes to replace it. ioredis gives up after 16. */
const PATIENT_REDIRECTIONS = 1_200

/**
 * @param onError told of every connection fault, so that none ends the process
 * @param ended once aborted, a Redis that is away is looked for no more: not by copies of the connection either, such as
 *   BullMQ's, which it cannot close while Redis is away
 */
export function connectRedis(
  address: RedisAddress,
  patience: Patience,
  onError: (error: Error) => void,
  ended?: AbortSignal,
) {
  const client = open(address, patience, onError, (times) => (ended?.aborted === true ? null : reconnectDelay(times)))
  client.on('error', onError)
  return client
}

function open(
  address: RedisAddress,
  patience: Patience,
  onError: (error: Error) => void,
  retryStrategy: (times: number) => number | null,
): Redis | Cluster {
  const retries = { maxRetriesPerRequest: patience === 'patient' ? null : 0 }
  const node = {
    socketTimeout: SOCKET_TIMEOUT_MS,
    connectTimeout: 5_000,
    ...(patience === 'hasty' && { commandTimeout: HASTY_COMMAND_MS }),
    ...accessOf(address),
  }
  switch (address.mode) {
    case 'single':
      return new CoalescingRedis(address.url, { ...node, ...retries, retryStrategy })
    case 'sentinel':
      return new CoalescingRedis({
        ...node,
        ...retries,
        retryStrategy,
        sentinels: [...address.sentinels],
        name: address.name,
        ...(node.tls && { enableTLSForSentinelMode: true, sentinelTLS: node.tls }),
        ...(address.sentinelUsername !== undefined && { sentinelUsername: address.sentinelUsername }),
        ...(address.sentinelPassword !== undefined && { sentinelPassword: address.sentinelPassword }),
        Connector: sentinelConnector(onError),
        sentinelCommandTimeout: SENTINEL_ANSWER_MS,
        // leaves a master that was voted out but still answers
        failoverDetector: true,
        // a minute by default, in which nobody would tell of a master that was voted out
        sentinelReconnectStrategy: () => SENTINEL_RECONNECT_MS,
      })
    case 'cluster':
      return minded(
        new Cluster([...address.nodes], {
          redisOptions: node,
          clusterRetryStrategy: retryStrategy,
          slotsRefreshInterval: SLOTS_REFRESH_MS,
          ...(patience === 'patient' && { maxRedirections: PATIENT_REDIRECTIONS }),
        }),
      )
  }
}

function reconnectDelay(times: number): number {
  return Math.min(50 * 2 ** Math.min(times, 6), 2_000)
}
