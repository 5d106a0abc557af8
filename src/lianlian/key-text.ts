/** The outer shape of a key: PEM armour or bare base64. What the bytes mean is found out in `keys.ts`. */

const PEM = /^-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\s]+)-----END \1-----$/
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/**
 * Takes the DER bytes out of a key's text.
 *
 * @param text PEM or bare base64, lines of any width, LF or CRLF, with or without a final line feed; a literal `\n`
 *   (how many tools put a PEM into an environment variable) counts as a line feed
 * @returns the DER, or `undefined` when the text is neither
 */
export function derOfKeyText(text: string): Uint8Array | undefined {
  const trimmed = text.replaceAll(/\\r|\\n/g, '\n').trim()
  const body = trimmed.startsWith('-----') ? PEM.exec(trimmed)?.[2] : trimmed
  const base64 = body?.replaceAll(/\s/g, '') ?? ''
  return base64 !== '' && BASE64.test(base64) ? Buffer.from(base64, 'base64') : undefined
}
