const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const
type Unit = keyof typeof UNITS

const PARTS = /(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d|w)/gy
const SHOWN: readonly Unit[] = ['d', 'h', 'm', 's']

/**
 * Reads a length of time such as `90s`, `2h`, `1d12h`.
 *
 * @returns ms, or `undefined` when the text is none; a bare number is none, since nobody knows of what
 */
export function msOfDuration(text: string): number | undefined {
  let ms = 0
  let read = 0
  for (const [part, number, unit] of text.matchAll(PARTS)) {
    ms += Math.round(Number(number) * UNITS[unitOf(unit)])
    read += part.length
  }
  return read > 0 && read === text.length ? ms : undefined
}

/** A length of time in its two largest units, `1d4h`, `12m`, `0s`: enough to see how old something is. */
export function shownDuration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000))
  const parts: string[] = []
  let left = seconds * 1_000
  for (const unit of SHOWN) {
    const count = Math.floor(left / UNITS[unit])
    left -= count * UNITS[unit]
    if (count > 0) parts.push(`${count}${unit}`)
    else if (parts.length > 0) break
    if (parts.length === 2) break
  }
  return parts.length === 0 ? '0s' : parts.join('')
}

function unitOf(text: string | undefined): Unit {
  const unit = Object.keys(UNITS).find((known): known is Unit => known === text)
  if (unit === undefined) throw new TypeError(`${text} is no unit of time`)
  return unit
}
