/** A message of the gateway: own properties only, no prototype, every value text. */
export type FlatMessage = Readonly<Record<string, string>>

export type FlatMessageResult =
  | { readonly ok: true; readonly message: FlatMessage }
  | { readonly ok: false; readonly reason: string }

// The documents name about twenty fields; an answer with more than this is not one of theirs.
const MAX_KEYS = 64

const KEY = /^[a-z0-9_]+$/
const SPACE = /[ \t\n\r]*/y
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON texts may not hold exactly these unescaped
const TEXT = /"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\u0000-\u001f]*)*"/y

/**
 * Reads an answer or a notification: one flat JSON object of texts.
 *
 * JSON.parse alone would not do: it takes the last of two equal keys without a word, so that what was verified and
 * what another reader believes could differ. Whatever is not exactly a flat map of texts is refused; the refund is
 * then settled by a query.
 *
 * @param input UTF-8 bytes or text, without a byte order mark (the gateway sends none)
 */
export function parseFlatMessage(input: string | Uint8Array): FlatMessageResult {
  const text = typeof input === 'string' ? input : utf8(input)
  if (text === undefined) return refused('not UTF-8')
  const pairs = scan(text)
  if (!pairs) return refused(whyNotFlat(text))
  if (pairs.length > MAX_KEYS) return refused(`more than ${MAX_KEYS} keys`)
  const message: Record<string, string> = {}
  // So that `__proto__` is a key like any other, and no inherited name looks like a field.
  Object.setPrototypeOf(message, null)
  for (const [key, value] of pairs) {
    if (!KEY.test(key)) return refused('a key outside a-z 0-9 _')
    if (key in message) return refused('a repeated key')
    if (!value.isWellFormed()) return refused('a value with half a surrogate pair')
    message[key] = value
  }
  return { ok: true, message }
}

function refused(reason: string): FlatMessageResult {
  return { ok: false, reason }
}

function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** @returns the pairs of `{ text : text , ... }` with escapes resolved, in order, repeated keys included */
function scan(text: string): [key: string, value: string][] | undefined {
  const pairs: [string, string][] = []
  let at = 0

  function token(pattern: RegExp): string | undefined {
    pattern.lastIndex = at
    const found = pattern.exec(text)?.[0]
    at += found?.length ?? 0
    return found
  }
  function mark(char: string): boolean {
    token(SPACE)
    if (text[at] !== char) return false
    at += 1
    return true
  }
  function jsonText(): string | undefined {
    token(SPACE)
    const raw = token(TEXT)
    return raw === undefined ? undefined : String(JSON.parse(raw))
  }
  function end(): boolean {
    token(SPACE)
    return at === text.length
  }

  if (!mark('{')) return undefined
  if (mark('}')) return end() ? pairs : undefined
  do {
    const key = jsonText()
    if (key === undefined || !mark(':')) return undefined
    const value = jsonText()
    if (value === undefined) return undefined
    pairs.push([key, value])
  } while (mark(','))
  return mark('}') && end() ? pairs : undefined
}

/** For people only: the scanner has refused the text already. */
function whyNotFlat(text: string): string {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return 'not JSON'
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'not a JSON object'
  return 'a value that is not text'
}
