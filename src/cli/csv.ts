/** What a spreadsheet would take for a formula, and run. */
const FORMULA = /^[=+\-@\t\r]/
const QUOTED = /[",\r\n]/

/** One row of RFC 4180. A cell that a spreadsheet would run gets an apostrophe before it, which makes it a text there. */
export function csvRow(cells: readonly (string | number | boolean | undefined)[]): string {
  return `${cells.map((cell) => csvCell(cell === undefined ? '' : String(cell))).join(',')}\r\n`
}

function csvCell(text: string): string {
  const safe = FORMULA.test(text) ? `'${text}` : text
  return QUOTED.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
