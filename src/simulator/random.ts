/** A number of milliseconds, or the lowest and the highest between which each is drawn. */
export type MsRange = number | readonly [number, number]

/**
 * A stream of numbers in [0, 1) that depends on nothing but its key, so that a draw is the same in whatever order
 * requests arrive. mulberry32 over a 32-bit FNV-1a hash.
 */
export function randomFor(...key: readonly (string | number)[]): () => number {
  let state = 0x81_1c_9d_c5
  for (const character of key.join('\u0000')) {
    state = Math.imul(state ^ (character.codePointAt(0) ?? 0), 0x01_00_01_93)
  }
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_00_00_00_00
  }
}

/** A whole number of milliseconds within the range. */
export function msWithin(range: MsRange, random: () => number): number {
  if (typeof range === 'number') return range
  const [lowest, highest] = range
  return Math.floor(lowest + random() * (highest - lowest + 1))
}

/** @throws Error for an empty list */
export function pick<T>(list: readonly T[], random: () => number): T {
  const chosen = list[Math.floor(random() * list.length)]
  if (chosen === undefined) throw new Error('nothing to pick from')
  return chosen
}
