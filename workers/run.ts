import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import { exitWithFaults, settingsOrExit } from '../config/exit.ts'
import { KeyError, parsePrivateKey, parsePublicKeys } from '../src/lianlian/keys.ts'
import { durabilityFaults } from '../src/redis/durability.ts'
import { Lifecycle } from './lifecycle.ts'
import { createLogger } from './log.ts'
import { loop } from './loop.ts'
import { createParts, type Parts } from './parts.ts'
import { type Role, roles } from './roles.ts'
import { openTracing } from './traces.ts'

const BEAT_MS = 5_000

/** What a process is put together from; a test may put its own in place of one. */
export interface Composition {
  readonly createParts: typeof createParts
  readonly roles: typeof roles
}

/** A whole process: read settings, build the parts, run the roles, stop on a signal. */
export async function run(
  names: readonly [Role, ...Role[]],
  composition: Composition = { createParts, roles },
): Promise<void> {
  const settings = settingsOrExit(process.env, { checks: keyChecks })
  const log = createLogger(settings.log.level)
  const lifecycle = new Lifecycle(log)
  stopOnSignal(lifecycle, log, settings.workers.shutdownGraceMs)

  const tracing = await openTracing(settings, log, lifecycle)
  const parts = composition.createParts(settings, log, lifecycle, tracing)
  if (settings.redis.requireDurable) await requireDurable(parts)
  beat(parts, names)
  try {
    for (const name of names) await composition.roles[name](parts)
  } catch (error) {
    log.fatal({ err: error }, 'could not start')
    process.exit(1)
  }
  log.info({ roles: names }, 'started')
}

export const keyChecks = {
  LIANLIAN_PRIVATE_KEY: (text: string) => keyFault(() => parsePrivateKey(text)),
  LIANLIAN_PUBLIC_KEY: (text: string) => keyFault(() => parsePublicKeys(text)),
}

function keyFault(parse: () => unknown): string | undefined {
  try {
    parse()
    return undefined
  } catch (error) {
    if (error instanceof KeyError) return error.message
    throw error
  }
}

/** Waits for Redis, then refuses to work on one that could lose what it acknowledged. */
async function requireDurable(parts: Parts): Promise<void> {
  const faults = await durabilityFaults(parts.connect('durability check'))
  if (faults.length > 0) exitWithFaults(faults)
}

/** Says that this process is at work, for health checks and the status page. */
function beat(parts: Parts, names: readonly Role[]): void {
  const ledger = parts.ledger(parts.connect('heartbeat', 'hasty'))
  const name = `${hostname()}:${process.pid}:${names.join('+')}`
  const stop = loop('heartbeat', parts.log, async () => {
    await ledger.beat(name)
    return BEAT_MS
  })
  parts.lifecycle.onStop('heartbeat', async () => {
    await stop()
    await ledger.gone(name)
  })
}

/** The first signal stops the process within the grace, Redis there or not; the second ends it at once. */
function stopOnSignal(lifecycle: Lifecycle, log: Logger, graceMs: number): void {
  let stopping = false
  const onSignal = (signal: NodeJS.Signals) => {
    if (stopping) process.exit(1)
    stopping = true
    log.info({ signal }, 'stopping')
    const late = sleep(graceMs, 'late' as const)
    void Promise.race([lifecycle.stop(), late]).then((result) => {
      if (result === 'late') log.warn({ graceMs }, 'the grace is over, what is under way is left to another worker')
      else log.info('stopped')
      process.exit(0)
    })
  }
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
}
