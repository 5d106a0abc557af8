import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto'
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
  if (!schema[name].sensitive) return mayBePrivate(text) ? '(not shown: it may be a private key)' : text
  return value instanceof Secret ? value.toString() : '***'
}

/** A private key, or a part of one, that was put into the wrong setting: long, and no public key or certificate. */
function mayBePrivate(text: string): boolean {
  if (text.includes('PRIVATE KEY')) return true
  return text.split(',').some((part) => {
    const base64 = part.replaceAll(/-----[A-Z ]+-----|\\[nr]|\s/g, '')
    return /[A-Za-z0-9+/=]{100,}/.test(base64) && !isPublic(Buffer.from(base64, 'base64'))
  })
}

function isPublic(der: Buffer): boolean {
  const isRead = (read: () => unknown) => {
    try {
      read()
      return true
    } catch {
      return false
    }
  }
  const [types, format] = [['spki', 'pkcs1'] as const, 'der'] as const
  // Node takes the public half out of a private key, where it is asked for a public one
  if ((['pkcs8', 'pkcs1'] as const).some((type) => isRead(() => createPrivateKey({ key: der, format, type }))))
    return false
  return (
    isRead(() => new X509Certificate(der)) ||
    types.some((type) => isRead(() => createPublicKey({ key: der, format, type })))
  )
}
