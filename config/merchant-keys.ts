import { resolve } from 'node:path'
import type { MerchantKeys } from './merchants-schema.ts'
import { type ReadFile, readValue } from './value-file.ts'

/** The keys of a merchant as text: one, or several separated by commas. */
export interface KeyTexts {
  readonly privateKeys?: string
  /** absent: as all merchants have them */
  readonly publicKeys?: string
}

/** Given the text of a key, what is wrong with it, without the text itself. */
export interface KeyChecks {
  /** absent: private keys are not looked at */
  readonly private?: (text: string) => string | undefined
  readonly public: (text: string) => string | undefined
}

interface Place {
  /** relative paths begin here */
  readonly folder: string
  readonly readFile: ReadFile
  readonly tell: (field: string, fault: string) => void
}

type Given = string | readonly string[] | undefined

/** Takes the keys of one entry of `MERCHANTS_FILE` from it, or from the files that it names. */
export function keyTexts(keys: MerchantKeys, checks: KeyChecks, place: Place): KeyTexts {
  const privateKeys = checks.private && texts('privateKey', keys.privateKey, keys.privateKeyFile, checks.private, place)
  const publicKeys = texts('publicKey', keys.publicKey, keys.publicKeyFile, checks.public, place)
  if (checks.private && keys.privateKey === undefined && keys.privateKeyFile === undefined) {
    place.tell('privateKey', 'required, or privateKeyFile')
  }
  return { ...(privateKeys !== undefined && { privateKeys }), ...(publicKeys !== undefined && { publicKeys }) }
}

function texts(name: string, given: Given, files: Given, check: KeyChecks['public'], place: Place): string | undefined {
  if (given !== undefined && files !== undefined) {
    place.tell(name, `set it or ${name}File, not both`)
    return undefined
  }
  const found = given === undefined ? fromFiles(`${name}File`, files, place) : listed(name, given)
  for (const { field, text } of found) {
    const fault = check(text)
    if (fault !== undefined) place.tell(field, fault)
  }
  return found.length === 0 ? undefined : found.map(({ text }) => text).join(',')
}

interface Found {
  readonly field: string
  readonly text: string
}

function fromFiles(name: string, files: Given, { folder, readFile, tell }: Place): readonly Found[] {
  return listed(name, files).flatMap(({ field, text: path }) => {
    const read = readValue(resolve(folder, path), readFile)
    if ('text' in read) return [{ field, text: read.text }]
    tell(field, read.fault)
    return []
  })
}

function listed(name: string, given: Given): readonly Found[] {
  if (given === undefined) return []
  if (typeof given === 'string') return [{ field: name, text: given }]
  return given.map((text, index) => ({ field: `${name}[${index}]`, text }))
}
