import { readFileSync } from 'node:fs'
import { type Environment, type Layers, readLayers } from './layers.ts'
import { type FileMerchant, readMerchantsFile } from './merchants-file.ts'
import type { Read } from './read.ts'
import { type Known, rules } from './rules.ts'
import { type SettingName, schema, settingNames } from './schema.ts'
import {
  groupOperatorSettings,
  groupSettings,
  groupStoreSettings,
  type OperatorSettings,
  type Settings,
  type StoreSettings,
} from './settings.ts'
import { shown } from './shown.ts'
import type { ReadFile } from './value-file.ts'
import { warnings } from './warnings.ts'
import { type AccessOf, wideFiles } from './wide-files.ts'

export interface LoadOptions {
  readonly readFile?: ReadFile
  /**
   * Further checks of raw texts by those who know more of them (whether a key is a key): given a text of the right
   * form, what is wrong with it, without the text itself, or `undefined`. It becomes a fault like any other.
   */
  readonly checks?: Partial<Readonly<Record<SettingName, (text: string) => string | undefined>>>
  /** false: this process never signs, so that private keys are neither required nor read; default true */
  readonly signs?: boolean
  readonly accessOf?: AccessOf
}

export type Loaded<T = Settings> =
  /** `warnings`: what is no fault and likely a mistake, one line each with the setting's name first */
  | { readonly ok: true; readonly settings: T; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly faults: readonly string[] }

/** Reads the settings of one process, or every fault in them at once: one line each, with the setting's name first. */
export function loadSettings(env: Environment, options?: LoadOptions): Loaded {
  const { signs = true } = options ?? {}
  return load(
    env,
    { group: groupSettings, merchants: true, keys: signs ? 'all' : 'public', matters: () => true },
    options,
  )
}

/** Of these a person's tool needs nothing; on the machine where it runs they may be missing, or their files. */
const WORKERS_ONLY =
  /^(?:LIANLIAN_(?:PRIVATE|PUBLIC)_KEY(?:_FILE)?|GATEWAY_(?:CA|PINNED_KEYS|PROXY_URL)(?:_FILE)?|RECEIVER_[A-Z_]+|TRUST_PROXY|ADMIN_[A-Z_]+):/

/** The settings of a person's tool, from the same sources. What is wrong with settings of workers alone is no fault. */
export function loadOperatorSettings(env: Environment, options?: LoadOptions): Loaded<OperatorSettings> {
  const matters = (fault: string) => !WORKERS_ONLY.test(fault)
  return load(env, { group: groupOperatorSettings, merchants: true, keys: 'none', matters }, options)
}

/** What the settings of the store are at fault for. */
const STORE_ONLY = /^(?:REDIS_[A-Z_]+|REQUIRE_DURABLE_REDIS|QUEUE_PREFIX|COMPLETION_QUEUES|LEDGER_[A-Z_]+|CONFIG_FILE):/

/** Where the queues and the ledger are: all that a health check needs. What else is wrong does not make it fail. */
export function loadStoreSettings(env: Environment): Loaded<StoreSettings> {
  return load(env, {
    group: groupStoreSettings,
    merchants: false,
    keys: 'none',
    matters: (fault) => STORE_ONLY.test(fault),
  })
}

/** What is made of the settings. */
interface Purpose<T> {
  readonly group: (read: Read, file?: readonly FileMerchant[]) => T
  /** whether `MERCHANTS_FILE` is read, and the keys of it */
  readonly merchants: boolean
  readonly keys: 'all' | 'public' | 'none'
  readonly matters: (fault: string) => boolean
}

function load<T>(
  env: Environment,
  { group, merchants, keys, matters }: Purpose<T>,
  { readFile = readUtf8, checks = {}, accessOf }: LoadOptions = {},
): Loaded<T> {
  const layers = readLayers(env, readFile, keys === 'all' ? [] : ['LIANLIAN_PRIVATE_KEY'])
  const faults = [...layers.faults]
  const wrong = new Set<SettingName>(layers.unknown)
  for (const name of settingNames) {
    const text = layers.text(name)
    if (text === undefined || wrong.has(name)) continue
    const problem = formFault(name, text) ?? checks[name]?.(text)
    if (problem === undefined) continue
    wrong.add(name)
    faults.push(`${name}: ${problem}`)
  }
  const known = whatIsKnown(layers, wrong)
  for (const rule of rules) faults.push(...rule(known))
  const file = merchants ? merchantsFile(known, readFile, keys, checks) : undefined
  if (file) faults.push(...file.faults)
  const mattering = faults.filter(matters)
  if (mattering.length > 0) return { ok: false, faults: mattering }
  const secretFiles = [...layers.secretFiles, ...(file?.secretFiles ?? [])]
  return {
    ok: true,
    settings: group((name) => schema[name].read(layers.text(name)), file?.merchants),
    warnings: [...warnings.flatMap((warn) => warn(known)), ...wideFiles(secretFiles, accessOf)],
  }
}

function merchantsFile(
  { has, value }: Known,
  readFile: ReadFile,
  keys: Purpose<unknown>['keys'],
  checks: NonNullable<LoadOptions['checks']>,
) {
  const path = value('MERCHANTS_FILE')
  if (path === undefined) return undefined
  const checked = (name: SettingName) => (text: string) => checks[name]?.(text)
  const publicKeys = { public: checked('LIANLIAN_PUBLIC_KEY') }
  return readMerchantsFile(path, {
    readFile,
    ...(keys === 'public' && { keys: publicKeys }),
    ...(keys === 'all' && { keys: { ...publicKeys, private: checked('LIANLIAN_PRIVATE_KEY') } }),
    // while it is not known, only the setting itself is at fault
    insecure: value('ALLOW_INSECURE_GATEWAY') ?? true,
    pinned: has('GATEWAY_PINNED_KEYS'),
    retry: { baseMs: value('RETRY_BASE_MS'), capMs: value('RETRY_CAP_MS') },
  })
}

export function readUtf8(path: string): string {
  return readFileSync(path, 'utf8')
}

function whatIsKnown(layers: Layers, wrong: ReadonlySet<SettingName>): Known {
  const has = (name: SettingName) => layers.source(name) !== 'default'
  return {
    has,
    lacks: (name) => !has(name) && !layers.unknown.has(name),
    value: (name) => (wrong.has(name) ? undefined : schema[name].read(layers.text(name))),
  }
}

const SHOWN_LENGTH = 60

function formFault(name: SettingName, text: string): string | undefined {
  const { format } = schema[name]
  return format.parse(text) === undefined ? `expected ${format.expected}, got ${shownText(name, text)}` : undefined
}

/** A password may stand in any URL or host list by mistake, so what is before an @ is never shown. */
function shownText(name: SettingName, text: string): string {
  if (schema[name].sensitive) return 'something else (not shown)'
  const at = text.lastIndexOf('@')
  const open = at < 0 ? text : `***${text.slice(at)}`
  return shown(open, SHOWN_LENGTH)
}
