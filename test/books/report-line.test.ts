import { expect, test } from 'vitest'
import { reportOfName } from '../../src/books/report.ts'
import { readReportLine } from '../../src/books/report-line.ts'

const PARTNER = '201403251000001147'
const REPORT = { oid_partner: PARTNER, period: '20140528' }
const REFUND = {
  no_refund: 'R1',
  fen: 20_001,
  settle_date: '20140528',
  no_order: 'O1',
  dt_refund: '20140528163556',
}
const BY_ORDER = `R1,${PARTNER},20140528 16:35:56,101001,O1,20140528,-200.01,1,5,20140528 16:35:56,-0.5,网关,快捷,备注`
const BY_CURRENCIES =
  `R1|${PARTNER}|20140528 16:35:56|101001|O1|20140528|CNY|-200.01|CNY|-200.01|CNY|-200.01|1|5|20140528 16:35:56|-0.5|API|debit|note`.split(
    '|',
  )
const read = (line: string, first?: boolean) => readReportLine(line, REPORT, first)

test("the documents' own sample lines are payments", () => {
  const samples = [
    '201405287094797,201403251000001147,20140528 16:35:56,101001,2014052846671792,20140528,100,0,0, 20140528 16:35:56,0.5,手机应用支付网关,储蓄卡快捷支付,彩票连连支付充值',
    '201405287094244,201403251000001147,20140528 16:32:53,101001,2014052846671022,20140528,15,0,0, ,20140528 16:32:53,0.1,手机应用支付网关,信用卡快捷支付,彩票连连支付充值',
  ]
  for (const sample of samples) expect(read(sample)).toEqual({ kind: 'other' })
})

test('both sets of columns tell the same refund, with either delimiter and with spaces around it', () => {
  const lines = [
    BY_ORDER,
    BY_ORDER.replaceAll(',', '|'),
    BY_CURRENCIES.join('|'),
    BY_CURRENCIES.join(' | '),
    BY_CURRENCIES.join(','),
  ]
  for (const line of lines) expect(read(line)).toEqual({ kind: 'refund', refund: REFUND })
})

test('delimiters within the last column, or within a character of GBK, change nothing', () => {
  // 0xd57c is a character of GBK, 0x7c a bar
  const gbk = `${BY_CURRENCIES.slice(0, 16).join('|')}|\u00d5|\u00d5|a|b, c|d`
  expect(read(gbk)).toEqual({ kind: 'refund', refund: REFUND })
  expect(read(`${BY_ORDER},and,more,of,it,a,b,c,d,e`)).toEqual({ kind: 'refund', refund: REFUND })
})

test('a header is one on the first line only', () => {
  expect(read('no_order | oid_partner | dt_order', true)).toEqual({ kind: 'other' })
  expect(read('no_order | oid_partner | dt_order')).toMatchObject({ kind: 'fault' })
})

test.for([
  ['an amount in another currency is read where it is in yuan', ['USD', '-30.03', 'CNY', '-200.01', 'USD', '-30.03']],
  ['whatever the case of the currency', ['usd', '-30.03', 'usd', '-30.03', 'cny', '-200.01']],
] as const)('%s', ([, amounts]) => {
  const line = [...BY_CURRENCIES.slice(0, 6), ...amounts, ...BY_CURRENCIES.slice(12)].join('|')
  expect(read(line)).toEqual({ kind: 'refund', refund: REFUND })
})

test.for([
  ['8 8 551.23 0 0', 'neither | nor , in it'],
  ['8|8|551.23|0||0|', '7 columns, at least 11 are expected'],
  [BY_ORDER.slice(0, 80), 'columns, at least 11 are expected'],
  [BY_ORDER.replace(PARTNER, '201403251000001148'), 'a line of another merchant'],
  [BY_ORDER.replace(',5,', ',7,'), 'a status that is neither 0 nor 5'],
  [BY_ORDER.replace('-200.01', '200.01'), 'a refund whose amount is not negative'],
  [BY_ORDER.replace('-200.01', '-0.00'), 'a refund whose amount is not negative'],
  [BY_ORDER.replace('-200.01', '-2e2'), 'the amount is none'],
  [BY_ORDER.replace('-200.01', '-200.001'), 'the amount is none'],
  [BY_ORDER.replace(',5,', ',0,'), 'a negative amount with status 0, which is no refund'],
  [BY_CURRENCIES.join('|').replace('|5|', '|0|'), 'a negative amount with status 0, which is no refund'],
  [BY_ORDER.replace(',20140528,', ',,20140528,').replace(',5,', ',0,'), 'cells may be missing, or too many'],
  [BY_ORDER.replace('O1,', ''), 'cells may be missing, or too many'],
  [BY_ORDER.replace(',101001', '').replace(',O1', ''), 'cells may be missing, or too many'],
  [BY_ORDER.replace('R1', ''), 'the refund number is none'],
  [BY_ORDER.replace('O1,20140528,', 'O1,2014-05-28,'), 'settle_date is no day'],
  [BY_CURRENCIES.join('|').replaceAll('CNY', 'USD'), 'no amount of it is in CNY'],
] as const)('%s is told: %s', ([line, note]) => {
  expect(read(line)).toEqual({ kind: 'fault', note: expect.stringContaining(note) })
})

test('a refund of another day is compared, and told', () => {
  expect(read(BY_ORDER.replace('O1,20140528', 'O1,20140529'))).toMatchObject({
    kind: 'refund',
    refund: { settle_date: '20140529' },
    note: 'settle_date 20140529 in the report of 20140528',
  })
})

test('reports are known by their names: daily and monthly ones, of days that exist', () => {
  expect(reportOfName(`JYMX_${PARTNER}_20140528.txt`)).toEqual(REPORT)
  expect(reportOfName(`JYMX_${PARTNER}_201405.txt`)).toEqual({ oid_partner: PARTNER, period: '201405' })
  for (const name of [
    `JYMX_${PARTNER}_20140230.txt`,
    `JYMX_${PARTNER}_201413.txt`,
    `JYMXSUM_${PARTNER}_20140528.txt`,
  ]) {
    expect(reportOfName(name), name).toBeUndefined()
  }
})
