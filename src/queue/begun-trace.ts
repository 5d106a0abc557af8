import { readFileSync } from 'node:fs'
import type { Cluster, Redis } from 'ioredis'
import { z } from 'zod'
import { inTrace } from './trace-context.ts'

const mendScript = readFileSync(new URL('./mend-job.lua', import.meta.url), 'utf8')

const stored = z.looseObject({})

/**
 * Puts a job that is taken again later into the trace that its first run began: its producer gave none, and each run
 * would else begin another.
 *
 * @param key of the job's hash
 */
export async function keepTrace(redis: Redis | Cluster, key: string, traceparent: string): Promise<void> {
  const opts = await redis.hget(key, 'opts')
  if (opts === null) return
  const traced = { ...stored.parse(JSON.parse(opts)), tm: inTrace(traceparent).telemetry?.metadata }
  await redis.eval(mendScript, 1, key, 'opts', opts, JSON.stringify(traced))
}
