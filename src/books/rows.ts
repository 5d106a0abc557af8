import type { RefundIdentity } from '../refund/job-data.ts'
import type { OpenReport, OurRefund, TheirEntry } from './compare.ts'
import type { TheirRefund } from './report-line.ts'

/** How both books' refunds are put aside: cells without tabs and line ends. */

const OURS = 'our'
const THEIRS = 'their'

export function keyOf({ oid_partner, no_refund }: RefundIdentity): string {
  return `${oid_partner}:${no_refund}`
}

export function ourRow({ oid_partner, no_refund, fen, settle_date, settled_at }: OurRefund) {
  return [OURS, oid_partner, no_refund, fen, settle_date ?? '', settled_at]
}

/** @param file the place of its file among the others */
export function theirRow(
  { no_refund, fen, settle_date, no_order, dt_refund }: TheirRefund,
  line: number,
  file: number,
) {
  return [THEIRS, file, line, no_refund, fen, settle_date, dt_refund ?? '', no_order.replaceAll('\t', ' ')]
}

export function readRow(
  [whose, ...cells]: readonly string[],
  reports: readonly OpenReport[],
): { readonly ours: OurRefund } | { readonly theirs: TheirEntry } {
  return whose === OURS ? { ours: readOurs(cells) } : { theirs: readTheirs(cells, reports) }
}

function readOurs([oid_partner = '', no_refund = '', fen, settle_date = '', settled_at]: readonly string[]): OurRefund {
  const told = { oid_partner, no_refund, fen: Number(fen), settled_at: Number(settled_at) }
  return settle_date === '' ? told : { ...told, settle_date }
}

function readTheirs(cells: readonly string[], reports: readonly OpenReport[]): TheirEntry {
  const [file, line, no_refund = '', fen, settle_date = '', dt_refund = '', no_order = ''] = cells
  const report = reports[Number(file)]
  if (!report) throw new TypeError('a row of no report')
  const told = { report, line: Number(line), no_refund, fen: Number(fen), settle_date, no_order }
  return dt_refund === '' ? told : { ...told, dt_refund }
}
