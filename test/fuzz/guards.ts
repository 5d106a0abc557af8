/** What must hold after every input, whichever reader took it. */

const GUARDED = [Object.prototype, Array.prototype, Function.prototype, String.prototype, Number.prototype] as const
const before = GUARDED.map((prototype) => Reflect.ownKeys(prototype).length)

/** @returns what an input left on a prototype that every object inherits from */
export function pollution(): string | undefined {
  const at = GUARDED.findIndex((guarded, index) => Reflect.ownKeys(guarded).length !== before[index])
  const prototype = GUARDED[at]
  if (prototype === undefined) return undefined
  const names = Reflect.ownKeys(prototype).slice(before[at]).map(String)
  for (const name of names) Reflect.deleteProperty(prototype, name)
  return `a prototype was changed: ${names.join(', ').slice(0, 100)}`
}

const LEAST_WORDS = /[A-Za-z]{2,}/
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are looked for
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/

/**
 * A clear refusal is one line of printable text in words, of bounded length, which names its subject where it must, and
 * holds no secret.
 *
 * @returns what is unclear about it
 */
export function unclear(
  text: string,
  { longest, subject, secrets }: { longest: number; subject?: RegExp; secrets?: Secrets },
): string | undefined {
  const shown = JSON.stringify(text.slice(0, 200))
  if (text.length > longest) return `a refusal of ${text.length} characters: ${shown}`
  if (!LEAST_WORDS.test(text)) return `a refusal without words: ${shown}`
  if (UNPRINTABLE.test(text)) return `a refusal that is not one line of printable text: ${shown}`
  if (!text.isWellFormed()) return `a refusal with half a surrogate pair: ${shown}`
  if (subject && !subject.test(text)) return `a refusal that does not name what it is about: ${shown}`
  return secrets?.in(text) === true ? 'a refusal with a secret in it' : undefined
}

const WINDOW = 12

/** Texts that nobody may be shown, not even a part of one. */
export class Secrets {
  readonly #parts: ReadonlySet<string>

  constructor(texts: readonly string[]) {
    this.#parts = new Set(texts.flatMap(windows))
  }

  in(text: string): boolean {
    return windows(text).some((part) => this.#parts.has(part))
  }
}

function windows(text: string): string[] {
  return Array.from({ length: Math.max(0, text.length - WINDOW + 1) }, (_, at) => text.slice(at, at + WINDOW))
}

/** Fen: a whole number, not negative, and exact. */
export function notMoney(fen: unknown): string | undefined {
  return Number.isSafeInteger(fen) && Number(fen) >= 0 && !Object.is(fen, -0)
    ? undefined
    : `money that is none: ${String(fen)}`
}

/** An amount in yuan as fen, read apart from the product; undefined for what is no plain decimal of two places. */
export function fenOf(yuan: string): bigint | undefined {
  const [whole = '', part = '', ...more] = yuan.split('.')
  const digits = (text: string): boolean => text !== '' && [...text].every((char) => char >= '0' && char <= '9')
  if (more.length > 0 || !digits(whole) || part.length > 2) return undefined
  if (yuan.includes('.') && !digits(part)) return undefined
  return BigInt(whole) * 100n + BigInt(part.padEnd(2, '0'))
}
