import { generateKeyPairSync, type KeyObject, type KeyPairKeyObjectResult, randomUUID, sign } from 'node:crypto'

export interface Certificate {
  /** PEM, signed by itself */
  readonly cert: string
  /** PEM */
  readonly key: string
}

export interface CertificateOptions {
  /** default: until 2099 */
  readonly expired?: boolean
  /** default: one of its own */
  readonly keys?: KeyPairKeyObjectResult
}

/** A self-signed certificate for one host, made here so that no test depends on an installed tool. */
export function certificateFor(
  host: { readonly dns: string } | { readonly ip: readonly number[] },
  { expired = false, keys = ecKeys() }: CertificateOptions = {},
): Certificate {
  const { privateKey, publicKey } = keys
  // OpenSSL looks issuers up by name, so no two certificates may share one.
  const name = sequence(set(sequence(oid(0x55, 0x04, 0x03), der(0x0c, Buffer.from(randomUUID())))))
  const algorithm = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02)) // ecdsa-with-SHA256
  const altName = 'dns' in host ? der(0x82, Buffer.from(host.dns)) : der(0x87, Buffer.from(host.ip))
  const extensions = sequence(
    sequence(oid(0x55, 0x1d, 0x11), octets(sequence(altName))),
    sequence(oid(0x55, 0x1d, 0x13), der(0x01, Buffer.from([0xff])), octets(sequence(der(0x01, Buffer.from([0xff]))))),
  )
  const tbs = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))), // version 3
    der(0x02, Buffer.from([1])), // serial number
    algorithm,
    name,
    sequence(time('20200101000000Z'), time(expired ? '20210101000000Z' : '20990101000000Z')),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, extensions),
  )
  const signature = der(0x03, Buffer.concat([Buffer.alloc(1), sign('sha256', tbs, privateKey)]))
  return { cert: pem('CERTIFICATE', sequence(tbs, algorithm, signature)), key: pkcs8(privateKey) }
}

export const ecKeys = (): KeyPairKeyObjectResult => generateKeyPairSync('ec', { namedCurve: 'P-256' })

function der(tag: number, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content)
  const { length } = body
  const size = length < 0x80 ? [length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), body])
}
const sequence = (...content: readonly Buffer[]): Buffer => der(0x30, ...content)
const set = (...content: readonly Buffer[]): Buffer => der(0x31, ...content)
const octets = (content: Buffer): Buffer => der(0x04, content)
const oid = (...bytes: readonly number[]): Buffer => der(0x06, Buffer.from(bytes))
const time = (text: string): Buffer => der(0x18, Buffer.from(text))

function pem(label: string, content: Buffer): string {
  return `-----BEGIN ${label}-----\n${content.toString('base64')}\n-----END ${label}-----\n`
}
function pkcs8(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString()
}
