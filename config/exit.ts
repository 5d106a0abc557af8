import type { Environment } from './layers.ts'
import { type LoadOptions, loadSettings } from './load.ts'
import type { Settings } from './settings.ts'

/** Ends the process as a start with wrong settings ends: one line a fault on stderr, exit code 1, no stack trace. */
export function exitWithFaults(faults: readonly string[]): never {
  process.stderr.write(faults.map((fault) => `${fault}\n`).join(''))
  process.exit(1)
}

/** The settings, or the end of the process. */
export function settingsOrExit(env: Environment, options?: LoadOptions): Settings {
  const loaded = loadSettings(env, options)
  return loaded.ok ? loaded.settings : exitWithFaults(loaded.faults)
}
