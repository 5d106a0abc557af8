/** Amounts at the gateway: decimal yuan in messages, integers of fen inside. */

/** The refund page's bounds: 0.01 to 100,000,000.00 yuan. */
const LEAST = 1
const MOST = 10_000_000_000

/**
 * Reads `money_refund`. Two decimals are expected, fewer were taken by the real gateway (`0.1`, seen in its log).
 *
 * @returns fen, or `undefined` for another form, more than 12 characters, or an amount out of bounds
 */
export function readMoneyRefund(text: string): number | undefined {
  if (text.length > 12 || !/^[0-9]+(\.[0-9]{1,2})?$/.test(text)) return undefined
  const point = text.indexOf('.')
  const digits = point < 0 ? `${text}00` : text.slice(0, point) + text.slice(point + 1).padEnd(2, '0')
  const fen = Number.parseInt(digits, 10)
  return fen >= LEAST && fen <= MOST ? fen : undefined
}

/** Hundredths as decimal text with two decimals: `3003` becomes `30.03`. */
export function decimalText(hundredths: number): string {
  const rest = hundredths % 100
  return `${(hundredths - rest) / 100}.${rest < 10 ? '0' : ''}${rest}`
}

/** Yuan per unit of the foreign currency, times 100. The sample's rate: 200.01 yuan / 6.66 = 30.03. */
const RATE = 666

/** What an exchange refund's answers and notifications add, computed in integers and rounded half up. */
export function exchangeFields(fen: number): Record<string, string> {
  const foreign = Math.floor((fen * 200 + RATE) / (2 * RATE))
  return {
    money_foreign_refund: decimalText(foreign),
    rate_id: '1',
    rate: decimalText(RATE),
    exchange_bankcode: '01040000',
  }
}
