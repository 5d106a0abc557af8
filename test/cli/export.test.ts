import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { EXPORT_FIELDS } from '../../src/cli/export-row.ts'
import { encodeRecord } from '../../src/ledger/codec.ts'
import { gatewayDay } from '../../src/refund/gateway-time.ts'
import { accepted, claim, idOf, seenJob, type TestLedger, testLedger } from '../ledger/fixture.ts'
import { FEN, PARTNER, submit, submits } from '../refund/builders.ts'
import { programEnvironment } from '../support/program-environment.ts'
import { preparedMix, sent } from './mix.ts'
import { json, jsonLines, MAIN, operatorSettings, refundctl } from './refundctl.ts'

const TODAY = gatewayDay(Date.now())
const DAY_MS = 86_400_000
const TWO_MONTHS = 60 * DAY_MS

/** Makes a settled refund older in all that an export goes by: its record, its history, and its place in the lists. */
async function backdate(at: TestLedger, no_refund: string, ms: number): Promise<void> {
  const record = await at.record(idOf(no_refund))
  const { event } = record
  if (!event) throw new Error(`${no_refund} has not ended`)
  const older = { ...record, requested_at: record.requested_at - ms, event: { ...event, time: event.time - ms } }
  const lines = (await at.ledger.trail(record)).map((line) => {
    const { at: moment, ...rest } = json(line)
    return JSON.stringify({ ...rest, at: Number(moment) - ms })
  })
  const stored = [encodeRecord(older, record.version, record.token ?? ''), ...lines].join('\n')
  await at.redis.set(at.keys.record(record), stored)
  const index = at.keys.index(`state:${record.state}`)
  await at.redis.zincrby(index, -ms, `${PARTNER}:${no_refund}`)
}

test('an export has every refund of its days once, in both forms', async () => {
  const { ctl } = await preparedMix()
  const all = ['disputed', 'lost', 'paid', 'poor-1', 'poor-2', 'refused', 'taken', 'waits', 'wrong']
  const { code, out, err } = await ctl('export', '--from', '20261101', '--format', 'jsonl')
  expect(code, err).toBe(0)
  expect(
    jsonLines(out)
      .map(({ no_refund }) => String(no_refund))
      .toSorted(),
  ).toEqual(all)
  expect(err).toBe('9 refunds, 2,405.56 yuan\n')
  const { out: csv } = await ctl('export', '--from', TODAY)
  const [head, ...rows] = csv.trimEnd().split('\r\n')
  expect(head).toBe(EXPORT_FIELDS.join(','))
  expect(rows.map((row) => row.split(',')[1] ?? '').toSorted()).toEqual(all)
})

test('the days are those of UTC+8, both included, of the request or of the end', async () => {
  const at = testLedger()
  const ctl = refundctl(operatorSettings(at.prefix))
  await accepted(at, { no_refund: 'open' })
  await sent(at, 'paid', submits.accepted('2'))
  const numbers = async (...days: string[]) =>
    jsonLines((await ctl('export', '--format', 'jsonl', ...days)).out).map(({ no_refund }) => no_refund)
  expect(await numbers('--from', '2020-01-01', '--to', '2020-12-31')).toEqual([])
  expect(await numbers('--from', TODAY, '--by', 'settled')).toEqual(['paid'])
  expect(await numbers('--from', TODAY, '--partner', PARTNER)).toEqual(['open', 'paid'])
})

test('a refund stays in the day of its end, whatever a person corrects later', async () => {
  const at = testLedger()
  const ctl = refundctl(operatorSettings(at.prefix))
  const notice = (sta_refund: string) => ({ type: 'notice', notice: { fields: { sta_refund } } }) as const
  for (const [no_refund, first, other] of [
    ['stays', '2', '3'],
    ['changes', '3', '2'],
  ] as const) {
    await sent(at, no_refund, submits.accepted('0'))
    const { request } = await at.record(idOf(no_refund))
    const fields = { sta_refund: first }
    const told = { fen: FEN, dt_refund: request?.dt_refund ?? '', fields }
    await at.see(idOf(no_refund), { type: 'notice', notice: told })
    await at.see(idOf(no_refund), notice(other))
    await backdate(at, no_refund, TWO_MONTHS)
  }
  for (const no_refund of ['stays', 'changes']) {
    await at.see(idOf(no_refund), { type: 'resolve', by: 'ann', outcome: 'succeeded', evidence: 'ticket 9' })
  }
  const exported = async (...days: string[]) =>
    jsonLines((await ctl('export', '--format', 'jsonl', '--by', 'settled', ...days)).out)
  const then = gatewayDay(Date.now() - TWO_MONTHS)
  expect(await exported('--from', TODAY)).toEqual([])
  const rows = await exported('--from', gatewayDay(Date.now() - TWO_MONTHS - DAY_MS), '--to', then)
  expect(rows.map(({ no_refund, state, events }) => [no_refund, state, events].join(' ')).toSorted()).toEqual([
    'changes succeeded 2',
    'stays succeeded 2',
  ])
  expect(rows.map(({ settled_at }) => String(settled_at).slice(0, 10).replaceAll('-', ''))).toEqual([then, then])
})

test('a job whose time lies after the end of its refund is counted by that end', async () => {
  const at = testLedger()
  const ctl = refundctl(operatorSettings(at.prefix))
  await at.see(idOf('ahead'), seenJob({ no_refund: 'ahead' }, { permit: claim(), at: Date.now() + TWO_MONTHS }))
  await at.see(idOf('ahead'), submit(submits.accepted('2')))
  const numbers = async (...days: string[]) =>
    jsonLines((await ctl('export', '--format', 'jsonl', ...days)).out).map(({ no_refund }) => no_refund)
  expect(await numbers('--from', TODAY)).toEqual(['ahead'])
  expect(await numbers('--from', gatewayDay(Date.now() + TWO_MONTHS - DAY_MS), '--to', '20990101')).toEqual([])
})

test('an export that cannot be written ends in one line with exit code 1', async () => {
  const { env } = await preparedMix()
  const args = ['-c', 'exec "$0" "$@" > /dev/full', process.execPath, MAIN, 'export', '--from', TODAY]
  const { status, stderr } = spawnSync('sh', args, { env: { ...programEnvironment, ...env }, encoding: 'utf8' })
  expect(status).toBe(1)
  expect(stderr).toMatch(/^refundctl: the output cannot be written: ENOSPC.*\n$/)
})

test('a paid refund has its amount, what the gateway said, and times with their zone', async () => {
  const { ctl } = await preparedMix()
  const { out } = await ctl('export', '--from', TODAY, '--format', 'jsonl')
  const zoned = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+08:00$/)
  expect(jsonLines(out).find(({ no_refund }) => no_refund === 'paid')).toEqual({
    oid_partner: PARTNER,
    no_refund: 'paid',
    state: 'succeeded',
    holds: [],
    money_refund: '200.01',
    kind: 'domestic',
    no_order: 'order-paid',
    dt_refund: expect.stringMatching(/^\d{14}$/),
    attempts: 1,
    ret_code: '0000',
    ret_msg: '交易成功',
    oid_refundno: '2013051613121201',
    sta_refund: '2',
    settled_by: 'response',
    contradiction: false,
    reasons: [],
    events: 1,
    requested_at: zoned,
    created_at: zoned,
    updated_at: zoned,
    settled_at: zoned,
  })
})

test('a spreadsheet runs nothing that a producer or the gateway wrote', async () => {
  const at = testLedger()
  const ctl = refundctl(operatorSettings(at.prefix))
  const fields = { ...submits.refused.fields, ret_msg: '=HYPERLINK("http://evil.example","refund")' }
  await sent(at, '-1', { ...submits.refused, fields }, { no_order: '@sum', metadata: { note: 'a,"b"' } })
  const { out } = await ctl('export', '--from', TODAY)
  const [, row = ''] = out.split('\r\n')
  expect(row.startsWith(`${PARTNER},'-1,failed,`)).toBe(true)
  expect(row).toContain(`,'@sum,`)
  expect(row).toContain(`,"'=HYPERLINK(""http://evil.example"",""refund"")",`)
  expect(row.endsWith(`,"{""note"":""a,\\""b\\""""}"`)).toBe(true)
})

test('days that do not exist, or run backwards, and a merchant that is not configured are wrong usage', async () => {
  const ctl = refundctl(operatorSettings())
  const codes = await Promise.all(
    [
      ['--from', '2026-02-30'],
      ['--from', TODAY, '--to', '2020-01-01'],
      ['--from', TODAY, '--partner', '201103171000000009'],
      [],
    ].map(async (days) => (await ctl('export', ...days)).code),
  )
  expect(codes).toEqual([2, 2, 2, 2])
})

test('docs/data.md describes every field of an export, in its order', () => {
  const page = readFileSync(new URL('../../docs/data.md', import.meta.url), 'utf8')
  const [, section = ''] = page.split('## Fields of an export')
  const described = [...section.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name)
  expect(described).toEqual(EXPORT_FIELDS)
})
