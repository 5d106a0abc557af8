/** A message of the gateway: own properties only, no prototype, every value text. */
export type FlatMessage = Readonly<Record<string, string>>

export type FlatMessageResult =
  | { readonly ok: true; readonly message: FlatMessage }
  | { readonly ok: false; readonly reason: string }

// The documents name about twenty fields; an answer with more than this is not one of theirs.
const MAX_KEYS = 64

const KEY = /^[a-z0-9_]+$/
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
  if (typeof pairs === 'string') return refused(pairs)
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

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function utf8(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}

const isSpace = (code: number) => code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d

type Pair = [key: string, value: string]

const NOT_JSON = 'not JSON'
/** How a JSON value begins that is none of the two that are read: an object of texts at the top, a text within. */
const OTHER_THAN_OBJECT = /^["[\d\-tfn]/
const OTHER_THAN_TEXT = /^[{[\d\-tfn]/

/**
 * One pass from left to right, which ends at the first fault: nobody makes us build what is not flat.
 *
 * @returns the pairs of `{ text : text , ... }` with escapes resolved, in order, repeated keys included; or the fault
 */
function scan(text: string): Pair[] | string {
  const pairs: Pair[] = []
  let at = 0

  function space(): void {
    while (isSpace(text.charCodeAt(at))) at += 1
  }
  function mark(char: string): boolean {
    space()
    if (text[at] !== char) return false
    at += 1
    return true
  }
  function jsonText(): string | undefined {
    space()
    TEXT.lastIndex = at
    if (!TEXT.test(text)) return undefined
    const raw = text.slice(at, TEXT.lastIndex)
    at = TEXT.lastIndex
    return raw.includes('\\') ? String(JSON.parse(raw)) : raw.slice(1, -1)
  }
  function end(): boolean {
    space()
    return at === text.length
  }
  const next = () => text.charAt(at)

  if (!mark('{')) return OTHER_THAN_OBJECT.test(next()) ? 'not a JSON object' : NOT_JSON
  if (mark('}')) return end() ? pairs : NOT_JSON
  do {
    if (pairs.length === MAX_KEYS) return `more than ${MAX_KEYS} keys`
    const key = jsonText()
    if (key === undefined || !mark(':')) return NOT_JSON
    const value = jsonText()
    if (value === undefined) return OTHER_THAN_TEXT.test(next()) ? 'a value that is not text' : NOT_JSON
    pairs.push([key, value])
  } while (mark(','))
  return mark('}') && end() ? pairs : NOT_JSON
}
