import { type LoadOptions, loadSettings } from '../../config/load.ts'
import type { SettingName } from '../../config/schema.ts'
import type { Settings } from '../../config/settings.ts'
import type { ReadFile } from '../../config/value-file.ts'

/** The least that a start needs. */
export const least = {
  REDIS_URL: 'redis://127.0.0.1:6379',
  LIANLIAN_OID_PARTNER: '201103171000000000',
  LIANLIAN_PRIVATE_KEY: 'the-private-key',
}

export type Overrides = Partial<Record<SettingName | 'NODE_ENV' | 'CONFIG_FILE', string>> & Record<string, string>

/** Files by path, as `readFileSync` would read them. */
export function filesOf(files: Record<string, string>): ReadFile {
  return (path) => {
    const text = files[path]
    if (text === undefined) throw Object.assign(new Error(`no ${path}`), { code: 'ENOENT' })
    return text
  }
}

export function settingsOf(overrides: Overrides = {}, options?: LoadOptions): Settings {
  const loaded = loadSettings({ ...least, ...overrides }, options)
  if (!loaded.ok) throw new Error(loaded.faults.join('\n'))
  return loaded.settings
}

export function faultsOf(overrides: Overrides, options?: LoadOptions): readonly string[] {
  const loaded = loadSettings({ ...least, ...overrides }, options)
  return loaded.ok ? [] : loaded.faults
}

/** The settings, or the faults, that a `CONFIG_FILE` of this content gives. */
export function withConfigFile(content: unknown, files: Record<string, string> = {}): LoadOptions {
  const json = typeof content === 'string' ? content : JSON.stringify(content)
  return { readFile: filesOf({ ...files, 'settings.json': json }) }
}
