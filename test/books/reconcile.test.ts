import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Known, OurRefund } from '../../src/books/compare.ts'
import type { Difference } from '../../src/books/difference.ts'
import { type OurBooks, type ReportFile, reconcile } from '../../src/books/reconcile.ts'
import { cleanUp } from '../support/clean-up.ts'

const PARTNER = '201403251000001147'
const DAY = '20140528'
const NOON = Date.UTC(2014, 4, 28, 4)

const lineOf = (no_refund: string, yuan = '1.00', day = DAY) =>
  `${no_refund},${PARTNER},${day} 12:00:00,101001,O-${no_refund},${day},-${yuan},1,5,${day} 12:00:00,0,a,b,c`

function reportOf(lines: readonly string[], period = DAY): ReportFile {
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''))
  return {
    oid_partner: PARTNER,
    period,
    file: `JYMX_${PARTNER}_${period}.txt`,
    size: bytes.length,
    chunks: async function* () {
      yield await Promise.resolve(bytes)
    },
  }
}

interface Ours {
  readonly settled?: readonly (Partial<OurRefund> & { readonly no_refund: string })[]
  readonly others?: Readonly<Record<string, Known>>
}

function booksOf({ settled = [], others = {} }: Ours): OurBooks {
  const refunds = settled.map((each) => ({ oid_partner: PARTNER, fen: 100, settled_at: NOON, ...each }))
  return {
    countSettledSince: async () => Promise.resolve(refunds.length),
    settledIn: async function* () {
      yield await Promise.resolve({ looked: refunds.length, refunds })
    },
    lookUp: async (ids) => Promise.resolve(ids.map(({ no_refund }) => others[no_refund])),
  }
}

async function compared(files: readonly ReportFile[], ours: Ours) {
  const folder = mkdtempSync(path.join(tmpdir(), 'refund-books-'))
  cleanUp(() => rmSync(folder, { recursive: true }))
  const differences: Difference[] = []
  const totals = await reconcile({
    files,
    ours: booksOf(ours),
    folder,
    onProgress: () => {},
    onDifference: async (difference) => Promise.resolve(void differences.push(difference)),
  })
  expect(readdirSync(folder), 'left behind').toEqual([])
  return { differences, totals }
}

test('books that say the same have no difference', async () => {
  const { differences, totals } = await compared([reportOf([lineOf('R1'), '', lineOf('R2', '2')])], {
    settled: [
      { no_refund: 'R1', settle_date: DAY },
      { no_refund: 'R2', fen: 200 },
    ],
  })
  expect(differences).toEqual([])
  expect(totals).toMatchObject([{ lines: 2, refunds: 2, refunds_fen: 300, matched: 2, matched_fen: 300 }])
})

test('each kind of difference is told once, with what both say', async () => {
  const lines = [
    lineOf('dear', '2.00'),
    lineOf('by-hand', '3.50'),
    lineOf('failed'),
    lineOf('open'),
    lineOf('late'),
    lineOf('old'),
    lineOf('double'),
    'rubbish',
    lineOf('double'),
  ]
  const { differences } = await compared([reportOf(lines)], {
    settled: [
      { no_refund: 'dear', settle_date: DAY },
      { no_refund: 'double', settle_date: DAY },
      { no_refund: 'missing', settle_date: DAY },
    ],
    others: {
      failed: { state: 'failed', fen: 100 },
      open: { state: 'processing', fen: 100 },
      late: { state: 'succeeded', fen: 100, settle_date: '20140529' },
      old: 'forgotten',
    },
  })
  const told = Object.fromEntries(differences.map(({ no_refund = '-', kind, lines: at }) => [no_refund, { kind, at }]))
  expect(told).toEqual({
    dear: { kind: 'amount_differs', at: [1] },
    'by-hand': { kind: 'theirs_only', at: [2] },
    failed: { kind: 'state_differs', at: [3] },
    open: { kind: 'state_differs', at: [4] },
    late: { kind: 'date_differs', at: [5] },
    old: { kind: 'forgotten', at: [6] },
    double: { kind: 'twice', at: [7, 9] },
    '-': { kind: 'faulty_line', at: [8] },
    missing: { kind: 'ours_only', at: [] },
  })
  expect(differences).toHaveLength(9)
  expect(differences.find(({ no_refund }) => no_refund === 'by-hand')).toMatchObject({
    theirs: { fen: 350, settle_date: DAY, no_order: 'O-by-hand', dt_refund: '20140528120000' },
  })
})

test('a refund of ours is missed on its own day only, and in one report of several', async () => {
  const next = '20140529'
  const settled = [
    { no_refund: 'theirs', settle_date: next },
    { no_refund: 'not-told', settled_at: NOON },
    { no_refund: 'other-day', settle_date: '20140530' },
    { no_refund: 'other-merchant', oid_partner: '201403251000009999', settle_date: DAY },
  ]
  const { differences } = await compared([reportOf([]), reportOf([lineOf('theirs', '1.00', next)], next)], { settled })
  expect(differences).toMatchObject([
    {
      kind: 'ours_only',
      no_refund: 'not-told',
      file: `JYMX_${PARTNER}_${DAY}.txt`,
      note: expect.stringContaining('day'),
    },
  ])
})

test('a number in the reports of two days is money paid twice', async () => {
  const { differences, totals } = await compared(
    [reportOf([lineOf('R1')]), reportOf([lineOf('R1', '1', '20140529')], '20140529')],
    {
      settled: [{ no_refund: 'R1', settle_date: DAY }],
    },
  )
  expect(differences).toMatchObject([
    { kind: 'twice', no_refund: 'R1', note: expect.stringContaining('20140529.txt:1') },
  ])
  expect(totals.map(({ differences: { twice }, twice_in }) => ({ twice, twice_in }))).toEqual([
    { twice: 1, twice_in: ['20140529'] },
    { twice: 1, twice_in: [DAY] },
  ])
})

test.for([
  ['of our own day, told', { settle_date: DAY, learned: NOON }, []],
  ['of our own day, as far as we know', { learned: NOON }, []],
  ['of the day beside, as midnight may lie between', { learned: NOON + 86_400_000 }, []],
  ['of another day than was told', { settle_date: '20140526', learned: NOON }, ['the report of 20140526 may have it']],
  ['of a day before', { learned: NOON + 2 * 86_400_000 }, ['the report of 20140530, when we learned of it, may']],
  ['of a day later', { learned: NOON - 2 * 86_400_000 }, ['the report of 20140526, when we learned of it, may']],
] as const)('the report of one day, with a refund %s', async ([, known, notes]) => {
  const { differences, totals } = await compared([reportOf([lineOf('R1')])], {
    others: { R1: { state: 'succeeded', fen: 100, ...known } },
  })
  expect(differences).toMatchObject(
    notes.map((note) => ({ kind: 'date_differs', note: expect.stringContaining(note) })),
  )
  expect(totals[0]?.matched).toBe(notes.length === 0 ? 1 : 0)
})

test('a refund of no known day may stand in any of the reports that are compared together with that of its day', async () => {
  const later = '20140603'
  const { differences, totals } = await compared([reportOf([]), reportOf([lineOf('R1', '1', later)], later)], {
    settled: [{ no_refund: 'R1', settled_at: NOON }],
  })
  expect({ differences, matched: totals.map(({ matched }) => matched) }).toEqual({ differences: [], matched: [0, 1] })
})

test('whatever both books hold, each number is matched or told exactly once', async () => {
  const numbers = fc.uniqueArray(fc.stringMatching(/^[A-Za-z0-9_.-]{1,8}$/), { maxLength: 60 })
  await fc.assert(
    fc.asyncProperty(numbers, numbers, async (theirs, ours) => {
      const settled = ours.map((no_refund) => ({ no_refund, settle_date: DAY }))
      const { differences, totals } = await compared([reportOf(theirs.map((each) => lineOf(each)))], { settled })
      const both = theirs.filter((each) => ours.includes(each))
      expect(totals[0]?.matched).toBe(both.length)
      expect(differences.map(({ no_refund = '' }) => no_refund).toSorted()).toEqual(
        [...theirs, ...ours].filter((each) => !both.includes(each)).toSorted(),
      )
    }),
    { numRuns: 50 },
  )
})
