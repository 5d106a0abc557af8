/**
 * The text that a signature covers.
 *
 * Every top-level key except exactly `sign`, without those whose value is empty, sorted, joined as `key=value` with
 * `&`; nothing is escaped, trimmed or normalised. `sign_type` stays in, and so do fields nobody has documented.
 *
 * @param params a decoded flat message; `null` and `undefined` count as empty
 * @returns the source; its UTF-8 bytes are what is signed
 * @throws TypeError when a value is neither text nor empty: how the gateway would write it is not defined
 */
export function source(params: Readonly<Record<string, string | null | undefined>>): string {
  const pairs: string[] = []
  // toSorted() without a comparator compares UTF-16 code units. A locale compare would put `_` and digits elsewhere.
  for (const key of Object.keys(params).toSorted()) {
    const value = params[key]
    if (key === 'sign' || value === '' || value === null || value === undefined) continue
    if (typeof value !== 'string') throw new TypeError(`${key} must be text to be signed`)
    pairs.push(`${key}=${value}`)
  }
  return pairs.join('&')
}
