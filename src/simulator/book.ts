import { appendFileSync } from 'node:fs'

/** One movement of money. The same number twice is money paid twice. */
export interface BookEntry {
  readonly oid_partner: string
  readonly no_refund: string
  readonly fen: number
  /** epoch milliseconds */
  readonly at: number
  readonly oid_refundno: string
  readonly sta_refund: '2'
}

/** The append-only record of money that moved: the truth that checkers hold the workers against. */
export interface Book {
  readonly entries: readonly BookEntry[]
  add(entry: BookEntry): void
}

/** @param file when given, every entry is also appended to it as a JSON line before `add` returns */
export function openBook(file: string | undefined): Book {
  const entries: BookEntry[] = []
  return {
    entries,
    add(entry) {
      entries.push(Object.freeze(entry))
      if (file !== undefined) appendFileSync(file, `${JSON.stringify(entry)}\n`)
    },
  }
}
