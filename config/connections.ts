import type { HostPort } from './addresses.ts'
import { given, type Read } from './read.ts'
import type { Secret } from './secret.ts'

/** How the gateway is reached. */
export interface GatewayWay {
  /** PEM certificates, trusted in place of the system's */
  readonly ca?: string
  /** SHA-256 of public keys in base64 */
  readonly pinnedKeys?: readonly string[]
  /** `http://user:password@host:port` */
  readonly proxyUrl?: Secret
}

/** Where Redis is, as whom, and under which certificates. */
export type RedisConnection = RedisPlace & {
  readonly username?: string
  readonly password?: Secret
  /** absent: only where the URL says `rediss://` */
  readonly tls?: true
  /** PEM certificates, trusted in place of the system's */
  readonly ca?: string
  readonly sentinelUsername?: string
  readonly sentinelPassword?: Secret
}

type RedisPlace =
  | { readonly mode: 'single'; readonly url: Secret }
  | { readonly mode: 'cluster'; readonly nodes: readonly HostPort[] }
  | { readonly mode: 'sentinel'; readonly sentinels: readonly HostPort[]; readonly name: string }

export function readGatewayWay(read: Read): GatewayWay {
  const [ca, keys, proxy] = [read('GATEWAY_CA'), read('GATEWAY_PINNED_KEYS'), read('GATEWAY_PROXY_URL')]
  return {
    ...(ca !== undefined && { ca }),
    ...(keys && { pinnedKeys: keys }),
    ...(proxy && { proxyUrl: proxy }),
  }
}

export function readRedisConnection(read: Read): RedisConnection {
  const [username, password, ca] = [read('REDIS_USERNAME'), read('REDIS_PASSWORD'), read('REDIS_CA')]
  const sentinelUsername = read('REDIS_SENTINEL_USERNAME')
  const sentinelPassword = read('REDIS_SENTINEL_PASSWORD')
  return {
    ...redisPlace(read),
    ...(username !== undefined && { username }),
    ...(password && { password }),
    ...(read('REDIS_TLS') && { tls: true }),
    ...(ca !== undefined && { ca }),
    ...(sentinelUsername !== undefined && { sentinelUsername }),
    ...(sentinelPassword && { sentinelPassword }),
  }
}

function redisPlace(read: Read): RedisPlace {
  const nodes = read('REDIS_CLUSTER_NODES')
  if (nodes !== undefined) return { mode: 'cluster', nodes }
  const sentinels = read('REDIS_SENTINELS')
  if (sentinels === undefined) return { mode: 'single', url: given(read('REDIS_URL')) }
  return { mode: 'sentinel', sentinels, name: given(read('REDIS_SENTINEL_NAME')) }
}
