import type { Fields } from './target.ts'

/** The fields of a message that a signature covers: all but `sign` and the empty ones. */
function covered(fields: Fields): Map<string, string> {
  return new Map(fields.filter(([name, value]) => name !== 'sign' && value !== ''))
}

/**
 * The message that a body says, where somebody signed exactly these fields with exactly these values. The same source
 * text is not enough: fields put together in another way have it as well.
 *
 * @returns undefined for a forgery
 */
export function vouchedMessage(body: Buffer, vouched: readonly Fields[]): ReadonlyMap<string, string> | undefined {
  const said = fieldsOf(body)
  if (said === undefined) return undefined
  const message = covered(said)
  // half a surrogate pair is signed as U+FFFD, which it becomes in UTF-8
  const signed = vouched.map((fields) => covered(fields.map(([name, value]) => [name, value.toWellFormed()])))
  return signed.some((fields) => same(fields, message)) ? message : undefined
}

function fieldsOf(body: Buffer): Fields | undefined {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body))
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const fields: [string, string][] = []
  for (const [name, each] of Object.entries(value)) {
    if (typeof each !== 'string') return undefined
    fields.push([name, each])
  }
  return fields
}

function same(one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): boolean {
  return one.size === other.size && [...one].every(([name, value]) => other.get(name) === value)
}
