import { type Environment, readLayers, type Source } from './layers.ts'
import { readUtf8 } from './load.ts'
import { type SettingName, schema, settingNames } from './schema.ts'
import { Secret } from './secret.ts'
import type { ReadFile } from './value-file.ts'

export interface EffectiveSetting {
  readonly name: SettingName
  /** raw text, secrets masked; absent when the setting has no value */
  readonly value?: string
  readonly source: Source
}

/** Every setting as it is in effect, for people to read; of settings that do not load, as far as it is known. */
export function describeSettings(env: Environment, readFile: ReadFile = readUtf8): readonly EffectiveSetting[] {
  const layers = readLayers(env, readFile)
  return settingNames.map((name) => {
    const text = layers.text(name)
    const source = layers.source(name)
    return text === undefined ? { name, source } : { name, value: shown(name, text), source }
  })
}

/** A secret shows itself (a Redis URL keeps its host); a wrong text shows nothing, it may be anything. */
function shown(name: SettingName, text: string): string {
  const value = schema[name].format.parse(text)
  if (value === undefined) return '(wrong)'
  if (!schema[name].sensitive) return text
  return value instanceof Secret ? value.toString() : '***'
}
