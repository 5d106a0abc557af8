import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { logCalls } from './log-calls.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const page = readFileSync(`${root}docs/logs.md`, 'utf8')

const REFUND = ['oid_partner', 'no_refund']
/** What is spread into lines, by the text of the spread. A new one is to be written down here, and in the page. */
const SPREADS: Readonly<Record<string, readonly string[]>> = {
  '...id': REFUND,
  '...identity': REFUND,
  '...reading.id': REFUND,
  '...whose(data)': REFUND,
  '...whoseText(whose, data)': REFUND,
  '...about()': ['queue', 'job', ...REFUND],
  '...about': ['queue', 'job'],
}

const rowOf = (message: string, level: string, fields: readonly string[]) =>
  `${message} (${level}): ${fields.toSorted().join(', ')}`

test('the page names every message of the code, with its level and its fields, and no other', () => {
  const calls = logCalls(root).filter(({ file }) => file !== 'src/flows/decide.ts')
  const inCode = calls.map(({ file, level, message, fields }) => {
    expect(message, `a message that is made elsewhere, in ${file}`).toBeDefined()
    const names = fields.flatMap((field) => SPREADS[field] ?? field)
    return rowOf(message ?? '', level, names)
  })
  const rows = page.matchAll(/^\| `([^`]+)` \| (debug|info|warn|error|fatal) \| ([^|]*)\|/gm)
  const onPage = [...rows].map(([, message = '', level = '', fields = '']) => {
    return rowOf(
      message,
      level,
      [...fields.matchAll(/`(\w+)`/g)].map(([, name = '']) => name),
    )
  })
  expect(onPage.toSorted()).toEqual([...new Set(inCode)].toSorted())
})

test('the page names every field of a decision', () => {
  const section = page.slice(page.indexOf('## Decisions'), page.indexOf('## Everything else'))
  const onPage = [...section.matchAll(/^\| (`[^|]*) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name),
  )
  const code = readFileSync(`${root}src/flows/decide.ts`, 'utf8')
  const told = code.slice(code.indexOf('const fields = {'), code.indexOf('const changed ='))
  const inCode = [...told.matchAll(/(?:\{ |^ {4})(\w+)(?: \}|,$)/gm)].map(([, name]) => name)
  expect(inCode.length).toBeGreaterThan(6)
  expect(new Set(onPage)).toEqual(new Set(inCode))
})
