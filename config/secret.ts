import { inspect } from 'node:util'

/**
 * A text that must never be printed: JSON, string conversion and `console.log` show `shown` (default `***`) instead.
 * Only `reveal()` gives it away, so a search for that word finds every place where a secret is used.
 */
export class Secret {
  readonly #text: string
  readonly #shown: string

  constructor(text: string, shown = '***') {
    this.#text = text
    this.#shown = shown
  }

  reveal(): string {
    return this.#text
  }

  toString(): string {
    return this.#shown
  }

  toJSON(): string {
    return this.#shown
  }

  [inspect.custom](): string {
    return this.#shown
  }
}
