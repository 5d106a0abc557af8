import { type Result, verdict } from './results.ts'

const HEAD = ['part', 'median', 'quartiles', 'unit', 'must', 'aim', 'rounds', 'reached', 'of']

function cells(result: Result): string[] {
  const { name, ratio, spread, unit, must, aim, better, rounds, detail } = result
  const sign = better === 'less' ? '≤ ' : '≥ '
  const bound = (value: number | null) => (value === null ? '' : sign + shown(value))
  const spreadShown = spread.map(shown).join(' – ')
  return [name, shown(ratio), spreadShown, unit, bound(must), bound(aim), String(rounds), verdict(result), detail]
}

const shown = (value: number) =>
  value.toLocaleString('en-US', { maximumFractionDigits: Math.abs(value) >= 100 ? 0 : 3 })

/** For a terminal. */
export function textTable(results: readonly Result[]): string {
  const rows = [HEAD, ...results.map(cells)]
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)))
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** For `docs/performance.md`. */
export function markdownTable(results: readonly Result[]): string {
  const rows = [HEAD, HEAD.map(() => '---'), ...results.map(cells)]
  return rows.map((row) => `| ${row.join(' | ')} |`).join('\n')
}
