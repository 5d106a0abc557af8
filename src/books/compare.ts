import { gatewayDay } from '../refund/gateway-time.ts'
import type { RefundIdentity } from '../refund/job-data.ts'
import type { State } from '../refund/record.ts'
import type { Difference, Said } from './difference.ts'
import { covers, type Report } from './report.ts'
import type { TheirRefund } from './report-line.ts'

/** A report that is being compared, and the file that it is in. */
export interface OpenReport extends Report {
  readonly file: string
}

/** A line of theirs, with the report that it stands in. */
export interface TheirEntry extends TheirRefund {
  readonly report: OpenReport
  readonly line: number
}

/** A refund that succeeded for us. */
export interface OurRefund extends RefundIdentity {
  readonly fen: number
  readonly settle_date?: string
  /** when we learned it, epoch ms */
  readonly settled_at: number
}

/** What our books have under a number; `forgotten` when that was too long ago. */
export type Known = (Said & { readonly state: State }) | 'forgotten' | undefined

export type Compared = { readonly matched: TheirEntry } | { readonly difference: Difference }

/** The lines of one number against what is known of it. */
export function compareEntries(entries: readonly [TheirEntry, ...TheirEntry[]], known: Known): Compared {
  const [entry] = entries
  const { report, no_refund, line: _line, ...theirs } = entry
  const difference = (kind: Difference['kind'], note?: string): Compared => ({
    difference: {
      kind,
      oid_partner: report.oid_partner,
      no_refund,
      file: report.file,
      lines: entries.filter((each) => each.report === report).map((each) => each.line),
      theirs,
      ...(known !== undefined && known !== 'forgotten' && { ours: known }),
      ...(note !== undefined && { note }),
    },
  })
  if (entries.length > 1) return difference('twice', twiceNote(entries))
  if (known === undefined) return difference('theirs_only')
  if (known === 'forgotten') return difference('forgotten', 'settled so long ago that only the number is known')
  if (known.state !== 'succeeded') return difference('state_differs')
  if (known.fen !== theirs.fen) return difference('amount_differs')
  if (known.settle_date !== undefined && known.settle_date !== theirs.settle_date) return difference('date_differs')
  return { matched: entry }
}

function twiceNote(entries: readonly TheirEntry[]): string {
  const places = entries.map(({ report, line }) => `${report.file}:${line}`)
  const shown = places.slice(0, 5).join(', ')
  return `${entries.length} lines: ${shown}${places.length > 5 ? ', ...' : ''}`
}

/**
 * The report that a refund of ours must stand in, if it is one of them. Where the gateway never told the day of
 * settlement it is taken to be the one on which we learned of the success.
 */
export function reportFor(refund: OurRefund, reports: readonly OpenReport[]): OpenReport | undefined {
  const day = refund.settle_date ?? gatewayDay(refund.settled_at)
  return reports.find((report) => report.oid_partner === refund.oid_partner && covers(report, day))
}

export function missing(refund: OurRefund, report: OpenReport): Difference {
  const { oid_partner, no_refund, fen, settle_date } = refund
  return {
    kind: 'ours_only',
    oid_partner,
    no_refund,
    file: report.file,
    lines: [],
    ours: { state: 'succeeded', fen, ...(settle_date !== undefined && { settle_date }) },
    ...(settle_date === undefined && { note: 'its day of settlement is not known: it may be in a report beside this' }),
  }
}
