import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import { exitWithFaults, settingsOrExit } from '../config/exit.ts'
import { settingsFiles } from '../config/reread.ts'
import { durabilityFaults } from '../src/redis/durability.ts'
import type { HangUps } from './hang-ups.ts'
import { beat } from './heartbeat.ts'
import { keyChecks } from './key-checks.ts'
import { Lifecycle } from './lifecycle.ts'
import { createLogger } from './log.ts'
import { createParts, type Parts } from './parts.ts'
import { reloading, warnOf } from './reload.ts'
import { doesSign, type Role, roles } from './roles.ts'
import { openTracing } from './traces.ts'

/** What a process is put together from; a test may put its own in place of one. */
export interface Composition {
  readonly createParts: typeof createParts
  readonly roles: typeof roles
}

/** A whole process: read settings, build the parts, run the roles, stop on a signal. */
export async function start(
  names: readonly [Role, ...Role[]],
  hangUps: HangUps,
  composition: Composition = { createParts, roles },
): Promise<void> {
  const files = settingsFiles(process.env)
  const reading = { readFile: files.readFile, checks: keyChecks, signs: doesSign(names) }
  const { settings, warnings } = settingsOrExit(process.env, reading)
  const log = createLogger(settings.log.level)
  warnOf(warnings, log)
  const lifecycle = new Lifecycle(log)
  stopOnSignal(lifecycle, log, settings.workers.shutdownGraceMs)

  const tracing = await openTracing(settings, log, lifecycle)
  const parts = composition.createParts(settings, log, lifecycle, tracing)
  const faults = reloading({ env: process.env, files, reading, merchants: parts.merchants, log, lifecycle, hangUps })
  if (settings.redis.requireDurable) await requireDurable(parts)
  beat(parts, names, faults)
  try {
    for (const name of names) await composition.roles[name](parts)
  } catch (error) {
    log.fatal({ err: error }, 'could not start')
    process.exit(1)
  }
  log.info({ roles: names }, 'started')
}

/** Waits for Redis, then refuses to work on one that could lose what it acknowledged. */
async function requireDurable(parts: Parts): Promise<void> {
  const faults = await durabilityFaults(parts.connect('durability check'))
  if (faults.length > 0) exitWithFaults(faults)
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
