import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type RedisOptions, startRedis } from '../../src/embedded/redis.ts'
import { cleanUp } from './clean-up.ts'

export interface OwnRedis {
  /** The same before and after a restart. */
  readonly url: string
  readonly port: number
  /** The folder of the append-only files (`appendonlydir`). */
  readonly dir: string
  /** The server's process now; another one after `restart`. */
  readonly pid: () => number
  /** kill -9; what the page cache has survives. */
  readonly kill: () => Promise<void>
  /** Starts the server again on the same port and data, after `kill` or from a running one (which is ended). */
  readonly restart: () => Promise<void>
  /** SIGSTOP: connections stay open and nothing answers. */
  readonly freeze: () => void
  /** SIGCONT. */
  readonly thaw: () => void
}

/** A private server for a test that kills or freezes it. Never a container. */
export async function startOwnRedis(
  settings: Readonly<Record<string, string>> = {},
): Promise<OwnRedis & { stop(): Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), 'refund-own-redis-'))
  const options: RedisOptions = { sources: ['program', 'package'], dir, settings }
  let server = await startRedis(options)
  const { url, port } = server
  const signal = (name: NodeJS.Signals): void => {
    process.kill(server.pid, name)
  }
  return {
    url,
    port,
    dir,
    pid: () => server.pid,
    kill: async () => {
      signal('SIGKILL')
      await server.stop()
    },
    restart: async () => {
      await server.stop()
      server = await startRedis({ ...options, port })
    },
    freeze: () => signal('SIGSTOP'),
    thaw: () => signal('SIGCONT'),
    stop: async () => {
      await server.stop()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

/** The same, ended after the test, and its data removed. */
export async function ownRedis(settings: Readonly<Record<string, string>> = {}): Promise<OwnRedis> {
  const redis = await startOwnRedis(settings)
  cleanUp(redis.stop)
  return redis
}
