import type { Cluster, Redis } from 'ioredis'

/** How often the server has answered with this error since it was started, e.g. `NOSCRIPT`. */
export async function errorsTold(redis: Redis | Cluster, error: string): Promise<number> {
  const stats = await redis.info('errorstats')
  return Number(new RegExp(`^errorstat_${error}:count=(\\d+)`, 'm').exec(stats)?.[1] ?? 0)
}
