import { expect, test } from 'vitest'
import { csvRow } from '../../src/cli/csv.ts'

test.for(['=', '+', '-', '@', '\t', '＝', '＋', '－', '＠'])(
  'a cell that begins with %j is a text to a spreadsheet',
  (sign) => {
    expect(csvRow([`${sign}1`, `1${sign}`])).toBe(`'${sign}1,1${sign}\r\n`)
  },
)
