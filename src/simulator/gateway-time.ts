/** Times in messages: `yyyyMMddHHmmss` and `yyyyMMdd` in UTC+8, which has no daylight saving. */

const UTC_PLUS_8_MS = 8 * 3_600_000

/** Whether a text is a real date and time in the form `yyyyMMddHHmmss`, 24-hour clock. */
export function isGatewayTime(text: string): boolean {
  if (!/^[0-9]{14}$/.test(text)) return false
  const part = (from: number, to: number) => Number.parseInt(text.slice(from, to), 10)
  const at = new Date(0)
  at.setUTCFullYear(part(0, 4), part(4, 6) - 1, part(6, 8))
  at.setUTCHours(part(8, 10), part(10, 12), part(12, 14))
  // An impossible date or hour rolls over to another one, so that only a real one reads back as it was written.
  return digitsOf(at) === text
}

/** The day in UTC+8 as `yyyyMMdd`. @param at epoch milliseconds */
export function gatewayDay(at: number): string {
  return digitsOf(new Date(at + UTC_PLUS_8_MS)).slice(0, 8)
}

function digitsOf(date: Date): string {
  return date.toISOString().replace(/\D/g, '').slice(0, 14)
}
