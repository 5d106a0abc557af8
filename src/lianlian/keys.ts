import { createHash, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import NodeRSA from 'node-rsa'
import { derOfKeyText } from './key-text.ts'

/**
 * Keys are parsed once, at start, into these objects. The key itself lives in a closure, so that no logger,
 * `JSON.stringify` or `util.inspect` can print it; the fingerprint is what may be shown.
 */
export interface PrivateKey {
  /** the same for both halves of a pair: `sha256:` and 16 hexadecimal digits over the public half's SPKI DER */
  readonly fingerprint: string
  /** modulus length */
  readonly bits: number
  /**
   * RSASSA-PKCS1-v1_5 with MD5 over the UTF-8 bytes of the text. Not on the thread pool: that takes as long, and wakes a
   * thread and this one for every signature; see docs/performance.md.
   */
  readonly sign: (text: string) => Uint8Array
}

/** See {@link PrivateKey}. */
export interface PublicKey {
  readonly fingerprint: string
  readonly bits: number
  readonly verify: (text: string, signature: Uint8Array) => boolean
}

/** A key that cannot be used. The message says why and never holds key text. */
export class KeyError extends Error {
  override readonly name = 'KeyError'
}

/**
 * LianLian's key for the refund product, the same in all of its published samples from 2013 to 2023.
 * The merchant portal is the authority for the current one.
 */
export const LIANLIAN_PUBLIC_KEY =
  'MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCSS/DiwdCf/aZsxxcacDnooGph3d2JOj5GXWi+q3gznZauZjkNP8SKl3J2liP0O6rU' +
  '/Y/29+IUe+GTMhMOFJuZm1htAtKiu5ekW0GlBMWxf4FPkYlQkPE0FtaoMP3gYfh+OwI+fIRrpW3ySn3mScnc6Z700nU/VYrRkfcSCbSn' +
  'RwIDAQAB'

const PRIVATE_FORMATS = ['pkcs8-private-der', 'pkcs1-private-der'] as const
const PUBLIC_FORMATS = ['pkcs8-public-der', 'pkcs1-public-der'] as const

/** RSASSA-PKCS1-v1_5, the only one that the gateway knows. node-rsa reads the keys; it takes twice as long to verify. */
const ALGORITHM = 'RSA-MD5'

// LianLian names 1024, 2048 and 4096. Below 1024 a key can be factored; above 4096 every call would take long.
const MIN_BITS = 1024
const MAX_BITS = 4096

/**
 * @param text one RSA private key: PEM (PKCS#1 or PKCS#8) or bare base64 of the same DER
 * @throws KeyError
 */
export function parsePrivateKey(text: string): PrivateKey {
  const der = derOfKeyText(text)
  const rsa = der && importedAs(PRIVATE_FORMATS, der)
  if (!rsa) {
    if (text.includes('ENCRYPTED')) throw new KeyError('the private key is encrypted: give it without a passphrase')
    if (der && importedAs(PUBLIC_FORMATS, der)) throw new KeyError('a public key stands where a private key is due')
    throw new KeyError('not an RSA private key')
  }
  checkBits(rsa)
  checkPair(rsa)
  const key = createPrivateKey({ key: Buffer.from(rsa.exportKey('pkcs8-private-der')), format: 'der', type: 'pkcs8' })
  return {
    fingerprint: fingerprintOf(rsa),
    bits: rsa.getKeySize(),
    sign: (signed) => sign(ALGORITHM, Buffer.from(signed), key),
  }
}

/**
 * @param text one or more private keys separated by commas (the new and the old one while a key is being changed): the
 *   first signs
 * @returns in the order given
 * @throws KeyError
 */
export function parsePrivateKeys(text: string): readonly [PrivateKey, ...PrivateKey[]] {
  const [first, ...others] = partsOf(text)
  if (first === undefined) throw new KeyError('no RSA private key given')
  return [parsePrivateKey(first), ...others.map(parsePrivateKey)]
}

/**
 * @param text one or more RSA public keys separated by commas (the old and the new one while a key is being changed),
 *   each PEM (SPKI or PKCS#1) or bare base64 of the same DER
 * @returns at least one key, in the order given
 * @throws KeyError
 */
export function parsePublicKeys(text: string): readonly PublicKey[] {
  const parts = partsOf(text)
  if (parts.length === 0) throw new KeyError('no RSA public key given')
  return parts.map(parsePublicKey)
}

const partsOf = (text: string) => text.split(',').filter((part) => part.trim() !== '')

function parsePublicKey(text: string): PublicKey {
  const der = derOfKeyText(text)
  const rsa = der && importedAs(PUBLIC_FORMATS, der)
  if (!rsa) {
    const isPrivate = text.includes('PRIVATE KEY') || (der && importedAs(PRIVATE_FORMATS, der)) !== undefined
    if (isPrivate) throw new KeyError('a private key stands where a public key is due')
    throw new KeyError('not an RSA public key')
  }
  checkBits(rsa)
  const key = createPublicKey({ key: Buffer.from(rsa.exportKey('pkcs8-public-der')), format: 'der', type: 'spki' })
  return {
    fingerprint: fingerprintOf(rsa),
    bits: rsa.getKeySize(),
    verify: (signed, signature) => verify(ALGORITHM, Buffer.from(signed), key, signature),
  }
}

function importedAs(
  formats: readonly ((typeof PRIVATE_FORMATS)[number] | (typeof PUBLIC_FORMATS)[number])[],
  der: Uint8Array,
): NodeRSA | undefined {
  for (const format of formats) {
    try {
      return withMd5(new NodeRSA(der, format))
    } catch {
      // Not of this form. The library's message is dropped: it may quote what it read.
    }
  }
  return undefined
}

/**
 * node-rsa warns on the console whenever MD5 is chosen. The warning is right, and nothing can be done about it: the
 * gateway knows no other algorithm. Left alone it would stand on stderr once a key and once a start, so this one
 * line is dropped while the option is set, which is synchronous: nobody else's warning can be lost.
 */
function withMd5(rsa: NodeRSA): NodeRSA {
  const { warn } = console
  console.warn = (...line: unknown[]) => {
    if (!String(line[0]).startsWith('node-rsa: md5 ')) warn.apply(console, line)
  }
  try {
    return rsa.setOptions({ signingScheme: 'pkcs1-md5' })
  } finally {
    console.warn = warn
  }
}

function checkBits(rsa: NodeRSA): void {
  const bits = rsa.getKeySize()
  if (bits < MIN_BITS || bits > MAX_BITS) {
    throw new KeyError(`an RSA key of ${bits} bits; ${MIN_BITS} to ${MAX_BITS} are allowed`)
  }
}

/** A key that OpenSSL will not sign with (or a Node.js without MD5) must stop the start, not the first refund. */
function checkPair(rsa: NodeRSA): void {
  const probe = Buffer.from('probe')
  let fits: boolean
  try {
    fits = rsa.verify(probe, rsa.sign(probe))
  } catch {
    fits = false
  }
  if (!fits) throw new KeyError('the RSA private key cannot sign: it is damaged, or this Node.js has no MD5')
}

function fingerprintOf(rsa: NodeRSA): string {
  const spki = rsa.exportKey('pkcs8-public-der')
  return `sha256:${createHash('sha256').update(spki).digest('hex').slice(0, 16)}`
}
