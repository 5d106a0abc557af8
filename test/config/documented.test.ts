import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { schema, settingNames } from '../../config/schema.ts'

const page = readFileSync(new URL('../../docs/settings.md', import.meta.url), 'utf8')

test('docs/settings.md has one row for every setting, with its default and meaning', () => {
  const rows = page.split('\n').filter((line) => line.startsWith('| `'))
  const expected = settingNames.map((name) => `| \`${name}\` | ${schema[name].shownDefault} | ${schema[name].doc} |`)
  expect(rows.toSorted()).toEqual(expected.toSorted())
})

test('the page names the variables that are not settings of the table', () => {
  for (const variable of ['CONFIG_FILE', 'X_FILE', 'NODE_ENV']) expect(page).toContain(variable)
})
