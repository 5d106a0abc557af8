/** Reads a text that must be one JSON object, or says why it is none, without a word of the text itself. */
export function jsonObject(source: string): { object: object } | string {
  let content: unknown
  try {
    content = JSON.parse(source)
  } catch (error) {
    // V8's message quotes the text around the fault, which may be a secret: only the place is told.
    const place = error instanceof Error ? /line \d+ column \d+/.exec(error.message)?.[0] : undefined
    return place === undefined ? 'is not valid JSON' : `is not valid JSON (${place})`
  }
  if (typeof content === 'object' && content !== null && !Array.isArray(content)) return { object: content }
  return `must hold one JSON object, got ${kindOf(content)}`
}

/** What kind of JSON value stands where another was expected. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
