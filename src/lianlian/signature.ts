import type { PrivateKey, PublicKey } from './keys.ts'
import { source } from './source.ts'

/** @returns the signature over `source(params)`, in standard base64 without line breaks */
export function sign(params: Readonly<Record<string, string | null | undefined>>, key: PrivateKey): string {
  return Buffer.from(key.sign(source(params))).toString('base64')
}

/**
 * Does one of the keys vouch for this message? The algorithm is RSA with MD5, whatever the message asks for: another
 * `sign_type`, or none, is not verified at all.
 *
 * @param params every key that was received, `sign` included; anything that is not a flat map of texts is not verified
 * @param keys tried in turn, so that the old and the new key of the gateway both count during a change
 * @returns never throws for bad input
 */
export function verify(params: Readonly<Record<string, unknown>>, keys: readonly PublicKey[]): boolean {
  if (!isTextMap(params) || params.sign_type !== 'RSA') return false
  const signature = canonicalBase64(params.sign ?? '')
  if (!signature) return false
  const signed = source(params)
  return keys.some((key) => signature.length === Math.ceil(key.bits / 8) && key.verify(signed, signature))
}

function isTextMap(params: unknown): params is Readonly<Record<string, string | undefined>> {
  if (typeof params !== 'object' || params === null) return false
  // Unpaired surrogates become U+FFFD in UTF-8, so that two texts would share one signature.
  return Object.values(params).every((value) => typeof value === 'string' && value.isWellFormed())
}

/** Node's decoder skips what it does not know; decoding and encoding again must give the same text. */
function canonicalBase64(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, 'base64')
  return bytes.length > 0 && bytes.toString('base64') === text ? bytes : undefined
}
