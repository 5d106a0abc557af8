import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { tail } from '../../src/demo/tail.ts'
import { cleanUp } from '../support/clean-up.ts'

test('lines come once, when they are whole, however they were written', () => {
  const folder = mkdtempSync(join(tmpdir(), 'refund-tail-'))
  cleanUp(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'log')
  writeFileSync(file, 'one\ntw')
  const log = tail(file)
  cleanUp(() => log.close())
  expect(log.next()).toEqual(['one'])
  expect(log.next()).toEqual([])
  appendFileSync(file, 'o\n\u4e09'.slice(0, 3))
  expect(log.next()).toEqual(['two'])
  const long = 'x'.repeat(600_000)
  appendFileSync(file, `\n${long}\n`)
  expect(log.next()).toEqual(['三', long])
})
