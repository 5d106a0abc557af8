/** The gateway writes times as `yyyyMMddHHmmss` in UTC+8, without daylight saving. */

const OFFSET_MS = 8 * 3_600_000
const FORM = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})$/

/** Epoch milliseconds as the gateway's text, e.g. `20130515094018`. */
export function gatewayTime(epochMs: number): string {
  const iso = new Date(epochMs + OFFSET_MS).toISOString()
  return dayIn(iso) + iso.slice(11, 13) + iso.slice(14, 16) + iso.slice(17, 19)
}

/** Whether a moment can be written as a gateway time: a number of ms from 1970 up to the end of the year 9999. */
export function hasGatewayTime(epochMs: number): boolean {
  return epochMs >= 0 && epochMs < Date.UTC(10_000, 0) - OFFSET_MS
}

/** The day of a moment as the gateway counts days, `yyyyMMdd`. */
export function gatewayDay(epochMs: number): string {
  return dayIn(new Date(epochMs + OFFSET_MS).toISOString())
}

const dayIn = (iso: string) => iso.slice(0, 4) + iso.slice(5, 7) + iso.slice(8, 10)

/** Epoch milliseconds of a gateway time, or `undefined` when the text is not a real date and time (`20230230...`). */
export function epochOfGatewayTime(text: string): number | undefined {
  const match = FORM.exec(text)
  if (!match) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number)
  const epochMs = Date.UTC(year, month - 1, day, hour, minute, second) - OFFSET_MS
  return gatewayTime(epochMs) === text ? epochMs : undefined
}
