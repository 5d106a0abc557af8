import { epochOfGatewayTime } from '../refund/gateway-time.ts'
import { msOfDuration } from './duration.ts'

const ISO = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/

/**
 * Reads a moment as a person writes it.
 *
 * @param text ISO 8601 (`2026-11-22T08:00:00Z`; without a zone: local time), the gateway's `yyyyMMddHHmmss` (UTC+8),
 * `now`, or how long ago, such as `2h`
 * @param now epoch ms
 * @returns epoch ms
 */
export function epochOfMoment(text: string, now: number): number | undefined {
  if (text === 'now') return now
  const ago = msOfDuration(text)
  if (ago !== undefined) return now - ago
  if (/^\d{14}$/.test(text)) return epochOfGatewayTime(text)
  if (!ISO.test(text)) return undefined
  // a date alone would be read as UTC, and one with a time as local
  const epoch = new Date(text.length === 10 ? `${text}T00:00:00` : text).getTime()
  return Number.isNaN(epoch) || !isDay(text.slice(0, 10)) ? undefined : epoch
}

/** There is no February 30; a Date would take it for March 2. */
function isDay(text: string): boolean {
  return new Date(`${text}T00:00:00Z`).toISOString().startsWith(text)
}

/** `2026-11-22 08:00:00.123`, in the machine's own time, or in UTC. */
export function shownMoment(
  epochMs: number,
  { utc = false, ms = false }: { utc?: boolean; ms?: boolean } = {},
): string {
  const offsetMs = utc ? 0 : new Date(epochMs).getTimezoneOffset() * 60_000
  const text = new Date(epochMs - offsetMs).toISOString().replace('T', ' ')
  return text.slice(0, ms ? 23 : 19)
}

/** The zone that `shownMoment` tells times in, e.g. `UTC`, `UTC+08:00`. */
export function shownZone(epochMs: number, utc: boolean): string {
  const minutes = utc ? 0 : -new Date(epochMs).getTimezoneOffset()
  if (minutes === 0) return 'UTC'
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60]
  return `UTC${minutes < 0 ? '-' : '+'}${String(hours).padStart(2, '0')}:${String(rest).padStart(2, '0')}`
}
