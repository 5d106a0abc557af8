import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { endProcess, hasEnded } from '../../src/embedded/process-end.ts'
import { findRedisProgram } from '../../src/embedded/redis-program.ts'
import { onceWeEnd } from '../../src/embedded/watchdog.ts'
import { eventually } from '../support/eventually.ts'
import { freePort } from '../support/free-port.ts'
import { ask } from './ask.ts'

export interface SentinelProcess {
  readonly port: number
  readonly freeze: () => void
  readonly thaw: () => void
  readonly kill: () => Promise<void>
  /** Starts it again on the same port, with what it had learned. */
  readonly restart: () => Promise<void>
  readonly stop: () => Promise<void>
}

/** Starts one sentinel: the server program with a configuration of its own, which it writes to. */
export async function startSentinelProcess(lines: readonly string[]): Promise<SentinelProcess> {
  const program = findRedisProgram(process.env)
  if (program === undefined) throw new Error('a sentinel needs redis-server')
  const dir = await mkdtemp(join(tmpdir(), 'refund-sentinel-'))
  const port = await freePort()
  const file = join(dir, 'sentinel.conf')
  const place = [`port ${port}`, 'bind 127.0.0.1', `dir ${dir}`, `logfile ${join(dir, 'log')}`]
  await writeFile(file, `${[...place, ...lines].join('\n')}\n`)
  const start = async () => {
    const child = spawn(program, [file, '--sentinel'], { stdio: 'ignore', detached: true })
    child.on('error', () => {
      // no pid, so it counts as ended below
    })
    const untie = onceWeEnd('kill -9 "$1"', [String(child.pid ?? '')])
    await eventually(async () => hasEnded(child) || (await ask(port, 'PING')) === 'PONG')
    child.unref()
    if (hasEnded(child)) throw new Error(`a sentinel did not start on port ${port}`)
    return { child, untie }
  }
  let now: Awaited<ReturnType<typeof start>>
  try {
    now = await start()
  } catch (error) {
    await rm(dir, { recursive: true, force: true })
    throw error
  }
  const kill = async (): Promise<void> => {
    now.untie()
    now.child.kill('SIGKILL')
    await endProcess(now.child)
  }
  return {
    port,
    freeze: () => {
      now.child.kill('SIGSTOP')
    },
    thaw: () => {
      now.child.kill('SIGCONT')
    },
    kill,
    restart: async () => {
      await kill()
      now = await start()
    },
    stop: async () => {
      await kill()
      await rm(dir, { recursive: true, force: true })
    },
  }
}
