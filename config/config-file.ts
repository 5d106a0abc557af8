import { nearest } from './nearest.ts'
import { isSettingName, type SettingName, schema, settingNames } from './schema.ts'
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
  const content = parsed(source)
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

function parsed(source: string): { object: object } | string {
  let content: unknown
  try {
    content = JSON.parse(source)
  } catch (error) {
    // V8's message quotes the text around the fault, which may be a secret: only the place is told.
    const place = error instanceof Error ? /line \d+ column \d+/.exec(error.message)?.[0] : undefined
    return place === undefined ? 'is not valid JSON' : `is not valid JSON (${place})`
  }
  if (typeof content === 'object' && content !== null && !Array.isArray(content)) return { object: content }
  return `must hold one JSON object, got ${kindOf(content)}`
}

function unknownKey(key: string): string {
  const hint = nearest(key, knownKeys())
  const shown = /^\w+$/.test(key) ? key : JSON.stringify(key)
  return `${shown}: no such setting, found in CONFIG_FILE${hint === undefined ? '' : `; did you mean ${hint}?`}`
}

function* knownKeys(): Generator<string> {
  yield* settingNames
  for (const name of settingNames) {
    const variable = fileVariable(name)
    if (variable !== undefined) yield variable
  }
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
