import { statSync } from 'node:fs'
import type { Environment } from './layers.ts'
import { readUtf8 } from './load.ts'
import type { ReadFile } from './value-file.ts'

/** The files behind the settings, which may change while a process runs. Their contents may hold secrets. */
export interface SettingsFiles {
  readonly readFile: ReadFile
  /** Forgets what was read, before all is read again. */
  readonly begin: () => void
  /** what was read since `begin`, as one text */
  readonly read: () => string
  /** what the same files hold at this moment, in the same form */
  readonly present: () => string
}

/**
 * Reads files and remembers what they held. `CONFIG_FILE` is read once: like the environment it is as it was at the
 * start, so that two settings of it cannot be of different times. So is a pipe, which gives its text once: whoever reads
 * it again waits for a writer that may never come, and the whole process with him.
 */
export function settingsFiles(env: Environment, readFile: ReadFile = readUtf8): SettingsFiles {
  const held = new Map<string, string | undefined>()
  const once = new Map<string, string>()

  function textOf(path: string): string {
    const known = once.get(path)
    if (known !== undefined) return known
    const isOnce = path === env.CONFIG_FILE || isPipe(path)
    const text = readFile(path)
    if (isOnce) once.set(path, text)
    return text
  }

  function textIn(path: string): string | undefined {
    try {
      return textOf(path)
    } catch {
      return undefined
    }
  }

  return {
    readFile(path) {
      held.set(path, undefined)
      const text = textOf(path)
      held.set(path, text)
      return text
    },
    begin: () => held.clear(),
    read: () => JSON.stringify([...held]),
    present: () => JSON.stringify([...held.keys()].map((path) => [path, textIn(path)])),
  }
}

function isPipe(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFIFO() ?? false
}
