import { Secret } from './secret.ts'

/**
 * How the raw text of one setting is read. convict coerces before it checks (`5s` becomes 5, `yes` becomes true), so
 * every format looks at the whole text itself.
 */
export interface Format<T> {
  /** completes the sentence "expected ..." */
  readonly expected: string
  /** the JSON type that `CONFIG_FILE` may use besides text */
  readonly json?: 'number' | 'boolean'
  /** `undefined` when the text is not of this form */
  readonly parse: (text: string) => T | undefined
}

/** Node's timers fire at once when they are set further ahead than this (2^31 - 1 ms, 24.8 days). */
const TIMER_MAX_MS = 2_147_483_647
/** A century: far more than any age in use, and small enough that a date never overflows. */
const AGE_MAX_MS = 3_153_600_000_000

function wholeNumber(what: string, min: number, max: number): Format<number> {
  return {
    expected: `a whole number${what}, ${max === Number.MAX_SAFE_INTEGER ? `${min} or more` : `${min} to ${max}`}`,
    json: 'number',
    parse: (text) => {
      if (!/^(?:0|[1-9][0-9]*)$/.test(text)) return undefined
      const value = Number(text)
      return value >= min && value <= max ? value : undefined
    },
  }
}

/** A time that a timer waits for. */
export const timerMs = wholeNumber(' of milliseconds', 1, TIMER_MAX_MS)
/** A time that is only compared or added to a date. */
export const ageMs = wholeNumber(' of milliseconds', 1, AGE_MAX_MS)
export const ageMsOrZero = wholeNumber(' of milliseconds', 0, AGE_MAX_MS)
export const days = wholeNumber(' of days', 1, 36_500)
export const count = wholeNumber('', 1, Number.MAX_SAFE_INTEGER)
export const countOrZero = wholeNumber('', 0, Number.MAX_SAFE_INTEGER)
/** 0 lets the system choose a port. */
export const port = wholeNumber('', 0, 65_535)

function decimal(min: number, max: number): Format<number> {
  return {
    expected: `a number, ${max === Number.POSITIVE_INFINITY ? `${min} or more` : `${min} to ${max}`}`,
    json: 'number',
    parse: (text) => {
      if (!/^[0-9]{1,15}(?:\.[0-9]{1,15})?$/.test(text)) return undefined
      const value = Number(text)
      return value >= min && value <= max ? value : undefined
    },
  }
}

export const ratio = decimal(0, 1)
export const factor = decimal(1, Number.POSITIVE_INFINITY)

export const boolean: Format<boolean> = {
  expected: 'true or false',
  json: 'boolean',
  parse: (text) => (text === 'true' || text === 'false' ? text === 'true' : undefined),
}

/** Yuan in the text, fen in the settings; never a JSON number, which is floating point. */
export const yuan: Format<number> = {
  expected: 'an amount in yuan as text, 0.01 or more, with at most two decimals',
  parse: (text) => {
    const [, whole, decimals = ''] = /^([0-9]{1,12})(?:\.([0-9]{1,2}))?$/.exec(text) ?? []
    if (whole === undefined) return undefined
    const fen = Number(whole) * 100 + Number(decimals.padEnd(2, '0'))
    return fen > 0 ? fen : undefined
  },
}

/** A comma list of at least one item; white space around an item is dropped, an empty item is wrong. */
export function list<T>(expected: string, item: (text: string) => T | undefined): Format<readonly [T, ...T[]]> {
  return {
    expected,
    parse: (text) => {
      const items: T[] = []
      for (const part of text.split(',')) {
        const value = item(part.trim())
        if (value === undefined) return undefined
        items.push(value)
      }
      const [first, ...others] = items
      return first === undefined ? undefined : [first, ...others]
    },
  }
}

export const delays = list('whole numbers of milliseconds, 1 or more, separated by commas', ageMs.parse)

export function choice<T extends string>(options: readonly T[]): Format<T> {
  return {
    expected: `one of ${options.join(', ')}`,
    parse: (text) => options.find((option) => option === text),
  }
}

export function pattern(expected: string, form: RegExp): Format<string> {
  return { expected, parse: (text) => (form.test(text) ? text : undefined) }
}

export const secretText: Format<Secret> = {
  expected: 'text',
  parse: (text) => new Secret(text),
}
