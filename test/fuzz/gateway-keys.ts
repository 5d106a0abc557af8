import {
  constants,
  createHash,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  privateEncrypt,
  sign,
} from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type PrivateKey, type PublicKey, parsePrivateKey, parsePublicKeys } from '../../src/lianlian/keys.ts'
import { signedText } from '../../src/simulator/signing.ts'
import type { Fields } from './target.ts'

/** Key pairs of these tests alone. They stay the same, so that the same seed makes the same inputs. */
export interface Owner {
  readonly pem: string
  readonly native: KeyObject
  readonly publicKeys: readonly PublicKey[]
  readonly privateKey: PrivateKey
}

function owner(name: string): Owner {
  const pem = readFileSync(new URL(`corpus/keys/${name}.pem`, import.meta.url), 'utf8')
  const native = createPrivateKey(pem)
  const privateKey = parsePrivateKey(pem)
  return { pem, native, privateKey, publicKeys: parsePublicKeys(publicPem(native)) }
}

export function publicPem(key: KeyObject): string {
  return createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString()
}

export const gateway = owner('gateway')
export const merchant = owner('merchant')
/** Somebody whose key is configured nowhere. */
export const stranger = owner('stranger')

/** The signature of fields by way of the simulated gateway's own source text. */
export function signature(fields: Fields, by: Owner = gateway): string {
  return sign('RSA-MD5', Buffer.from(signedText(Object.fromEntries(fields))), by.native).toString('base64')
}

const PREFIX = Buffer.from('3020300c06082a864886f70d020505000410', 'hex')

/** What the right key made, but not as MD5withRSA in PKCS#1 v1.5 over the source: none of these may be taken. */
export const oddSignatures: readonly ((fields: Fields) => string)[] = [
  (fields) => sign('RSA-SHA1', bytesOf(fields), gateway.native).toString('base64'),
  (fields) => sign('RSA-SHA256', bytesOf(fields), gateway.native).toString('base64'),
  (fields) =>
    sign('RSA-MD5', bytesOf(fields), { key: gateway.native, padding: constants.RSA_PKCS1_PSS_PADDING }).toString(
      'base64',
    ),
  // the digest alone, without its algorithm
  (fields) => padded(digest(fields)),
  // the algorithm without its NULL parameter
  (fields) => padded(Buffer.concat([Buffer.from('301e300a06082a864886f70d02050410', 'hex'), digest(fields)])),
  // something behind the digest, as readers took that did not look at the end
  (fields) => padded(Buffer.concat([PREFIX, digest(fields), Buffer.from('trailing')])),
  (fields) => padded(Buffer.concat([PREFIX, Buffer.from(digest(fields).toString('hex'))])),
  // the hexadecimal digest as text, as LianLian's other products sign it
  (fields) => sign('RSA-MD5', Buffer.from(digest(fields).toString('hex')), gateway.native).toString('base64'),
  (fields) => digest(fields).toString('hex'),
  (fields) => signature(fields, stranger),
  (fields) => signature(fields, merchant),
]

function bytesOf(fields: Fields): Buffer {
  return Buffer.from(signedText(Object.fromEntries(fields)))
}

function digest(fields: Fields): Buffer {
  return createHash('md5').update(bytesOf(fields)).digest()
}

function padded(content: Buffer): string {
  return privateEncrypt({ key: gateway.native, padding: constants.RSA_PKCS1_PADDING }, content).toString('base64')
}
