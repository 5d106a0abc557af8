import { jsonObject, kindOf } from './json-object.ts'
import { nearest } from './nearest.ts'
import { isSettingName, type SettingName, schema, settingNames } from './schema.ts'
import { shownName } from './shown.ts'
import { fileVariable, settingOfFileVariable } from './value-file.ts'

/** Raw texts by setting name, or by `X_FILE`. */
export type RawTexts = Map<string, string>

/** What a `CONFIG_FILE` gives: raw texts, and the settings that it gives in a wrong JSON type. */
interface ConfigFile {
  readonly texts: RawTexts
  readonly unknown: readonly SettingName[]
  readonly faults: readonly string[]
}

/**
 * Reads the text of `CONFIG_FILE`: one flat JSON object with the names of the environment. A value is text, or a
 * number or boolean where the setting is of that kind; empty text counts as absent.
 */
export function parseConfigFile(source: string): ConfigFile | { unreadable: string } {
  const content = jsonObject(source)
  if (typeof content === 'string') return { unreadable: content }
  const texts: RawTexts = new Map()
  const unknown: SettingName[] = []
  const faults: string[] = []
  for (const [key, value] of Object.entries(content.object)) {
    const name = isSettingName(key) ? key : settingOfFileVariable(key)
    if (name === undefined) {
      faults.push(unknownKey(key))
      continue
    }
    const json = name === key ? schema[name].format.json : undefined
    if (typeof value === 'string') {
      if (value !== '') texts.set(key, value)
    } else if (typeof value === json) {
      texts.set(key, String(value))
    } else {
      unknown.push(name)
      const kinds = json === undefined ? 'text' : `text or a ${json}`
      faults.push(`${key}: expected ${kinds} in CONFIG_FILE, got ${kindOf(value)}`)
    }
  }
  return { texts, unknown, faults }
}

const LONGEST_NAME = 60

function unknownKey(key: string): string {
  const hint = nearest(key.slice(0, LONGEST_NAME), knownKeys())
  return `${shownName(key, LONGEST_NAME)}: no such setting, found in CONFIG_FILE${hint === undefined ? '' : `; did you mean ${hint}?`}`
}

function* knownKeys(): Generator<string> {
  yield* settingNames
  for (const name of settingNames) {
    const variable = fileVariable(name)
    if (variable !== undefined) yield variable
  }
}
