import { createHash } from 'node:crypto'
import { TLSSocket } from 'node:tls'
import { ConnectError } from './connect-error.ts'

/**
 * Whether the peer of a finished handshake has one of the keys: SHA-256 of its SubjectPublicKeyInfo (RFC 7469), base64.
 * A certificate that is renewed with the same key passes. A peer without a certificate does not.
 */
export function pinFault(socket: unknown, pinnedKeys: readonly string[]): ConnectError | null {
  const certificate = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined
  const key = certificate?.publicKey.export({ type: 'spki', format: 'der' })
  if (key !== undefined && pinnedKeys.includes(createHash('sha256').update(key).digest('base64'))) return null
  return new ConnectError('PINNED_KEY_MISMATCH', "the gateway's public key is none of those that are pinned")
}
