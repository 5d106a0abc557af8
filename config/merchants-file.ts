import { dirname, resolve } from 'node:path'
import { z } from 'zod'
import { isSecure } from './addresses.ts'
import { jsonObject } from './json-object.ts'
import { type KeyChecks, type KeyTexts, keyTexts } from './merchant-keys.ts'
import { fieldNames, type MerchantEntry, merchantKeysSchema, merchantSchema } from './merchants-schema.ts'
import { nearest } from './nearest.ts'
import { shownName } from './shown.ts'
import { type ReadFile, readText } from './value-file.ts'
import type { SecretFile } from './wide-files.ts'

/** A merchant of the file, with the texts of its keys. */
export type FileMerchant = Omit<MerchantEntry, keyof typeof merchantKeysSchema.shape> & KeyTexts

export interface FileReading {
  readonly merchants: readonly FileMerchant[]
  /** every fault, each with its place in the file, none with a word of a key */
  readonly faults: readonly string[]
  /** where private keys lie, read or not */
  readonly secretFiles: readonly SecretFile[]
}

export interface FileContext {
  readonly readFile: ReadFile
  /** absent: keys are not read, as a person's tool needs none */
  readonly keys?: KeyChecks
  /** whether gateway URLs may be plain http */
  readonly insecure: boolean
  /** whether the gateway's key is pinned for all merchants */
  readonly pinned: boolean
  /** of all merchants, as far as it is known: what an override must agree with */
  readonly retry: { readonly baseMs: number | undefined; readonly capMs: number | undefined }
}

type Tell = (field: string, fault: string) => void

/** Reads `MERCHANTS_FILE`: one merchant at least, or every fault in it at once. */
export function readMerchantsFile(path: string, context: FileContext): FileReading {
  const read = readText(path, context.readFile)
  if ('fault' in read) return { merchants: [], faults: [`MERCHANTS_FILE: ${read.fault}`], secretFiles: [] }
  const json = jsonObject(read.text)
  if (typeof json === 'string') return { merchants: [], faults: [`MERCHANTS_FILE: ${json}`], secretFiles: [] }

  const faults: string[] = []
  const tell: Tell = (field, fault) => faults.push(`MERCHANTS_FILE: ${field}: ${fault}`)
  const { merchants: entries, $schema: _schema, ...others } = { merchants: undefined, $schema: '', ...json.object }
  for (const name of Object.keys(others)) tell(shownName(name, LONGEST_NAME), noSuchField(name, ''))
  const list = z.array(z.unknown()).min(1).safeParse(entries)
  if (!list.success) {
    tell('merchants', 'expected a list of at least one merchant')
    return { merchants: [], faults, secretFiles: [] }
  }
  const merchants = list.data.flatMap((entry, index) =>
    readMerchant(entry, dirname(path), context, (field, fault) =>
      tell(field === '' ? `merchants[${index}]` : `merchants[${index}].${field}`, fault),
    ),
  )
  return { merchants, faults: [...faults, ...repeated(list.data)], secretFiles: privateKeyFiles(path, list.data) }
}

/** The file itself where keys stand in it, and the files of keys. */
function privateKeyFiles(path: string, entries: readonly unknown[]): readonly SecretFile[] {
  const keys = entries.map((entry) => merchantKeysSchema.safeParse(entry).data)
  const itself = keys.some((each) => each?.privateKey !== undefined)
  const others = keys.flatMap((each, index) =>
    [each?.privateKeyFile ?? []].flat().map((file) => ({
      setting: `MERCHANTS_FILE: merchants[${index}].privateKeyFile`,
      path: resolve(dirname(path), file),
    })),
  )
  return [...(itself ? [{ setting: 'MERCHANTS_FILE', path }] : []), ...others]
}

function readMerchant(entry: unknown, folder: string, context: FileContext, tell: Tell): readonly FileMerchant[] {
  const parsed = merchantSchema.safeParse(entry)
  if (!parsed.success) for (const issue of parsed.error.issues) describe(issue, tell)
  const keys = merchantKeysSchema.safeParse(entry).data
  const texts = keys && context.keys ? keyTexts(keys, context.keys, { folder, readFile: context.readFile, tell }) : {}
  if (!parsed.success) return []
  checkRules(parsed.data, context, tell)
  const {
    privateKey: _own,
    privateKeyFile: _ownFile,
    publicKey: _theirs,
    publicKeyFile: _theirFile,
    ...rest
  } = parsed.data
  return [{ ...rest, ...texts }]
}

function checkRules({ gateway = {}, retry = {} }: MerchantEntry, context: FileContext, tell: Tell): void {
  for (const [name, url] of Object.entries(gateway)) {
    if (url === undefined) continue
    if (!context.insecure && !isSecure(url)) {
      tell(`gateway.${name}`, 'must be https, unless ALLOW_INSECURE_GATEWAY=true')
    }
    // without TLS there is no key to be pinned: every call would fail
    if (context.pinned && !url.startsWith('https:')) tell(`gateway.${name}`, 'must be https with GATEWAY_PINNED_KEYS')
  }
  const { baseMs = context.retry.baseMs, capMs = context.retry.capMs } = retry
  const overrides = retry.baseMs !== undefined || retry.capMs !== undefined
  if (overrides && baseMs !== undefined && capMs !== undefined && capMs < baseMs) {
    tell('retry.capMs', `must not be below baseMs, got ${capMs} and ${baseMs}`)
  }
}

/** Two entries for one merchant would make the order of the file decide which key signs. */
function repeated(entries: readonly unknown[]): readonly string[] {
  const first = new Map<string, number>()
  const named = merchantSchema.pick({ oid_partner: true }).strip()
  return entries.flatMap((entry, index) => {
    const { data } = named.safeParse(entry)
    if (data === undefined) return []
    const before = first.get(data.oid_partner)
    if (before === undefined) first.set(data.oid_partner, index)
    return before === undefined
      ? []
      : [`MERCHANTS_FILE: merchants[${index}].oid_partner: ${data.oid_partner} is merchants[${before}] already`]
  })
}

/** zod's own words may quote what was given: expectations, which are ours, and names of fields are told. */
function describe(issue: z.core.$ZodIssue, tell: Tell): void {
  const path = pathOf(issue.path)
  if (issue.code !== 'unrecognized_keys') {
    tell(path, issue.message)
    return
  }
  for (const name of issue.keys) {
    tell(
      path === '' ? shownName(name, LONGEST_NAME) : `${path}.${shownName(name, LONGEST_NAME)}`,
      noSuchField(name, path || 'merchants'),
    )
  }
}

function pathOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>((shown, part) => {
    if (typeof part === 'number') return `${shown}[${part}]`
    return shown === '' ? String(part) : `${shown}.${String(part)}`
  }, '')
}

const LONGEST_NAME = 40

function noSuchField(name: string, place: string): string {
  const hint = nearest(name.slice(0, LONGEST_NAME), fieldNames[place] ?? [])
  return `no such field${hint === undefined ? '' : `; did you mean ${hint}?`}`
}
