import { z } from 'zod'
import type { RedisAddress } from './connection.ts'

const node = z.object({ host: z.string().min(1), port: z.int().min(1).max(65_535) })
const url = z.string().refine((given) => /^rediss?:\/\//.test(given) && URL.canParse(given))
const text = z.string().min(1)
const access = {
  username: text.optional(),
  password: text.optional(),
  tls: z.boolean().optional(),
  ca: text.optional(),
}
const address = z.discriminatedUnion('mode', [
  z.object({ mode: z.literal('single'), url, ...access }),
  z.object({ mode: z.literal('cluster'), nodes: z.array(node).min(1), ...access }),
  z.object({
    mode: z.literal('sentinel'),
    sentinels: z.array(node).min(1),
    name: text,
    ...access,
    sentinelUsername: text.optional(),
    sentinelPassword: text.optional(),
  }),
])

/** What is told of a Redis that is none of these; never what was given, which may carry a password. */
export const ADDRESS_EXPECTED = 'redis: expected a URL, redis:// or rediss://, or an address with its mode'

/** Where Redis is, as another program gives it: a URL or an address. Undefined when it is neither. */
export function givenAddress(redis: unknown): RedisAddress | undefined {
  return address.safeParse(typeof redis === 'string' ? { mode: 'single', url: redis } : redis).data
}
