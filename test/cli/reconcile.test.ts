import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { accepted, idOf } from '../ledger/fixture.ts'
import { PARTNER, submits } from '../refund/builders.ts'
import { sent } from './mix.ts'
import { json, jsonLines } from './refundctl.ts'
import { books, lines, NAME, paid, reportOf, TODAY } from './reports.ts'

test('books that agree end with 0, in both forms of the report', async () => {
  const { at, ctl, compared } = books()
  await paid(at, 'R1')
  await paid(at, 'R2')
  for (const [columns, end] of [
    ['order', '\n'],
    ['currencies', '\r\n'],
  ] as const) {
    const file = reportOf(['\ufeffno_order | oid_partner', ...lines('R1', columns), ...lines('R2', columns)], { end })
    const { code, out, err } = await ctl('reconcile', file)
    expect({ code, out }, err).toEqual({ code: 0, out: '' })
    expect(err).toContain('5 lines, of these 2 refunds of 400.02 yuan')
    expect(err).toContain('the books agree')
  }
  expect(await compared()).toEqual([{ oid_partner: PARTNER, at: expect.any(Number), differences: {} }])
})

/** A day on which everything is wrong that can be. */
async function badDay() {
  const all = books()
  for (const no_refund of ['good', 'missing', 'dear', 'double', 'cut']) await paid(all.at, no_refund)
  await paid(all.at, 'late', '20200101')
  await sent(all.at, 'refused', submits.refused)
  const file = reportOf([
    ...lines('good'),
    ...lines('missing', 'order', 'left_out'),
    ...lines('dear', 'order', 'other_amount'),
    ...lines('double', 'order', 'doubled'),
    ...lines('cut', 'order', 'broken_off'),
    ...lines('late'),
    ...lines('refused'),
    ...lines('by-hand'),
    lines('foreign').join('').replaceAll(PARTNER, '201103171000000009'),
  ])
  return { ...all, file }
}

const ALL = [
  'amount_differs dear',
  'twice double',
  'faulty_line -',
  'date_differs late',
  'state_differs refused',
  'theirs_only by-hand',
  'faulty_line -',
  'ours_only cut',
  'ours_only missing',
]

test('every difference is a row, by its line, and the exit code is 1', async () => {
  const { ctl, file } = await badDay()
  const { code, out, err } = await ctl('reconcile', file, '-o', 'jsonl')
  expect(code).toBe(1)
  const rows = jsonLines(out)
  expect(rows.map(({ kind, no_refund = '-' }) => `${String(kind)} ${String(no_refund)}`)).toEqual(ALL)
  expect(rows[0]).toEqual({
    kind: 'amount_differs',
    oid_partner: PARTNER,
    no_refund: 'dear',
    file: NAME,
    lines: [5],
    theirs: { money_refund: '200.02', settle_date: TODAY, no_order: 'order-dear', dt_refund: `${TODAY}080000` },
    ours: { state: 'succeeded', money_refund: '200.01', settle_date: TODAY },
  })
  expect(err).toContain('matched 1 refund, 200.01 yuan')
  expect(err).toContain('refundctl: 9 differences')
})

test('table, JSON and CSV tell the same rows', async () => {
  const { ctl, file } = await badDay()
  const [table, whole, csv] = await Promise.all(
    ['table', 'json', 'csv'].map(async (form) => (await ctl('reconcile', file, '-o', form)).out),
  )
  expect(table?.trimEnd().split('\n')).toHaveLength(ALL.length + 1)
  expect(table).toMatch(/^twice +double +200\.01 +200\.01 +succeeded/m)
  expect(json(whole ?? '')).toMatchObject({
    differences: ALL.map((row) => ({ kind: row.split(' ')[0] })),
    reports: [{ file: NAME, refunds: 7, matched: 1, differences: { twice: 1, ours_only: 2, faulty_line: 2 } }],
  })
  const [head, first] = csv?.split('\r\n') ?? []
  expect(head).toMatch(/^kind,oid_partner,no_refund,file,lines,/)
  expect(first).toBe(
    `amount_differs,${PARTNER},dear,${NAME},5,200.02,200.01,succeeded,${TODAY},${TODAY},order-dear,${TODAY}080000,`,
  )
})

test('metrics learn of the differences until the day is compared anew, and never by a dry run', async () => {
  const { at, ctl, file, compared } = await badDay()
  await ctl('reconcile', file, '--dry-run')
  expect(await compared()).toEqual([])
  await ctl('reconcile', file)
  const differences = { twice: 1, theirs_only: 1, ours_only: 2, state_differs: 1, amount_differs: 1, date_differs: 1 }
  expect(await compared()).toMatchObject([{ differences: { ...differences, faulty_line: 2 } }])
  expect((await at.ledger.view([])).books).toMatchObject([{ differences }])
  const mended = reportOf(['good', 'missing', 'dear', 'double', 'cut'].flatMap((each) => lines(each)))
  expect((await ctl('reconcile', mended)).code).toBe(0)
  expect(await compared()).toMatchObject([{ differences: {} }])
})

test('a person accepts differences with a reason: they end the alert, and stand in the list of operations', async () => {
  const { at, ctl, file, compared } = await badDay()
  expect(await ctl('reconcile', file, '--accept')).toMatchObject({ code: 2, err: expect.stringContaining('--reason') })
  expect((await ctl('reconcile', file, '--accept', '--reason', 'ticket 9', '--as', 'ann')).code).toBe(1)
  expect(await compared()).toMatchObject([{ differences: {} }])
  expect(await at.ledger.operations(1)).toMatchObject([
    { by: 'ann', reason: 'ticket 9', action: `accept 9 differences in ${NAME}` },
  ])
})

test('refunds made by hand are offered as jobs whose numbers are asked about, and never sent', async () => {
  const { at, ctl, file } = await badDay()
  const offer = path.join(path.dirname(file), 'by-hand.ndjson')
  const { err } = await ctl('reconcile', file, '--offer', offer)
  expect(err).toContain('offered 1 refund')
  expect(jsonLines(readFileSync(offer, 'utf8'))).toEqual([
    {
      oid_partner: PARTNER,
      no_refund: 'by-hand',
      money_refund: '200.01',
      no_order: 'order-by-hand',
      dt_refund: `${TODAY}080000`,
    },
  ])
  expect((await ctl('enqueue', '--file', offer, '--dry-run')).code).toBe(0)
  // as a worker takes the job
  const record = await accepted(at, json(readFileSync(offer, 'utf8')))
  expect(record).toMatchObject({ state: 'unknown', foreign: true, request: { dt_refund: `${TODAY}080000` } })
  expect(await at.record(idOf('by-hand'))).toMatchObject({ state: 'unknown' })
  // over an offer that nobody has taken yet nothing is written
  expect(await ctl('reconcile', file, '--offer', offer)).toMatchObject({ code: 2 })
})

test('what is no report of a configured merchant is wrong usage, and changes nothing', async () => {
  const { ctl, compared } = books()
  const run = async (...names: readonly string[]) =>
    ctl('reconcile', ...names.map((name) => reportOf(lines('R1'), { name })))
  const results = await Promise.all([
    run('report.txt'),
    run(`JYMXSUM_${PARTNER}_${TODAY}.txt`),
    run(`JYMX_201103171000000009_${TODAY}.txt`),
    run(NAME, `JYMX_${PARTNER}_${TODAY.slice(0, 6)}.txt`),
    ctl('reconcile', `/nowhere/${NAME}`),
  ])
  expect(results.map(({ code, err }) => [code, err.split('\n')[0]])).toEqual([
    [2, expect.stringContaining('expected a report named JYMX_')],
    [2, expect.stringContaining('the summary names no single refund')],
    [2, expect.stringContaining('is not a configured merchant')],
    [2, expect.stringContaining('have days in common')],
    [2, expect.stringContaining('ENOENT')],
  ])
  const utf16 = reportOf([])
  writeFileSync(utf16, Buffer.from(`\ufeff${lines('R1').join('\n')}`, 'utf16le'))
  expect(await ctl('reconcile', utf16)).toMatchObject({ code: 2, err: expect.stringContaining('UTF-16') })
  expect(await compared()).toEqual([])
})
