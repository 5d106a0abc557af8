import convict from 'convict'
import { parseConfigFile, type RawTexts } from './config-file.ts'
import { type SettingName, schema, settingNames } from './schema.ts'
import type { Given } from './setting.ts'
import { fileVariable, type ReadFile, readText, readValue } from './value-file.ts'
import type { SecretFile } from './wide-files.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** Where a value comes from: `env` and `file` (`CONFIG_FILE`) include the files that their `X_FILE` names. */
export type Source = 'env' | 'file' | 'default'

/** The raw text of every setting after all sources are merged, not yet checked. */
export interface Layers {
  readonly text: (name: SettingName) => string | undefined
  readonly source: (name: SettingName) => Source
  /** settings whose text is not known: they were left out, or the file that may hold them cannot be read */
  readonly unknown: ReadonlySet<SettingName>
  /** what is wrong with the sources themselves */
  readonly faults: readonly string[]
  /** where secrets lie, also those that were left out */
  readonly secretFiles: readonly SecretFile[]
}

/** What one source gives. */
interface Layer {
  readonly secretFiles: readonly SecretFile[]
  readonly texts: Map<string, string>
  readonly unknown: readonly SettingName[]
  readonly faults: readonly string[]
}

/**
 * Merges the sources, highest rank first: X or `X_FILE` (not both), then `CONFIG_FILE`, then the default.
 *
 * @param leftOut settings that this process has no use for: their files are not read, and they are not known
 */
export function readLayers(env: Environment, readFile: ReadFile, leftOut: readonly SettingName[] = []): Layers {
  const names = settingNames.filter((name) => !leftOut.includes(name))
  const fromEnv = layer(environmentTexts(env), names, readFile)
  // What the environment overrides is not looked for: its file may not exist on this machine.
  const open = names.filter((name) => !fromEnv.texts.has(name) && !fromEnv.unknown.includes(name))
  const fromFile = configFileLayer(env.CONFIG_FILE, open, readFile)
  const given: Given = {
    nodeEnv: env.NODE_ENV,
    has: (name) => fromEnv.texts.has(name) || fromFile.texts.has(name),
  }
  const config = convict(convictSchema(given), { env: Object.fromEntries(fromEnv.texts), args: [] })
  config.load(Object.fromEntries(fromFile.texts))
  return {
    text: (name) => config.get(name) ?? undefined,
    source: (name) => {
      if (fromEnv.texts.has(name)) return 'env'
      return fromFile.texts.has(name) ? 'file' : 'default'
    },
    unknown: new Set([...leftOut, ...fromEnv.unknown, ...fromFile.unknown]),
    faults: [...fromEnv.faults, ...fromFile.faults],
    secretFiles: [...fromEnv.secretFiles, ...fromFile.secretFiles],
  }
}

/** convict merges raw texts only: its own formats would take `5s` for 5, so ours read the merged text. */
function convictSchema(given: Given): convict.Schema<Record<string, string | null>> {
  const items: convict.Schema<Record<string, string | null>> = {}
  for (const name of settingNames) {
    const { doc, sensitive, default: defaultOf } = schema[name]
    items[name] = { doc, sensitive, env: name, format: String, nullable: true, default: defaultOf(given) ?? null }
  }
  return items
}

/** Empty text counts as unset. */
function environmentTexts(env: Environment): RawTexts {
  const texts: RawTexts = new Map()
  for (const name of settingNames) {
    for (const variable of [name, fileVariable(name)]) {
      const text = variable === undefined ? undefined : env[variable]
      if (variable !== undefined && text !== undefined && text !== '') texts.set(variable, text)
    }
  }
  return texts
}

function configFileLayer(path: string | undefined, names: readonly SettingName[], readFile: ReadFile): Layer {
  if (path === undefined || path === '') return { texts: new Map(), unknown: [], faults: [], secretFiles: [] }
  const read = readText(path, readFile)
  const file = 'fault' in read ? { unreadable: read.fault } : parseConfigFile(read.text)
  if ('unreadable' in file) {
    return { texts: new Map(), unknown: names, faults: [`CONFIG_FILE: ${file.unreadable}`], secretFiles: [] }
  }
  const { texts, unknown, faults, secretFiles } = layer(file.texts, names, readFile)
  const wrongType = file.unknown.filter((name) => names.includes(name))
  const holdsSecret = settingNames.some((name) => schema[name].sensitive && file.texts.has(name))
  return {
    texts,
    unknown: [...wrongType, ...unknown],
    faults: [...file.faults, ...faults],
    secretFiles: [...(holdsSecret ? [{ setting: 'CONFIG_FILE', path }] : []), ...secretFiles],
  }
}

/** Takes the named settings from the raw texts, and the content of the file in the place of every `X_FILE`. */
function layer(raw: RawTexts, names: readonly SettingName[], readFile: ReadFile): Layer {
  const texts = new Map<string, string>()
  const unknown: SettingName[] = []
  const faults: string[] = []
  for (const name of names) {
    const text = raw.get(name)
    if (text !== undefined) texts.set(name, text)
    const variable = fileVariable(name)
    const path = variable === undefined ? undefined : raw.get(variable)
    if (path === undefined) continue
    if (text !== undefined) {
      faults.push(`${name}: set it or ${variable}, not both`)
      continue
    }
    const read = readValue(path, readFile)
    if ('fault' in read) {
      unknown.push(name)
      faults.push(`${variable}: ${read.fault}`)
    } else texts.set(name, read.text)
  }
  return { texts, unknown, faults, secretFiles: secretFilesOf(raw) }
}

function secretFilesOf(raw: RawTexts): readonly SecretFile[] {
  return settingNames.flatMap((name) => {
    const setting = schema[name].sensitive ? fileVariable(name) : undefined
    const path = setting === undefined ? undefined : raw.get(setting)
    return setting === undefined || path === undefined ? [] : [{ setting, path }]
  })
}
