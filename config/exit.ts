import type { Environment } from './layers.ts'
import { type LoadOptions, loadSettings } from './load.ts'
import type { Settings } from './settings.ts'

/** Ends the process as a start with wrong settings ends: one line a fault on stderr, exit code 1, no stack trace. */
export function exitWithFaults(faults: readonly string[]): never {
  process.stderr.write(faults.map((fault) => `${fault}\n`).join(''))
  process.exit(1)
}

/** The settings and what is doubtful about them, or the end of the process. */
export function settingsOrExit(
  env: Environment,
  options?: LoadOptions,
): { readonly settings: Settings; readonly warnings: readonly string[] } {
  const loaded = loadSettings(env, options)
  return loaded.ok ? loaded : exitWithFaults(loaded.faults)
}
