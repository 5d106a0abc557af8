import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { type PrivateKey, type PublicKey, parsePrivateKey, parsePublicKeys } from '../../src/lianlian/keys.ts'
import { sign } from '../../src/lianlian/signature.ts'
import type { RefundRequest } from '../../src/refund/request.ts'

export interface KeyPair {
  readonly native: { readonly privateKey: KeyObject; readonly publicKey: KeyObject }
  readonly privateKey: PrivateKey
  readonly publicKeys: readonly PublicKey[]
}

export function keyPair(modulusLength = 1024): KeyPair {
  const native = generateKeyPairSync('rsa', { modulusLength })
  return {
    native,
    privateKey: parsePrivateKey(native.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()),
    publicKeys: parsePublicKeys(native.publicKey.export({ type: 'spki', format: 'pem' }).toString()),
  }
}

export const REQUEST: RefundRequest = {
  oid_partner: '201103171000000000',
  no_refund: '2013051500001',
  fen: 20001,
  kind: 'domestic',
  dt_refund: '20130515094018',
  notify_url: 'http://127.0.0.1/notifications/refund',
  no_order: '2013051500009',
}

/** What the gateway echoes of {@link REQUEST}. */
export const ECHO = {
  oid_partner: REQUEST.oid_partner,
  no_refund: REQUEST.no_refund,
  money_refund: '200.01',
} as const

/** A whole 0000 answer to {@link REQUEST}. */
export const ACCEPTED = {
  ret_code: '0000',
  ret_msg: '交易成功',
  ...ECHO,
  dt_refund: REQUEST.dt_refund,
  oid_refundno: '2013051613121201',
  sta_refund: '1',
} as const

export function signedBody(fields: Readonly<Record<string, string>>, key: PrivateKey): string {
  const message = { ...fields, sign_type: 'RSA' }
  return JSON.stringify({ ...message, sign: sign(message, key) })
}
