import { widthOf } from './text.ts'

export interface Column<T> {
  readonly title: string
  readonly text: (row: T) => string
  readonly right?: boolean
}

const GAP = '  '

/**
 * Aligns rows under their titles.
 *
 * @param widths of an earlier part of the same table, so that the columns stay where they are
 */
export function layOut<T>(columns: readonly Column<T>[], rows: readonly T[], widths: readonly number[] = []) {
  const cells = rows.map((row) => columns.map(({ text }) => text(row)))
  const wide = columns.map(({ title }, at) =>
    Math.max(widthOf(title), widths[at] ?? 0, ...cells.map((row) => widthOf(row[at] ?? ''))),
  )
  const line = (texts: readonly string[]) =>
    texts
      .map((text, at) => {
        const room = ' '.repeat(Math.max(0, (wide[at] ?? 0) - widthOf(text)))
        return columns[at]?.right === true ? room + text : text + room
      })
      .join(GAP)
      .trimEnd()
  return { head: line(columns.map(({ title }) => title)), lines: cells.map(line), widths: wide }
}
