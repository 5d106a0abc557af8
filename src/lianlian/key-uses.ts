import type { PrivateKey, PublicKey } from './keys.ts'

/** A key that tells of every use: of a private key every signature, of a public one each that it found right. */
export function toldPrivateKey(key: PrivateKey, used: () => void): PrivateKey {
  return {
    ...key,
    sign(text) {
      const signature = key.sign(text)
      used()
      return signature
    },
  }
}

/** See {@link toldPrivateKey}. */
export function toldPublicKey(key: PublicKey, used: () => void): PublicKey {
  return {
    ...key,
    verify(text, signature) {
      const right = key.verify(text, signature)
      if (right) used()
      return right
    },
  }
}
