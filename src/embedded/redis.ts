import { startRedisContainer } from './redis-container.ts'
import { startRedisProcess } from './redis-process.ts'
import { findRedisProgram, installRedisProgram } from './redis-program.ts'
import type { RedisSettings, RunningRedis } from './running-redis.ts'

export type { RunningRedis } from './running-redis.ts'

/** Where a server may come from: this machine's own program, a container, or the machine's package manager. */
export type RedisSource = 'program' | 'container' | 'package'

export interface RedisOptions {
  /** Tried in this order; default: program, container, package. */
  readonly sources?: readonly RedisSource[]
  /** Over `durableSettings`: `{ appendfsync: 'everysec' }`. */
  readonly settings?: RedisSettings
  /** Default: a free one. A port given here is not exchanged for another when it is taken: the start fails. */
  readonly port?: number
  /** The data's folder; default: a temporary one, removed on stop. One given here is kept. Not for containers. */
  readonly dir?: string
  /** Environment for the search of programs; default: this process's. */
  readonly env?: NodeJS.ProcessEnv
  /** Hears one line before anything that takes long. */
  readonly say?: (line: string) => void
}

/** What REQUIRE_DURABLE_REDIS asks for, so that tests and the demo run on what production runs on. */
export const durableSettings: RedisSettings = {
  save: '',
  appendonly: 'yes',
  appendfsync: 'always',
  'no-appendfsync-on-rewrite': 'no',
  'maxmemory-policy': 'noeviction',
}

/**
 * Starts a private Redis (or Valkey) that listens on 127.0.0.1 only and answers PING when this returns. It ends with
 * `stop`, and in any case soon after this process, however that ends.
 *
 * @throws Error with one line that tells a person what to install, when no source gives a server
 */
export async function startRedis(options: RedisOptions = {}): Promise<RunningRedis> {
  const { sources = ['program', 'container', 'package'], env = process.env, say = () => {} } = options
  const settings = { ...durableSettings, ...options.settings }
  const faults: string[] = []
  for (const source of sources) {
    if (source === 'container') {
      const container = await startRedisContainer({ ...options, env, say, settings })
      if ('fault' in container) faults.push(container.fault)
      else return container
      continue
    }
    const found = source === 'program' ? findRedisProgram(env) : undefined
    const result = source === 'program' ? { program: found } : await installRedisProgram(env, say)
    if ('fault' in result) faults.push(result.fault)
    else if (result.program !== undefined) return await startRedisProcess(result.program, { ...options, settings })
  }
  throw new Error(faults.at(-1) ?? 'no Redis found: no redis-server or valkey-server on this machine')
}

/** The Redis that `REDIS_URL` names, left running on stop; without one a private server. */
export async function redisFor(
  env: NodeJS.ProcessEnv,
  options: RedisOptions = {},
): Promise<Pick<RunningRedis, 'url' | 'stop'>> {
  const url = env.REDIS_URL
  if (url !== undefined && url !== '') return { url, stop: async () => {} }
  return await startRedis({ ...options, env })
}
