import { performance } from 'node:perf_hooks'
import { z } from 'zod'
import type { RedisClient } from './script.ts'

const reply = z.tuple([z.coerce.number(), z.coerce.number()])

/** Redis TIME, epoch ms: the clock by which the whole fleet measures. */
export async function redisNow(redis: RedisClient): Promise<number> {
  const [seconds, micros] = reply.parse(await redis.time())
  return seconds * 1000 + Math.floor(micros / 1000)
}

/** What Redis' clock says by now, as far as this process can tell without asking. */
export function redisClock() {
  let told: { readonly now: number; readonly at: number } | undefined
  return {
    learn(now: number): void {
      told = { now, at: performance.now() }
    },
    now: (): number | undefined => told && Math.round(told.now + performance.now() - told.at),
  }
}
