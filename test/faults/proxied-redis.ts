import { startProxy } from '../topology/proxy.ts'
import { type CaseRedis, redisAt, singleRedis } from './case-redis.ts'

export interface ProxiedRedis extends CaseRedis {
  /** The next request that matches is carried out, and its reply is lost with the connection. @throws when none comes */
  loseReplyTo(matches: (requestBytes: Buffer) => boolean): Promise<void>
}

const WITHIN_MS = 30_000

/** @param whose way leads through a proxy; the other's is good */
export async function proxiedRedis(whose: 'producer' | 'workers'): Promise<ProxiedRedis> {
  const { server, settings, stop } = await singleRedis()
  const proxy = await startProxy({ port: server.port })
  const way = {
    producer: whose === 'producer' ? proxy.url : server.url,
    workers: whose === 'workers' ? proxy.url : server.url,
  }
  return {
    ...redisAt({ mode: 'single', url: way.producer }, { ...settings, REDIS_URL: way.workers }),
    async loseReplyTo(matches) {
      const late = AbortSignal.timeout(WITHIN_MS)
      const { promise, reject } = Promise.withResolvers<never>()
      late.addEventListener('abort', () => reject(new Error('no request came whose reply was to be lost')))
      await Promise.race([proxy.loseReplyTo(matches), promise])
    },
    async stop() {
      await proxy.stop()
      await stop()
    },
  }
}
