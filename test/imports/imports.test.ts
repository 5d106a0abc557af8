import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { cleanUp } from '../support/clean-up.ts'
import { circleFaults, ruleFaults } from './faults.ts'
import { readImports } from './graph.ts'
import { mayImport } from './rules.ts'

async function faultsOf(files: Readonly<Record<string, string>>): Promise<string[]> {
  const root = await mkdtemp(join(tmpdir(), 'imports-'))
  cleanUp(async () => rm(root, { recursive: true, force: true }))
  for (const [name, source] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true })
    await writeFile(join(root, name), source)
  }
  const { graph, faults } = readImports(root)
  return [...faults, ...ruleFaults(graph, mayImport), ...circleFaults(graph)]
}

const money = { 'src/refund/money.ts': 'export type Fen = number\nexport const fen = 1\n' }
const records = { 'src/ledger/records.ts': 'export type Row = string\nexport const row = 1\n' }

test('imports inward, and of packages, are allowed', async () => {
  const files = {
    ...money,
    'src/ledger/records.ts': "import { fen } from '../refund/money.ts'\nimport { Redis } from 'ioredis'\n",
    'workers/submit.ts': "import '../src/ledger/records.ts'\nimport 'node:fs'\n",
  }
  expect(await faultsOf(files)).toEqual([])
})

test.for([
  ['a value', "import { row } from '../ledger/records.ts'"],
  ['a type', "import type { Row } from '../ledger/records.ts'"],
  ['a re-export', "export * from '../ledger/records.ts'"],
  ['a named re-export', "export { row } from '../ledger/records.ts'"],
  ['a dynamic import', "await import('../ledger/records.ts')"],
  ['a type written in place', "export type Here = import('../ledger/records.ts').Row"],
])('one edge may not import another: %s', async ([, source = '']) => {
  expect(await faultsOf({ ...records, 'src/queue/processors.ts': source })).toEqual([
    'src/queue/processors.ts: src/queue may not import src/ledger/records.ts',
  ])
})

test('the pure core imports nothing of ours', async () => {
  const files = { ...records, 'src/refund/rules/job.ts': "import '../../ledger/records.ts'\n" }
  expect(await faultsOf(files)).toEqual(['src/refund/rules/job.ts: src/refund may not import src/ledger/records.ts'])
})

test('production code may not import tests', async () => {
  const files = { 'test/support/x.ts': '', 'src/demo/main.ts': "import '../../test/support/x.ts'\n" }
  expect(await faultsOf(files)).toEqual(['src/demo/main.ts: src/demo may not import test/support/x.ts'])
})

test('the demo runs the workers as programs, it does not import them', async () => {
  const files = {
    'workers/submit.ts': '',
    'src/demo/main.ts': "import '../../workers/submit.ts'\n",
  }
  expect(await faultsOf(files)).toEqual(['src/demo/main.ts: src/demo may not import workers/submit.ts'])
})

test('a new folder needs a rule', async () => {
  expect(await faultsOf({ 'src/novel/thing.ts': '' })).toEqual([
    'src/novel/thing.ts: its folder has no line in test/imports/rules.ts',
  ])
})

test('an import circle is found, of types too', async () => {
  const files = {
    'src/refund/a.ts': "import { b } from './b.ts'\n",
    'src/refund/b.ts': "export { c as b } from './c.ts'\n",
    'src/refund/c.ts': "import type { A } from './a.ts'\n",
  }
  expect(await faultsOf(files)).toEqual([
    'import circle: src/refund/a.ts -> src/refund/b.ts -> src/refund/c.ts -> src/refund/a.ts',
  ])
})

test('an import that cannot be followed is a fault', async () => {
  const files = { 'src/refund/a.ts': "import './gone.ts'\nawait import(process.argv[2])\n" }
  expect(await faultsOf(files)).toEqual([
    'src/refund/a.ts: an import() whose target is computed cannot be checked',
    'src/refund/a.ts: src/refund/gone.ts is no file of ours',
  ])
})
