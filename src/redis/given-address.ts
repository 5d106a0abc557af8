import { z } from 'zod'
import type { RedisAddress } from './connection.ts'

const node = z.object({ host: z.string().min(1), port: z.int().min(1).max(65_535) })
const url = z.string().refine((text) => /^rediss?:\/\//.test(text) && URL.canParse(text))
const address = z.discriminatedUnion('mode', [
  z.object({ mode: z.literal('single'), url }),
  z.object({ mode: z.literal('cluster'), nodes: z.array(node).min(1) }),
  z.object({ mode: z.literal('sentinel'), sentinels: z.array(node).min(1), name: z.string().min(1) }),
])

/** What is told of a Redis that is none of these; never what was given, which may carry a password. */
export const ADDRESS_EXPECTED = 'redis: expected a URL, redis:// or rediss://, or an address with its mode'

/** Where Redis is, as another program gives it: a URL or an address. Undefined when it is neither. */
export function givenAddress(redis: unknown): RedisAddress | undefined {
  return address.safeParse(typeof redis === 'string' ? { mode: 'single', url: redis } : redis).data
}
