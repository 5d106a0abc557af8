/** Control characters, and what a terminal turns round, hides or breaks a line at. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/**
 * A text as somebody gave it, for a line on a terminal: quoted, nothing in it that is not seen, and not longer than so
 * many characters.
 */
export function shown(text: string, longest: number): string {
  const open = withoutKeys(text)
  const short = open.length > longest ? `${open.slice(0, longest)}...` : open
  return JSON.stringify(short).replaceAll(UNSEEN, escaped)
}

/** So long a run may be a part of a private key that was put into the wrong place. */
function withoutKeys(text: string): string {
  return text.replaceAll(/[A-Za-z0-9+/_-]{40,}/g, '***')
}

/** A name that stands in the place of one of ours: as it is where it could be one. */
export function shownName(name: string, longest: number): string {
  const short = withoutKeys(name).slice(0, longest)
  return /^\w+$/.test(short) ? short : shown(short, longest)
}

function escaped(char: string): string {
  const units = Array.from({ length: char.length }, (_, at) => char.charCodeAt(at))
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('')
}
