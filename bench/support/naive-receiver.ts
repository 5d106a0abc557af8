import { Redis } from 'ioredis'
import { freePort } from '../../src/embedded/free-port.ts'
import type { Program } from './program.ts'
import type { Stage } from './stage.ts'

/** The receiver that ours is measured against, with a Redis of its own. */
export async function startNaiveReceiver(
  stage: Stage,
): Promise<{ readonly port: number; readonly redis: Redis; readonly program: Program }> {
  const server = await stage.redis()
  const redis = new Redis(server.url)
  stage.onEnd('connection', () => redis.disconnect())
  const port = await freePort()
  const env = { REDIS_URL: server.url, RECEIVER_PORT: String(port), PUBLIC_KEY: stage.gateway.publicKey }
  return { port, redis, program: await stage.program({ program: 'naive-receiver', env }) }
}
