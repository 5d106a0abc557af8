import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gatewayDay } from '../../src/refund/gateway-time.ts'
import type { ReportFault } from '../../src/simulator/faults.ts'
import { type ReportColumns, type ReportedRefund, reportLines } from '../../src/simulator/report.ts'
import { type TestLedger, testLedger } from '../ledger/fixture.ts'
import { FEN, PARTNER } from '../refund/builders.ts'
import { cleanUp } from '../support/clean-up.ts'
import { sent } from './mix.ts'
import { operatorSettings, refundctl } from './refundctl.ts'

export const TODAY = gatewayDay(Date.now())
export const NAME = `JYMX_${PARTNER}_${TODAY}.txt`

/** A refund that was paid, and of which the gateway told the day of settlement. */
export async function paid(at: TestLedger, no_refund: string, settle_date = TODAY): Promise<void> {
  const fields = { ret_code: '0000', oid_refundno: '2013051613121201', sta_refund: '2', settle_date }
  await sent(at, no_refund, { kind: 'accepted', fields })
}

export function lines(no_refund: string, columns: ReportColumns = 'order', report?: ReportFault): string[] {
  const refund: ReportedRefund = {
    oid_partner: PARTNER,
    no_refund,
    dt_refund: `${TODAY}080000`,
    fen: FEN,
    no_order: `order-${no_refund}`,
    oid_refundno: '2013051613121201',
    settled: { sta_refund: '2', settle_date: TODAY },
    course: report ? { report } : {},
  }
  return reportLines(refund, TODAY, columns)
}

export function reportOf(all: readonly string[], { name = NAME, end = '\n' } = {}): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'refund-report-'))
  cleanUp(() => rmSync(folder, { recursive: true }))
  const file = path.join(folder, name)
  writeFileSync(file, all.map((line) => line + end).join(''))
  return file
}

export function books() {
  const at = testLedger()
  const env = operatorSettings(at.prefix)
  const compared = async () => at.ledger.comparedBooks()
  return { at, ctl: refundctl(env), compared }
}
