import type { Cluster, Redis } from 'ioredis'
import { z } from 'zod'

/** What BullMQ parses of a job's hash before anybody sees the job; it throws where one is no JSON. */
const PARSED = ['data', 'opts', 'progress', 'parent'] as const

/** The data of a job whose own could not be read; `unreadable` is the text that stood there. */
const mended = z.strictObject({ unreadable: z.string() })

/**
 * BullMQ takes a job whose fields are no JSON, throws, and takes it again when it has stalled, for ever. What stands
 * in the way is rewritten so that the job can be read once more: bad data goes on as text, to fail the job where people
 * look for failed jobs; bad options are dropped, since none of them decides anything here.
 *
 * @param key of the job's hash
 * @returns the names of the fields that were rewritten; none when the job is as it should be, or gone
 */
export async function mendJob(redis: Redis | Cluster, key: string): Promise<readonly string[]> {
  const texts = await redis.hmget(key, ...PARSED)
  const bad = PARSED.flatMap((field, at) => (isJson(texts[at]) ? [] : [{ field, text: texts[at] ?? '' }]))
  for (const { field, text } of bad) {
    if (field === 'data') await redis.hset(key, field, JSON.stringify({ unreadable: text }))
    else await redis.hdel(key, field)
  }
  return bad.map(({ field }) => field)
}

/** Whether the data of a job is what `mendJob` made of it. */
export function isMended(data: unknown): boolean {
  return mended.safeParse(data).success
}

function isJson(text: string | null | undefined): boolean {
  if (text === null || text === undefined || text === '') return true
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
