import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { run } from './command.ts'
import { endProcess, hasEnded } from './process-end.ts'
import { askRedis } from './redis-ping.ts'
import type { RedisSettings, RunningRedis } from './running-redis.ts'
import { onceWeEnd } from './watchdog.ts'

export const redisImage = 'redis:7-bookworm'

/** `docker info` answers within a second, or hangs on an engine that is being started. */
const probeDeadlineMs = 4000
/** The first start pulls the image. */
const startDeadlineMs = 300_000
const lookMs = 100

/** True when a container engine answers. */
export async function engineAnswers(env: NodeJS.ProcessEnv): Promise<boolean> {
  const { ok } = await run('docker', ['info', '--format', '{{.ServerVersion}}'], { env, deadlineMs: probeDeadlineMs })
  return ok
}

interface ContainerOptions {
  readonly env: NodeJS.ProcessEnv
  readonly settings: RedisSettings
  readonly say: (line: string) => void
}

/** The command of a container's server. Only the host's loopback reaches it, so protected mode may be off. */
export function containerCommand(settings: RedisSettings): string[] {
  const args = Object.entries({ ...settings, 'protected-mode': 'no' })
  return ['redis-server', ...args.flatMap(([name, value]) => [`--${name}`, value])]
}

/** Starts Redis in a container; a fault, in one line, when that cannot be done here. */
export async function startRedisContainer({
  env,
  settings,
  say,
}: ContainerOptions): Promise<RunningRedis | { readonly fault: string }> {
  if (!(await engineAnswers(env))) return { fault: 'no Redis found, and no container engine answers' }
  say(`starting a Redis container (${redisImage})`)
  const dir = await mkdtemp(join(tmpdir(), 'refund-redis-'))
  const name = `refund-redis-${randomUUID()}`
  const place = ['--rm', '--name', name, '--publish', '127.0.0.1::6379']
  const child = spawn('docker', ['run', ...place, redisImage, ...containerCommand(settings)], {
    env,
    stdio: 'ignore',
    detached: true,
  })
  child.on('error', () => {
    // No pid, so it counts as ended below.
  })
  const untie = onceWeEnd('docker rm --force "$1"; rm -rf -- "$2"', [name, dir])
  const stop = async (): Promise<void> => {
    untie()
    await endProcess(child)
    await run('docker', ['rm', '--force', name], { env, deadlineMs: probeDeadlineMs })
    await rm(dir, { recursive: true, force: true })
  }
  const deadline = performance.now() + startDeadlineMs
  while (performance.now() < deadline && !hasEnded(child)) {
    const { output } = await run('docker', ['port', name, '6379/tcp'], { env, deadlineMs: probeDeadlineMs })
    const port = Number(/:(?<port>\d+)\s*$/.exec(output)?.groups?.port)
    if (child.pid !== undefined && port > 0 && (await askRedis(port, 'PING')) === '+PONG\r\n') {
      child.unref()
      return { url: `redis://127.0.0.1:${port}`, port, dir, pid: child.pid, kind: 'container', stop }
    }
    await sleep(lookMs)
  }
  await stop()
  return { fault: `no Redis found, and a container of ${redisImage} does not start` }
}
