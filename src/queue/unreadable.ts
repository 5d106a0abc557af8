import { readFileSync } from 'node:fs'
import type { Cluster, Redis } from 'ioredis'
import { z } from 'zod'

const mendScript = readFileSync(new URL('./mend-job.lua', import.meta.url), 'utf8')

type Fields = Readonly<Partial<Record<string, string>>>

/** What BullMQ reads of a job's hash before anybody sees the job, and what each must be: else it throws. */
const READABLE: Readonly<Record<string, (text: string, fields: Fields) => boolean>> = {
  data: (text) => parsed(text) !== undefined,
  opts: isObject,
  progress: (text) => parsed(text) !== undefined,
  parent: isObject,
  // of a job that repeats: the key goes with an option
  rjk: (_text, { opts = '' }) => parsed(opts)?.value.repeat !== undefined,
}

/** The data of a job whose own could not be read; `unreadable` is the text that stood there. */
const mended = z.strictObject({ unreadable: z.string() })

/**
 * BullMQ takes a job whose fields are not what it writes itself, throws, and takes it again when it has stalled, for
 * ever. What stands in the way is rewritten so that the job can be read once more: bad data goes on as text, to fail the
 * job where people look for failed jobs; all else is dropped, since none of it decides anything here.
 *
 * @param key of the job's hash
 * @returns the names of the fields that were rewritten; none when the job is as it should be, or gone
 */
export async function mendJob(redis: Redis | Cluster, key: string): Promise<readonly string[]> {
  const names = Object.keys(READABLE)
  const texts = await redis.hmget(key, ...names)
  const fields: Fields = Object.fromEntries(names.map((name, at) => [name, texts[at] ?? '']))
  const bad = Object.entries(fields).filter(
    ([name, text = '']) => text !== '' && READABLE[name]?.(text, fields) === false,
  )
  if (bad.length === 0) return []
  const changes = bad.flatMap(([name, text = '']) => {
    return [name, text, name === 'data' ? JSON.stringify({ unreadable: text }) : '']
  })
  await redis.eval(mendScript, 1, key, ...changes)
  return bad.map(([name]) => name)
}

/** Whether the data of a job is what `mendJob` made of it. */
export function isMended(data: unknown): boolean {
  return mended.safeParse(data).success
}

const anything = z.object({ value: z.looseObject({}).catch({}) })

function parsed(text: string): z.infer<typeof anything> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return anything.parse({ value })
  } catch {
    return undefined
  }
}

function isObject(text: string): boolean {
  return text.startsWith('{') && parsed(text) !== undefined
}
