const MASK = '***'

/** Names of fields whose values are nobody's to read, in every spelling. */
const SECRET_NAME =
  /^(?:sign|auth|pass|cvv2?|card_?no|acct_?no|id_?no)$|signature|authori[sz]ation|cookie|passw(?:or)?d|passphrase|pwd|secret|token|credential|(?:api|private|access)[_-]?key/i

/** What a secret looks like inside a text: a key file, a run of base64 as long as a signature, a URL's password. */
const SECRET_TEXTS: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]+-----[^-]*(?:-----END [A-Z ]+-----)?/g, MASK],
  [/\bBearer\s+\S+/gi, `Bearer ${MASK}`],
  [/[A-Za-z0-9+/_-]{100,}={0,2}/g, MASK],
  // the shortest beginning will do: looking for the longest takes the square of a long text
  [/([a-z0-9+.-]:\/\/)[^\s/@]*@/gi, `$1${MASK}@`],
  [
    /((?:sign(?:ature)?|password|passwd|pwd|secret|token|authorization|(?:api|private|access)_?key)\\?["']?(?:=|\s*:\s*\\?["']))[^\s&"'\\,;]+/gi,
    `$1${MASK}`,
  ],
]

/** A copy for other people's eyes: the same shape, without secrets, however deep and in texts too. */
export function masked(value: unknown): unknown {
  if (typeof value === 'string') return maskedText(value)
  if (Array.isArray(value)) return value.map(masked)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, SECRET_NAME.test(name) ? MASK : masked(inner)]),
  )
}

function maskedText(text: string): string {
  return SECRET_TEXTS.reduce((rest, [pattern, mask]) => rest.replace(pattern, mask), text)
}
