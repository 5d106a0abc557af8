import { refundJobSchema } from '../refund/job-data.ts'

/** The data of one refund as read, and where it stood; `fault` instead of it when it could not be read. */
export type RefundLine =
  | { readonly line: number; readonly data: unknown }
  | { readonly line: number; readonly fault: string }

export type LineFormat = 'ndjson' | 'csv'

/** NDJSON begins with a brace; whatever else does not. */
export function formatOf(text: string): LineFormat {
  return text.trimStart().startsWith('{') ? 'ndjson' : 'csv'
}

export function readLines(text: string, format: LineFormat): readonly RefundLine[] {
  const clean = text.startsWith('\ufeff') ? text.slice(1) : text
  return format === 'ndjson' ? readNdjson(clean) : readCsv(clean)
}

function readNdjson(text: string): readonly RefundLine[] {
  return text.split('\n').flatMap((content, at): RefundLine[] => {
    if (content.trim() === '') return []
    const line = at + 1
    try {
      const data: unknown = JSON.parse(content)
      return [{ line, data }]
    } catch {
      return [{ line, fault: 'not JSON' }]
    }
  })
}

const METADATA = 'metadata.'

/**
 * A first row of field names, then a refund a row; quotes as in RFC 4180. An empty cell is an absent field;
 * `metadata.x` is a field of `metadata`.
 */
function readCsv(text: string): readonly RefundLine[] {
  const [header, ...rows] = csvRows(text)
  if (header === undefined) return []
  const names = header.cells.map((name) => name.trim())
  const unknown = names.filter((name) => !(name in refundJobSchema.shape) && !/^metadata\../.test(name))
  const twice = names.filter((name, at) => names.indexOf(name) !== at)
  if (unknown.length > 0) return [{ line: header.line, fault: `unknown column: ${unknown.join(', ')}` }]
  if (twice.length > 0) return [{ line: header.line, fault: `column given twice: ${twice.join(', ')}` }]
  return rows.map(({ line, cells, open }) => {
    if (open) return { line, fault: 'a quote is misplaced or not closed; nothing after it was read' }
    if (cells.length !== names.length) return { line, fault: `${cells.length} cells under ${names.length} columns` }
    const given = names.flatMap((name, at): [string, string][] => {
      const cell = cells[at] ?? ''
      return cell === '' ? [] : [[name, cell]]
    })
    const metadata = given.flatMap(([name, cell]): [string, string][] =>
      name.startsWith(METADATA) ? [[name.slice(METADATA.length), cell]] : [],
    )
    const fields = given.filter(([name]) => !name.startsWith(METADATA))
    return {
      line,
      data: { ...Object.fromEntries(fields), ...(metadata.length > 0 && { metadata: Object.fromEntries(metadata) }) },
    }
  })
}

interface CsvRow {
  /** of its first character, from 1 */
  readonly line: number
  readonly cells: readonly string[]
  /** a quote stands where none may, or is not closed: nothing after it was read */
  readonly open: boolean
}

const CELL = /(?:"((?:[^"]|"")*)("?)|([^",\r\n]*))(,|\r?\n|$)/y

function csvRows(text: string): readonly CsvRow[] {
  const rows: CsvRow[] = []
  let line = 1
  let start = 1
  let cells: string[] = []
  CELL.lastIndex = 0
  while (CELL.lastIndex < text.length || cells.length > 0) {
    const match = CELL.exec(text)
    if (match === null) return [...rows, { line: start, cells, open: true }]
    const [whole, quoted, closing, plain = '', end] = match
    cells.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'))
    line += whole.split('\n').length - 1
    if (quoted !== undefined && closing === '') return [...rows, { line: start, cells, open: true }]
    if (end === ',') continue
    if (cells.length > 1 || cells[0] !== '') rows.push({ line: start, cells, open: false })
    cells = []
    start = line
  }
  return rows
}
