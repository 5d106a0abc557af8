import { z } from 'zod'
import type { RedisClient } from './script.ts'

const reply = z.tuple([z.coerce.number(), z.coerce.number()])

/** Redis TIME, epoch ms: the clock by which the whole fleet measures. */
export async function redisNow(redis: RedisClient): Promise<number> {
  const [seconds, micros] = reply.parse(await redis.time())
  return seconds * 1000 + Math.floor(micros / 1000)
}
