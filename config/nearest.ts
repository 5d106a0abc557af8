/** The candidate that takes the fewest typing errors to become `word`, unless it takes more than a third of it. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined
  let fewest = Math.ceil(word.length / 3) + 1
  for (const candidate of candidates) {
    const edits = distance(word.toUpperCase(), candidate.toUpperCase())
    if (edits < fewest) [best, fewest] = [candidate, edits]
  }
  return best
}

/** Levenshtein distance: letters to insert, drop or replace. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (const [index, letter] of [...from].entries()) {
    let left = index + 1
    const next = [left]
    for (const [column, other] of [...to].entries()) {
      const replaced = (row[column] ?? 0) + (letter === other ? 0 : 1)
      left = Math.min(left + 1, (row[column + 1] ?? 0) + 1, replaced)
      next.push(left)
    }
    row = next
  }
  return row.at(-1) ?? 0
}
