import { chmod, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findRedisProgram, installRedisProgram } from '../../src/embedded/redis-program.ts'
import { eventually } from '../support/eventually.ts'
import { type Server, startServer } from './server.ts'
import { needStrace } from './strace.ts'
import { syncedLengths } from './synced-lengths.ts'

export interface PowerCutOptions {
  /** over the durable ones: `{ appendfsync: 'everysec' }` */
  readonly settings?: Readonly<Record<string, string>>
  readonly env?: NodeJS.ProcessEnv
  /** hears one line before anything that takes long */
  readonly say?: (line: string) => void
}

export interface PowerCut {
  /** bytes of the append-only files that no fsync had covered, and that are gone */
  readonly lostBytes: number
}

/** A Redis whose disk forgets, at a power cut, what was never synced. */
export interface PowerCutRedis extends Server {
  /** kill -9, and every append-only file is cut back to its last completed fsync; `restart` brings it up again. */
  readonly cutPower: () => Promise<PowerCut>
}

/**
 * kill -9 alone plays no power cut: the page cache survives it. So the server runs under `strace`, which writes down
 * its system calls in their order, and says how long each file was when its last sync began.
 */
export async function startPowerCutRedis(options: PowerCutOptions = {}): Promise<PowerCutRedis> {
  const { settings = {}, env = process.env, say = () => {} } = options
  await needStrace(env, say)
  const tools = await mkdtemp(join(tmpdir(), 'refund-power-cut-'))
  const trace = join(tools, 'trace')
  const program = await tracedProgram(tools, trace, await redisProgram(env, say))
  const forget = async (): Promise<void> => rm(tools, { recursive: true, force: true })
  let server: Server
  try {
    server = await startServer({ settings, program })
  } catch (error) {
    await forget()
    throw error
  }
  let before = new Map<string, number>()
  const stop = async (): Promise<void> => {
    await server.stop()
    await forget()
  }
  return {
    ...server,
    cutPower: async () => {
      const pid = server.pid()
      await server.kill()
      const lengths = syncedLengths(await wholeTrace(trace, pid), before)
      return { lostBytes: await cutBack(join(server.dir, 'appendonlydir'), lengths) }
    },
    restart: async () => {
      await server.kill()
      before = await lengthsOf(join(server.dir, 'appendonlydir'))
      await server.restart()
    },
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

async function redisProgram(env: NodeJS.ProcessEnv, say: (line: string) => void): Promise<string> {
  const found = findRedisProgram(env)
  if (found !== undefined) return found
  const installed = await installRedisProgram(env, say)
  if ('fault' in installed) throw new Error(installed.fault)
  return installed.program
}

/** `-D` leaves the server our own child, with the tracer beside it: its pid, signals and end are as without. */
async function tracedProgram(dir: string, trace: string, redis: string): Promise<string> {
  const program = join(dir, 'redis-server')
  const calls = 'write,fsync,fdatasync,truncate,ftruncate,rename'
  const strace = `strace -D -f -y -s 0 --seccomp-bpf -e signal=KILL -e trace=${calls} -o '${trace}'`
  await writeFile(program, `#!/bin/sh\nexec ${strace} '${redis}' "$@"\n`)
  await chmod(program, 0o755)
  return program
}

/** The tracer may be behind the server's end. */
async function wholeTrace(trace: string, pid: number): Promise<string> {
  const end = new RegExp(`^${pid} +\\+\\+\\+ (killed|exited)`, 'm')
  return await eventually(async () => {
    const text = await readFile(trace, 'latin1')
    return end.test(text) && text
  })
}

async function lengthsOf(dir: string): Promise<Map<string, number>> {
  const names = await readdir(dir)
  return new Map(await Promise.all(names.map(async (name) => [name, (await stat(join(dir, name))).size] as const)))
}

async function cutBack(dir: string, synced: ReadonlyMap<string, number>): Promise<number> {
  let lost = 0
  for (const [name, length] of await lengthsOf(dir)) {
    const kept = synced.get(name) ?? 0
    if (kept > length) throw new Error(`${name} has ${length} bytes, but ${kept} of it were synced`)
    await truncate(join(dir, name), kept)
    lost += length - kept
  }
  return lost
}
