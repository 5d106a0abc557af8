import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { durableSettings, type RunningRedis, startRedis } from '../../src/embedded/redis.ts'
import { startRedisProcess } from '../../src/embedded/redis-process.ts'

/** A Redis that keeps its port and data through kill and restart. */
export interface Server extends AsyncDisposable {
  readonly host: '127.0.0.1'
  readonly port: number
  readonly url: string
  readonly dir: string
  /** The server's process now; another one after `restart`. */
  readonly pid: () => number
  /** It runs and is not frozen. */
  readonly isUp: () => boolean
  /** kill -9; what the page cache has survives. */
  readonly kill: () => Promise<void>
  /** Starts it again on the same port and data; one that still runs is ended first. */
  readonly restart: () => Promise<void>
  /** SIGSTOP: connections stay open, new ones are taken by the kernel, and nothing answers. */
  readonly freeze: () => void
  /** SIGCONT. */
  readonly thaw: () => void
  /** Ends it and removes its data. May be called twice. */
  readonly stop: () => Promise<void>
}

export interface ServerOptions {
  /** over the durable ones of `startRedis` */
  readonly settings?: Readonly<Record<string, string>>
  /** starts the server in place of this machine's own; it is given the settings and must become the server */
  readonly program?: string
}

/** Starts a private server on a free port of 127.0.0.1. It ends with `stop`, and in any case soon after this process. */
export async function startServer({ settings = {}, program }: ServerOptions = {}): Promise<Server> {
  const dir = await mkdtemp(join(tmpdir(), 'refund-topology-'))
  const start = async (samePort?: number): Promise<RunningRedis> => {
    const options = {
      dir,
      settings: { ...durableSettings, ...settings },
      ...(samePort !== undefined && { port: samePort }),
    }
    return program === undefined
      ? await startRedis({ sources: ['program', 'package'], ...options })
      : await startRedisProcess(program, options)
  }
  let now: RunningRedis
  try {
    now = await start()
  } catch (error) {
    await rm(dir, { recursive: true, force: true })
    throw error
  }
  let isRunning = true
  let isFrozen = false
  const signal = (name: NodeJS.Signals): void => {
    if (isRunning) process.kill(now.pid, name)
  }
  const kill = async (): Promise<void> => {
    signal('SIGKILL')
    isRunning = false
    isFrozen = false
    await now.stop()
  }
  const stop = async (): Promise<void> => {
    await kill()
    await rm(dir, { recursive: true, force: true })
  }
  const { port, url } = now
  return {
    host: '127.0.0.1',
    port,
    url,
    dir,
    pid: () => now.pid,
    isUp: () => isRunning && !isFrozen,
    kill,
    restart: async () => {
      await kill()
      now = await start(port)
      isRunning = true
    },
    freeze: () => {
      signal('SIGSTOP')
      isFrozen = true
    },
    thaw: () => {
      signal('SIGCONT')
      isFrozen = false
    },
    stop,
    [Symbol.asyncDispose]: stop,
  }
}
