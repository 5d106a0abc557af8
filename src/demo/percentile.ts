/**
 * The value below or at which the given part of the values lies (nearest rank): always one of them.
 *
 * @param part 0 to 1
 * @returns `undefined` when there are no values
 */
export function percentile(values: readonly number[], part: number): number | undefined {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)]
}
