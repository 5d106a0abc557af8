import { durableSettings, startRedis } from '../../src/embedded/redis.ts'
import { containerCommand, engineAnswers, redisImage } from '../../src/embedded/redis-container.ts'

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
 */
export async function startTestRedis(env: NodeJS.ProcessEnv, say: (line: string) => void): Promise<TestRedis> {
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

async function containerRedis(): Promise<TestRedis> {
  // Loaded only here: it takes a second that runs without an engine need not spend.
  const { RedisContainer } = await import('@testcontainers/redis')
  const container = await new RedisContainer(redisImage).withCommand(containerCommand(durableSettings)).start()
  const stop = async (): Promise<void> => {
    await container.stop()
  }
  return { url: container.getConnectionUrl(), what: `a Redis container (${redisImage})`, stop }
}
