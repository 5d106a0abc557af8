import { parsePrivateKey, parsePublicKeys } from '../lianlian/keys.ts'
import { sign as signWith, verify as verifyWith } from '../lianlian/signature.ts'

/**
 * The gateway's signature for programs outside of the workers: RSA with MD5 over `source(params)`. Keys are text in every
 * form of the settings: PEM (PKCS#1, PKCS#8, SPKI) or bare base64 of the same DER. A key is parsed at each call.
 */

export { KeyError } from '../lianlian/keys.ts'
export { source } from '../lianlian/source.ts'

export type SignedParams = Readonly<Record<string, string | null | undefined>>

/**
 * @param params a flat message; `sign` is left out of what is signed, and so is what is empty
 * @returns the signature in base64
 * @throws KeyError when the key cannot be used; the message never holds key text
 */
export function sign(params: SignedParams, privateKey: string): string {
  return signWith(params, parsePrivateKey(privateKey))
}

/**
 * Does one of the keys vouch for this message?
 *
 * @param params the message as received, `sign` and `sign_type` included
 * @param publicKeys one or several, as a list or separated by commas; one that cannot be read vouches for nothing
 * @returns never throws for bad input
 */
export function verify(params: Readonly<Record<string, unknown>>, publicKeys: string | readonly string[]): boolean {
  const texts = [publicKeys].flat().flatMap((text) => (typeof text === 'string' ? text.split(',') : []))
  return texts.some((text) => {
    try {
      return verifyWith(params, parsePublicKeys(text))
    } catch {
      return false
    }
  })
}
