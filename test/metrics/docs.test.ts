import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { metricsText } from '../../src/metrics/page.ts'
import { readExposition } from './exposition.ts'
import { busy, isListed, ROLES } from './overview.ts'

const docs = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8')
const rows = docs
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  )
const code = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)
const described = rows.filter(([name = '']) => name.startsWith('`refund_'))
const labelRows = rows.filter(([name = '']) => !name.startsWith('`refund_'))

const families = readExposition(await metricsText(busy, { roles: ROLES, isListed, clockDriftMs: 0 }))

test('docs/metrics.md names every metric with its type and labels, and none that is not there', () => {
  const documented = described.map(([name = '', type, labels = '']) => ({
    name: code(name)[0],
    type,
    labels: code(labels).toSorted(),
  }))
  const exported = families.map(({ name, type, samples }) => ({
    name,
    type,
    labels: [...new Set(samples.flatMap((sample) => Object.keys(sample.labels)))]
      .filter((label) => label !== 'le')
      .toSorted(),
  }))
  const byName = (a: { name: string | undefined }, b: { name: string | undefined }) =>
    (a.name ?? '').localeCompare(b.name ?? '')
  expect(documented.toSorted(byName)).toEqual(exported.toSorted(byName))
})

test('the unit of a metric is the one that its name ends with', () => {
  for (const [cell = '', , , unit = ''] of described) {
    const name = code(cell)[0] ?? ''
    expect(name.endsWith('_fen'), name).toBe(unit === 'fen')
    expect(/(?<!timestamp)_seconds$/.test(name), name).toBe(unit === 'seconds')
  }
})

test('every value of a label that the settings do not name is in docs/metrics.md', () => {
  const valuesOf = new Map(labelRows.map(([label = '', values = '']) => [code(label)[0] ?? '', code(values)]))
  const fromSettings = new Set(['oid_partner', 'queue', 'key'])
  for (const { name, samples } of families) {
    for (const [label, value] of samples.flatMap((sample) => Object.entries(sample.labels))) {
      if (label === 'le' || fromSettings.has(label)) continue
      const listed = label === 'ret_code' && isListed(value)
      expect(listed || valuesOf.get(label)?.includes(value), `${name} ${label}="${value}"`).toBe(true)
    }
  }
  const labels = new Set(families.flatMap(({ samples }) => samples.flatMap((sample) => Object.keys(sample.labels))))
  expect([...valuesOf.keys()].toSorted()).toEqual([...labels].filter((label) => label !== 'le').toSorted())
})

test('every name begins with refund_, and no two families share one', () => {
  const names = families.map(({ name }) => name)
  expect(names.filter((name) => !/^refund_[a-z_]+$/.test(name))).toEqual([])
  expect(new Set(names).size).toBe(names.length)
})
