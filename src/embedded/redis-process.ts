import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort as anyFreePort } from './free-port.ts'
import { endProcess, hasEnded } from './process-end.ts'
import { askRedis } from './redis-ping.ts'
import type { RedisSettings, RunningRedis } from './running-redis.ts'
import { onceWeEnd } from './watchdog.ts'

/** A local server needs some 20 ms; a loaded machine, or a long append-only file to read again, much more. */
const startDeadlineMs = 30_000
/** Each try takes a port that was free a moment ago. */
const portTries = 5
const lookMs = 10

interface ProcessOptions {
  readonly port?: number
  readonly dir?: string
  readonly settings: RedisSettings
  readonly freePort?: () => Promise<number>
}

/** Starts the given server program, on another port again when somebody was faster on the first. */
export async function startRedisProcess(program: string, options: ProcessOptions): Promise<RunningRedis> {
  const { freePort = anyFreePort } = options
  const dir = options.dir ?? (await mkdtemp(join(tmpdir(), 'refund-redis-')))
  const isOurs = options.dir === undefined
  try {
    for (let tries = 1; ; tries += 1) {
      const port = options.port ?? (await freePort())
      const started = await tryPort({ program, dir, port, settings: options.settings, isOurs })
      if (started !== 'port taken') return started
      if (options.port !== undefined) throw new Error(`port ${port} is taken`)
      if (tries === portTries) throw new Error(`${tries} ports that were free were taken, one after the other`)
    }
  } catch (error) {
    if (isOurs) await rm(dir, { recursive: true, force: true })
    throw error
  }
}

interface Attempt {
  readonly program: string
  readonly dir: string
  readonly port: number
  readonly settings: RedisSettings
  /** The folder is temporary and goes with the server. */
  readonly isOurs: boolean
}

async function tryPort({ program, dir, port, settings, isOurs }: Attempt): Promise<RunningRedis | 'port taken'> {
  const log = join(dir, `redis-${port}.log`)
  await rm(log, { force: true })
  const place = { bind: '127.0.0.1', port: String(port), daemonize: 'no', dir, logfile: log }
  const args = Object.entries({ ...settings, ...place }).flatMap(([name, value]) => [`--${name}`, value])
  // Its own process group: a terminal's Ctrl-C is for the workers, which still need Redis while they finish.
  const child = spawn(program, args, { stdio: 'ignore', detached: true })
  const { pid } = child
  if (pid === undefined) throw await spawnFault(child)
  const untie = onceWeEnd('kill -9 "$1"; if [ -n "$2" ]; then rm -rf -- "$2"; fi', [String(pid), isOurs ? dir : ''])
  const stop = async (): Promise<void> => {
    untie()
    await endProcess(child)
    if (isOurs) await rm(dir, { recursive: true, force: true })
  }
  const ready = await untilReady(child, port)
  if (ready) {
    child.unref()
    return { url: `redis://127.0.0.1:${port}`, port, dir, pid, kind: 'local', stop }
  }
  untie()
  await endProcess(child)
  const lines = await readFile(log, 'utf8').catch(() => '')
  if (lines.includes('Address already in use')) return 'port taken'
  throw new Error(`${program} did not start: ${lines.trim().split('\n').at(-1) ?? ''}`)
}

/** True when the server that answers on the port is this child: the port's last owner may answer PING as well. */
async function untilReady(child: ChildProcess, port: number): Promise<boolean> {
  const deadline = performance.now() + startDeadlineMs
  while (performance.now() < deadline && !hasEnded(child)) {
    const answer = await askRedis(port, 'INFO server')
    if (answer.includes(`process_id:${child.pid}\r\n`) && (await askRedis(port, 'PING')) === '+PONG\r\n') return true
    await sleep(lookMs)
  }
  return false
}

async function spawnFault(child: ChildProcess): Promise<Error> {
  const { promise, resolve } = Promise.withResolvers<Error>()
  child.once('error', resolve)
  return await promise
}
