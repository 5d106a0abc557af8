import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { durableSettings, startRedis } from '../../src/embedded/redis.ts'
import { containerCommand, engineAnswers, redisImage } from '../../src/embedded/redis-container.ts'
import { type RedisUser, USERS, urlFor, usersFile } from './redis-users.ts'

export interface TestRedis {
  readonly url: string
  /** One line for the test run's log. */
  readonly what: string
  readonly stop: () => Promise<void>
}

const kinds = ['container', 'local', 'url'] as const
type Kind = (typeof kinds)[number]

/**
 * The Redis of a test run. TEST_REDIS=container|local|url demands one kind, and the run fails when it cannot be had
 * (`url` is REDIS_URL's). Unset: a container where one starts, else a local server.
 *
 * TEST_REDIS_USER=refund-worker has everything of the run work as this user of deploy/redis/users.acl, on a local server,
 * and tells in the end what it was denied: what only a test asked for, and what the product lacks.
 */
export async function startTestRedis(env: NodeJS.ProcessEnv, say: (line: string) => void): Promise<TestRedis> {
  const user = USERS.find((known) => known === env.TEST_REDIS_USER)
  if (user !== undefined) return await redisUnder(user, say)
  const demanded = kindOf(env.TEST_REDIS)
  if (demanded === 'url') return redisOf(env.REDIS_URL)
  if (demanded === 'local') return await localRedis(say)
  if (demanded === 'container') return await containerRedis()
  if (!(await engineAnswers(env))) return await localRedis(say)
  try {
    return await containerRedis()
  } catch (error) {
    say(`no Redis container (${error instanceof Error ? error.message : String(error)}), so a local server`)
    return await localRedis(say)
  }
}

function kindOf(text: string | undefined): Kind | undefined {
  if (text === undefined || text === '') return undefined
  const kind = kinds.find((known) => known === text)
  if (kind === undefined) throw new Error(`TEST_REDIS is one of ${kinds.join(', ')}, not ${text}`)
  return kind
}

function redisOf(url: string | undefined): TestRedis {
  if (url === undefined || url === '') throw new Error('TEST_REDIS=url needs REDIS_URL')
  return { url, what: 'the Redis of REDIS_URL', stop: async () => {} }
}

async function localRedis(say: (line: string) => void): Promise<TestRedis> {
  const redis = await startRedis({ sources: ['program', 'package'], say })
  return { url: redis.url, what: `a local Redis, port ${redis.port}`, stop: redis.stop }
}

async function redisUnder(user: RedisUser, say: (line: string) => void): Promise<TestRedis> {
  const dir = await mkdtemp(join(tmpdir(), 'refund-acl-'))
  const aclfile = join(dir, 'users.acl')
  // every test has prefixes of its own
  const keysOf = (pattern: string): string =>
    pattern.replace(/^(refund-consumer:)?bull:/, '$1*:').replace('{refunds}', '{*}')
  await writeFile(aclfile, usersFile(keysOf))
  const redis = await startRedis({
    sources: ['program', 'package'],
    settings: { aclfile, 'acllog-max-len': '1000' },
    say,
  })
  const stop = async (): Promise<void> => {
    const admin = new Redis(redis.url)
    const log: unknown = await admin.call('ACL', 'LOG', '1000')
    const text = (entry: unknown) => (Array.isArray(entry) ? entry.join(' ') : String(entry))
    for (const entry of Array.isArray(log) ? log : []) say(`denied: ${text(entry)}`)
    admin.disconnect()
    await redis.stop()
    await rm(dir, { recursive: true, force: true })
  }
  return { url: urlFor(user, redis.url), what: `a local Redis as ${user}, port ${redis.port}`, stop }
}

async function containerRedis(): Promise<TestRedis> {
  // Loaded only here: it takes a second that runs without an engine need not spend.
  const { RedisContainer } = await import('@testcontainers/redis')
  const container = await new RedisContainer(redisImage).withCommand(containerCommand(durableSettings)).start()
  const stop = async (): Promise<void> => {
    await container.stop()
  }
  return { url: container.getConnectionUrl(), what: `a Redis container (${redisImage})`, stop }
}
