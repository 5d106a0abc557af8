import type { Format } from './formats.ts'

/** What a default may depend on. */
export interface Given {
  readonly nodeEnv: string | undefined
  /** whether any source gives the setting */
  readonly has: (name: string) => boolean
}

/** One line of the settings table; `T` is the type of its value, with `undefined` where it may be absent. */
export interface Setting<T> {
  /** its meaning, in Markdown */
  readonly doc: string
  readonly format: Format<NonNullable<T>>
  /** the default as raw text, `undefined` for none */
  readonly default: (given: Given) => string | undefined
  /** the default as people read it, in Markdown; `-` for none */
  readonly shownDefault: string
  /** never printed, not even when it is wrong */
  readonly sensitive: boolean
  /** Reads a text that was found to be right before; `undefined` stands for an absent one. */
  readonly read: (text: string | undefined) => T
}

interface Details {
  readonly sensitive?: boolean
  readonly shown?: string
}

/** A setting without default. */
export function optional<T extends object | string | number | boolean>(
  format: Format<T>,
  doc: string,
  { sensitive = false, shown = '-' }: Details = {},
): Setting<T | undefined> {
  return {
    doc,
    format,
    default: () => undefined,
    shownDefault: shown,
    sensitive,
    read: (text) => (text === undefined ? undefined : checked(format, text)),
  }
}

/** A setting that always has a value. */
export function defaulted<T extends object | string | number | boolean>(
  format: Format<T>,
  text: string,
  doc: string,
  { shown = `\`${text}\`` }: Details = {},
): Setting<T> {
  return derived(format, () => text, shown, doc)
}

/** A setting whose default follows from others. */
export function derived<T extends object | string | number | boolean>(
  format: Format<T>,
  text: (given: Given) => string,
  shown: string,
  doc: string,
): Setting<T> {
  return {
    doc,
    format,
    default: text,
    shownDefault: shown,
    sensitive: false,
    read: (given) => checked(format, given),
  }
}

function checked<T>(format: Format<T>, text: string | undefined): T {
  const value = text === undefined ? undefined : format.parse(text)
  if (value === undefined) throw new Error(`a setting was read before it was checked: expected ${format.expected}`)
  return value
}
