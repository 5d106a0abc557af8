import { createPrivateKey } from 'node:crypto'

/** A secret, and every text by which it is found again. */
export interface Mark {
  /** what it is, for a failure's message: never the secret itself */
  readonly what: string
  readonly forms: readonly string[]
}

/** Longer than any hash or id would match by chance, shorter than what a line of a key file holds. */
const PIECE_BYTES = 24

/** A password, a path, a URL: as it is, and as it is written into URLs, JSON, headers and dumps. */
export function markOfText(what: string, text: string): Mark {
  const bytes = Buffer.from(text)
  const forms = [text, encodeURIComponent(text), JSON.stringify(text).slice(1, -1), ...formsOf(bytes)]
  return { what, forms: [...new Set(forms)] }
}

/** The parts of a private key that are private; its modulus and exponent are not. */
export function marksOfKey(what: string, pem: string): readonly Mark[] {
  const { d, p, q, dp, dq, qi } = createPrivateKey(pem).export({ format: 'jwk' })
  return Object.entries({ d, p, q, dp, dq, qi }).map(([part, text]) => {
    if (typeof text !== 'string') throw new TypeError(`an RSA key without ${part}`)
    const bytes = Buffer.from(text, 'base64url')
    const middle = bytes.length / 2
    const pieces = [bytes.subarray(0, PIECE_BYTES), bytes.subarray(middle, middle + PIECE_BYTES)]
    const decimal = BigInt(`0x${bytes.toString('hex')}`)
      .toString()
      .slice(0, 40)
    return { what: `${what}: ${part}`, forms: [decimal, ...pieces.flatMap(formsOf)] }
  })
}

/** Bytes as logs, dumps and encodings show them, wherever in a longer text they begin. */
function formsOf(bytes: Uint8Array): readonly string[] {
  const buffer = Buffer.from(bytes)
  const hex = buffer.toString('hex')
  const pairs = hex.match(/../g) ?? []
  const base64 = [0, 1, 2].map((before) => base64After(buffer, before))
  return [
    buffer.toString('latin1'),
    hex,
    hex.toUpperCase(),
    pairs.join(' '),
    pairs.join(':'),
    [...buffer].join(','),
    ...base64,
    ...base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
  ]
}

/** Base64 of the bytes where so many others stand before them, without the characters that these have a share in. */
function base64After(bytes: Buffer, before: number): string {
  const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64')
  const begin = Math.ceil((before * 8) / 6)
  return text.slice(begin, Math.floor(((before + bytes.length) * 8) / 6))
}
