import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { fieldNames, merchantSchema } from '../../config/merchants-schema.ts'
import { validator } from '../schemas/validator.ts'
import { merchantsDocument, standing } from './merchants-document.ts'

const page = readFileSync(new URL('../../docs/merchants.md', import.meta.url), 'utf8')

test('docs/schemas/merchants.schema.json is what the code says (node test/config/merchants-document.ts --write)', () => {
  expect(standing()).toEqual(JSON.parse(JSON.stringify(merchantsDocument)))
})

test('the example of docs/merchants.md is right for the schema, and a field of another name is not', () => {
  const [, example = ''] = /```json\n([\s\S]*?)```/.exec(page) ?? []
  const valid = validator(JSON.parse(JSON.stringify(merchantsDocument)))
  expect(valid(JSON.parse(example)), JSON.stringify(valid.errors)).toBe(true)
  expect(valid(JSON.parse(example.replace('notifyUrl', 'notify_url')))).toBe(false)
})

test('docs/merchants.md tells of every field', () => {
  const rows = page.split('\n').filter((line) => line.startsWith('| `'))
  for (const field of Object.keys(merchantSchema.shape)) {
    const row = rows.find((line) => (line.split('|')[1] ?? '').includes(`\`${field}\``))
    expect(row, field).toBeDefined()
    for (const inner of fieldNames[field] ?? []) expect(row).toMatch(new RegExp(`\\b${inner}\\b`))
  }
})
