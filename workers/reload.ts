import type { Logger } from 'pino'
import type { Environment } from '../config/layers.ts'
import { type LoadOptions, loadSettings } from '../config/load.ts'
import type { SettingsFiles } from '../config/reread.ts'
import type { HangUps } from './hang-ups.ts'

import type { Lifecycle } from './lifecycle.ts'
import { loop } from './loop.ts'
import type { Merchants } from './merchants.ts'

/** How often the files behind the settings are looked at. */
const LOOK_MS = 2_000

/** What is no fault of the settings, and likely a mistake. */
export function warnOf(warnings: readonly string[], log: Logger): void {
  for (const warning of warnings) log.warn({ warning }, 'a setting is doubtful')
}

interface ReloadOptions {
  readonly env: Environment
  readonly files: SettingsFiles
  /** as they were read at the start */
  readonly reading: LoadOptions
  readonly merchants: Merchants
  readonly log: Logger
  readonly lifecycle: Lifecycle
  readonly hangUps: HangUps
}

/**
 * Takes over the merchants of the settings again, on SIGHUP and when a file behind them has changed: all of them, or none
 * when anything is wrong. Everything else of the settings stays as it was at the start.
 *
 * @returns how many faults the settings have now
 */
export function reloading({ env, files, reading, merchants, log, lifecycle, hangUps }: ReloadOptions): () => number {
  let faults = 0
  let seen = files.read()

  function reload(why: 'SIGHUP' | 'a file has changed'): void {
    files.begin()
    const anew = loadSettings(env, reading)
    seen = files.read()
    faults = anew.ok ? 0 : anew.faults.length
    if (!anew.ok) {
      log.error({ why, faults: anew.faults }, 'the settings have faults: what was loaded before stays')
      return
    }
    merchants.replace(anew.settings.merchants)
    log.info({ why, merchants: anew.settings.merchants.length, digest: merchants.digest() }, 'settings loaded anew')
    warnOf(anew.warnings, log)
  }

  hangUps.heed(() => reload('SIGHUP'))
  lifecycle.onStop('SIGHUP', () => hangUps.heed(() => {}))
  const stop = loop('settings', log, async () => {
    const content = files.present()
    // seen twice: what is being written may be half there
    if (content !== files.read() && content === seen) reload('a file has changed')
    else seen = content
    return LOOK_MS
  })
  lifecycle.onStop('settings', stop)
  return () => faults
}
