/**
 * The gateway's side of signatures: MD5withRSA over the sorted source text.
 *
 * Written apart from the client's code on purpose: were it shared, a fault in the source text would be made alike on
 * both sides and no test would see it.
 */

import type { KeyObject } from 'node:crypto'
import { createPrivateKey, createPublicKey, createSign, createVerify, generateKeyPairSync } from 'node:crypto'

/** A flat message as it travels: every value is text. */
export type Fields = Readonly<Record<string, string>>

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/** The text that is signed: every key but `sign` whose value is not empty, in byte order, unescaped. */
export function signedText(fields: Fields): string {
  const pairs: string[] = []
  for (const name of Object.keys(fields).toSorted((a, b) => (a < b ? -1 : 1))) {
    const value = fields[name]
    if (name === 'sign' || value === undefined || value === '') continue
    pairs.push(`${name}=${value}`)
  }
  return pairs.join('&')
}

/** The signature of a message in standard base64 without line breaks. */
export function signatureOf(fields: Fields, privateKey: KeyObject): string {
  return createSign('RSA-MD5').update(signedText(fields), 'utf8').sign(privateKey, 'base64')
}

/** Whether `fields.sign` is the merchant's signature of the other fields. */
export function isSignedBy(fields: Fields, publicKey: KeyObject): boolean {
  const signature = fields.sign
  if (signature === undefined || !BASE64.test(signature)) return false
  return createVerify('RSA-MD5').update(signedText(fields), 'utf8').verify(publicKey, signature, 'base64')
}

/**
 * Reads an RSA public key.
 *
 * @param text PEM (PKCS#1 or SPKI) or the bare base64 of a DER SPKI key, as merchants upload it
 * @throws Error when it is no such key
 */
export function readPublicKey(text: string): KeyObject {
  const key = text.includes('-----BEGIN')
    ? createPublicKey(text)
    : createPublicKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'spki' })
  if (key.asymmetricKeyType !== 'rsa') throw new Error('not an RSA key')
  return key
}

/** The gateway's key pair: from a PEM private key, or a new one of 1024 bits, the size LianLian's published key has. */
export function gatewayKeys(privateKeyPem: string | undefined): { privateKey: KeyObject; publicKeyPem: string } {
  const privateKey =
    privateKeyPem === undefined
      ? generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey
      : createPrivateKey(privateKeyPem)
  if (privateKey.asymmetricKeyType !== 'rsa') throw new Error('not an RSA key')
  const publicKeyPem = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString()
  return { privateKey, publicKeyPem }
}
