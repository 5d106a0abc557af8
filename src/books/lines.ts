/** Lines that stand together in a file. */
export interface LineBatch {
  /** number of the first of them, from 1 */
  readonly first: number
  /** without their ends, each byte one character; undefined for a line of more than `LONGEST_LINE` bytes */
  readonly lines: readonly (string | undefined)[]
  /** of the file, up to here */
  readonly bytes: number
}

/** A file without line ends must not fill the memory. */
export const LONGEST_LINE = 65_536

const BOM = '\u00ef\u00bb\u00bf'

/**
 * Splits a report into lines: LF or CRLF, with or without a byte order mark, the last one with or without an end. Bytes
 * stay as they are: the documents name no encoding, all that is read of a line is ASCII, and no byte of a character in
 * GBK or UTF-8 looks like a line end.
 */
export async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<LineBatch> {
  let rest = ''
  let begun = false
  let tooLong = false
  let first = 1
  let bytes = 0
  for await (const chunk of chunks) {
    const text = rest + chunk.toString('latin1')
    bytes += chunk.length
    // a mark may come in pieces, as anything may
    if (!begun && text.length < BOM.length && BOM.startsWith(text)) {
      rest = text
      continue
    }
    const pieces = (!begun && text.startsWith(BOM) ? text.slice(BOM.length) : text).split('\n')
    begun = true
    rest = pieces.pop() ?? ''
    const lines = pieces.map((line, at) => (tooLong && at === 0 ? undefined : ended(line)))
    tooLong = (tooLong && pieces.length === 0) || rest.length > LONGEST_LINE
    if (tooLong) rest = ''
    yield { first, lines, bytes }
    first += lines.length
  }
  if (rest !== '' || tooLong) yield { first, lines: [tooLong ? undefined : ended(rest)], bytes }
}

function ended(line: string): string | undefined {
  if (line.length > LONGEST_LINE) return undefined
  return line.endsWith('\r') ? line.slice(0, -1) : line
}
