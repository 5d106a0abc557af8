/** Money is an integer number of fen (1 yuan = 100 fen) everywhere inside; text in yuan only at the edges. */

const YUAN = /^(\d{1,12})(?:\.(\d{1,2}))?$/

/**
 * Reads an amount in yuan without floating point.
 *
 * @param text decimal yuan with at most two decimals, e.g. `200.01`, `0.1`, `5`
 * @returns fen, or `undefined` when the text is not such an amount (`1.`, `.5`, `-1`, `1e3`, `1.005`)
 */
export function fenFromYuan(text: string): number | undefined {
  const match = YUAN.exec(text)
  if (!match) return undefined
  const [, yuan = '', decimals = ''] = match
  return Number(yuan) * 100 + Number(decimals.padEnd(2, '0'))
}

/** Writes fen as yuan with exactly two decimals, as the gateway expects: `20001` becomes `200.01`. */
export function yuanFromFen(fen: number): string {
  const text = String(fen).padStart(3, '0')
  return `${text.slice(0, -2)}.${text.slice(-2)}`
}
