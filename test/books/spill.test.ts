import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { openSpill } from '../../src/books/spill.ts'
import { cleanUp } from '../support/clean-up.ts'

function folder(): string {
  const made = mkdtempSync(path.join(tmpdir(), 'refund-spill-'))
  cleanUp(() => rmSync(made, { recursive: true }))
  return made
}

/** Puts rows aside, of which the disk takes the first 4 KiB, and tells how many come back. */
const PROGRAM = `
  import { openSpill } from '${new URL('../../src/books/spill.ts', import.meta.url).href}'
  const spill = openSpill(process.argv[1], 1)
  for (let at = 0; at < 200; at++) spill.add('key', ['our', at, 'x'.repeat(40)])
  try {
    console.log(spill.read(0).length)
  } catch (error) {
    console.log(error.code)
  }
`

test('a disk that is full before all is put aside is an error: no row is lost in silence', () => {
  const limited = `trap '' XFSZ; ulimit -f 8; exec "$0" --input-type=module -e "$1" "$2"`
  const said = execFileSync('sh', ['-c', limited, process.execPath, PROGRAM, folder()], { encoding: 'utf8' })
  expect(said.trim()).toBe('EFBIG')
})

test('rows that do not come back are an error', () => {
  const own = folder()
  const spill = openSpill(own, 1)
  cleanUp(() => spill.remove())
  for (let at = 0; at < 1_000; at++) spill.add('key', ['our', at, 'x'.repeat(40)])
  const [inside = ''] = readdirSync(own)
  truncateSync(path.join(own, inside, '0'), 100)
  expect(() => spill.read(0)).toThrow('1000 rows were put aside')
})
