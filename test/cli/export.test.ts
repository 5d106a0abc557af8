import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { EXPORT_FIELDS } from '../../src/cli/export-row.ts'
import { gatewayDay } from '../../src/refund/gateway-time.ts'
import { accepted, testLedger } from '../ledger/fixture.ts'
import { PARTNER, submits } from '../refund/builders.ts'
import { preparedMix, sent } from './mix.ts'
import { jsonLines, operatorSettings, refundctl } from './refundctl.ts'

const TODAY = gatewayDay(Date.now())

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
  expect(await numbers('--from', TODAY, '--partner', '201103171000000009')).toEqual([])
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

test('days that do not exist, or run backwards, are wrong usage', async () => {
  const ctl = refundctl(operatorSettings())
  const codes = await Promise.all(
    [['--from', '2026-02-30'], ['--from', TODAY, '--to', '2020-01-01'], []].map(
      async (days) => (await ctl('export', ...days)).code,
    ),
  )
  expect(codes).toEqual([2, 2, 2])
})

test('docs/data.md describes every field of an export, in its order', () => {
  const page = readFileSync(new URL('../../docs/data.md', import.meta.url), 'utf8')
  const [, section = ''] = page.split('## Fields of an export')
  const described = [...section.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name)
  expect(described).toEqual(EXPORT_FIELDS)
})
